//! Scopes as text: what lists show of them, and what operators write.

use countersign::Region;
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

/// Parses the scope of a tally that can be forgiven: a block as `+44770090xxxx`, a region as `GB`,
/// or `purse`.
pub(super) fn parse(text: &str) -> Option<Scope> {
    if text == "purse" {
        return Some(Scope::Purse);
    }
    let Some(block) = text.strip_prefix('+') else {
        return text.parse::<Region>().ok().map(|region| Scope::Region(Some(region)));
    };
    let digits = block.trim_end_matches('x');
    let is_block = (1..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    let hidden = u32::try_from(block.len() - digits.len()).ok()?;
    let prefix = digits.parse().ok()?;
    (is_block && hidden > 0).then_some(Scope::Block { prefix, hidden })
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn parses_what_scopes_show() {
        for scope in [
            Scope::Block { prefix: 4_477_009_001, hidden: 2 },
            Scope::Block { prefix: 447_700, hidden: 6 },
            Scope::Region(Some(Region::GB)),
            Scope::Purse,
        ] {
            assert_eq!(parse(&scope.to_string()), Some(scope));
        }
        for text in ["", "+", "+xx", "+44", "+44x7x", "+04xx", "44xx", "ZZ", "all", "+1234567890123456xx"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
