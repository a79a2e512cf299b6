//! The precomputed answers of a channel's rules. A decision takes two loads, and the first
//! determines the position of the second.
//!
//! The reason cannot be predicted, so a mispredicted branch would cost more than everything else,
//! and the latency of a decision is that of the chain of loads. Measured as in
//! `build/tables/plan/layout.rs`, in ns from the text to the decision:
//!
//! | answers | ns | chain | bytes of a policy |
//! |---|---|---|---|
//! | bits of three region sets, then decisions by these bits | 12.5 | 26.3 | 144 |
//! | the bits from a table by region, then decisions by these bits | 11.1 | 24.5 | 656 |
//! | one table by region, one by type, then select one decision | 10.5 | 22.7 | 688 |
//! | **a row by region, then a decision by row and type** | 9.9 | 23.2 | 1,232 |
//!
//! The selection would be as fast, but only as long as the compiler does not turn it into a branch.

use super::decision::{Decision, Reason};
use super::kinds::Kinds;
use crate::number::Allocation;
use crate::number::plan::Label;
use crate::region::{Region, RegionSet};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Answers {
    /// Indexed by the region number of a label, which may stand for no region: the first of the
    /// row's sixteen decisions.
    rows: [u8; 256],
    /// Indexed by a row and the label's kind number.
    decisions: [Decision; 256],
}

// The status of a country. If several apply, the first in this order wins.
const NO_COUNTRY: u8 = 0x00;
const UNSUPPORTED: u8 = 0x10;
const DENIED: u8 = 0x20;
const NOT_ALLOWED: u8 = 0x30;
const ALLOWED: u8 = 0x40;
/// The bits of the kind number within a row.
const TYPES: u8 = 0x0F;

impl Answers {
    pub(super) const fn new(
        unsupported: RegionSet,
        denied: RegionSet,
        allowed: RegionSet,
        types: Kinds,
    ) -> Self {
        let mut answers = Self { rows: [NO_COUNTRY; 256], decisions: [Decision::Allow; 256] };
        let mut place = 0;
        while place < 256 {
            let number = place as u8;
            answers.rows[place] = match Region::from_label(number) {
                None => NO_COUNTRY,
                Some(region) if unsupported.contains(region) => UNSUPPORTED,
                Some(region) if denied.contains(region) => DENIED,
                Some(region) if !allowed.contains(region) => NOT_ALLOWED,
                Some(_) => ALLOWED,
            };
            answers.decisions[place] = decision(number & !TYPES, (number & TYPES) as u16, types);
            place += 1;
        }
        answers
    }

    /// Returns the decision for a number with this label.
    #[inline]
    pub(super) const fn of(&self, label: Label) -> Decision {
        let row = self.rows[label.region_number() as usize];
        self.decisions[(row | label.kind_number() as u8) as usize]
    }

    /// Returns the decision for a country, or for numbers without one.
    #[inline]
    pub(super) const fn of_region(&self, region: Option<Region>) -> Decision {
        country(match region {
            Some(region) => self.rows[region.label() as usize],
            None => NO_COUNTRY,
        })
    }
}

/// Reasons in order of precedence: no country, an impossible number, the country's status, and then
/// the kind.
const fn decision(row: u8, number: u16, types: Kinds) -> Decision {
    match (row, Label::of_kind(number).allocation()) {
        (NO_COUNTRY, _) => country(row),
        (_, Allocation::Impossible) => Decision::Deny(Reason::Impossible),
        (ALLOWED, _) if types.contains(number) => Decision::Allow,
        (ALLOWED, Allocation::Unallocated) => Decision::Deny(Reason::Unallocated),
        (ALLOWED, Allocation::Assigned(kind)) => Decision::Deny(Reason::Kind(kind)),
        _ => country(row),
    }
}

const fn country(row: u8) -> Decision {
    match row {
        NO_COUNTRY => Decision::Deny(Reason::NoCountry),
        UNSUPPORTED => Decision::Deny(Reason::UnsupportedCountry),
        DENIED => Decision::Deny(Reason::CountryDenied),
        NOT_ALLOWED => Decision::Deny(Reason::CountryNotAllowed),
        _ => Decision::Allow,
    }
}
