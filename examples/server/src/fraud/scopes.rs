//! What lists show of scopes.

use countersign::guard::Scope;

/// The digits that a list hides at the end of a block's numbers.
const HIDDEN: u32 = 4;

/// Returns the scope for a list that people keep or pass on: `+44770090xxxx`, `GB`, `purse`.
///
/// A block of 100 numbers shows all but two digits of a person's number, which together with the
/// time is nearly the number. So a smaller block than 10,000 is shown as the 10,000 around it; the
/// rule names its size. A single recipient is shown without digits.
pub(super) fn without_people(scope: Scope) -> String {
    match scope {
        Scope::Block { prefix, hidden } if hidden < HIDDEN => {
            let prefix = prefix / 10_u64.pow(HIDDEN - hidden);
            Scope::Block { prefix, hidden: HIDDEN }.to_string()
        }
        Scope::Recipient(_) => Scope::Recipient(None).to_string(),
        scope => scope.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use countersign::Region;

    use super::*;

    #[test]
    fn lists_hide_the_last_four_digits() {
        for (scope, shown) in [
            (Scope::Block { prefix: 4_477_009_001, hidden: 2 }, "+44770090xxxx"),
            (Scope::Block { prefix: 447_700_900, hidden: 3 }, "+44770090xxxx"),
            (Scope::Block { prefix: 44_770_090, hidden: 4 }, "+44770090xxxx"),
            (Scope::Block { prefix: 447_700, hidden: 6 }, "+447700xxxxxx"),
            (Scope::Recipient("+447700900123".parse().ok()), "recipient"),
            (Scope::Region(Some(Region::GB)), "GB"),
        ] {
            assert_eq!(without_people(scope), shown);
        }
    }
}
