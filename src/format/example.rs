//! Example numbers.

use crate::number::{Kind, PhoneNumber};
use crate::region::Region;
use crate::tables::EXAMPLES;

/// The bits below region and kind.
const DIGITS: u32 = 52;

impl Region {
    /// Returns libphonenumber's example number of a kind in this region, for a placeholder in a
    /// form or for tests (feature `format`). `None` if the region has no numbers of the kind.
    /// Source: `data/examples.csv`.
    ///
    /// Examples are valid numbers and may belong to somebody: never send messages to them. They
    /// have two peculiarities of the numbering plans:
    ///
    /// - Where the plan does not distinguish fixed lines and mobile phones, such as in North
    ///   America, the kind of either example is [`Kind::FixedLineOrMobile`]. The example of that
    ///   kind is the one of a fixed line everywhere, as in libphonenumber.
    /// - Regions that share ranges list the same examples. The number then belongs to the main
    ///   region: Jamaica's toll-free example is one of the US, and the Vatican's mobile one of
    ///   Italy. Norfolk Island's fixed line is one of the Australian Antarctic Territory
    ///   (`data/corrections.csv`).
    ///
    /// ```
    /// use countersign::{Kind, Region};
    ///
    /// let mobile = Region::FR.example(Kind::Mobile).unwrap();
    /// assert_eq!(mobile.to_string(), "+33612345678");
    /// assert_eq!(Region::BV.example(Kind::Mobile), None);
    /// ```
    #[must_use]
    pub fn example(self, kind: Kind) -> Option<PhoneNumber> {
        let kind = if kind == Kind::FixedLineOrMobile { Kind::FixedLine } else { kind };
        let key = u64::from(self.label()) << 4 | u64::from(kind.number());
        let place = EXAMPLES.binary_search_by_key(&key, |example| example >> DIGITS).ok()?;
        let digits = EXAMPLES.get(place)? & ((1 << DIGITS) - 1);
        PhoneNumber::try_from(crate::number::E164::new(digits).as_str()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::DIALLING;

    #[test]
    fn every_example_is_assigned_to_its_kind_and_calling_code() {
        let mut found = 0;
        for region in Region::all() {
            for kind in Kind::ALL {
                let Some(number) = region.example(kind) else { continue };
                found += 1;
                let same = match number.kind() {
                    Some(Kind::FixedLineOrMobile) => {
                        matches!(kind, Kind::FixedLine | Kind::Mobile | Kind::FixedLineOrMobile)
                    }
                    Some(Kind::FixedLine) => matches!(kind, Kind::FixedLine | Kind::FixedLineOrMobile),
                    other => other == Some(kind),
                };
                assert!(same, "{region} {kind}: {:?}", number.allocation());
                assert_eq!(number.calling_code(), DIALLING[region.index()].0, "{region} {kind}");
            }
        }
        assert!(found > 1300, "{found}");
    }
}
