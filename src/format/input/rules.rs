//! What the tables say about a calling code and its formats.

use crate::format::layout::layout;
use crate::number::program;
use crate::region::Region;
use crate::tables::{
    PREFIX_PROGRAM, PREFIX_RULES, TYPING_CODES, TYPING_CONDITIONS, TYPING_LAYOUTS, TYPING_PROGRAM,
    TYPING_ROWS,
};

/// A format: a row of `data/formats.csv`.
pub(crate) struct Row {
    /// Formats with the same groups have the same number.
    pub(crate) groups: u16,
    /// The first of its patterns of leading digits in `TYPING_CONDITIONS`.
    pub(crate) conditions: u16,
    /// The count of these patterns.
    pub(crate) count: u8,
    /// The fewest and most digits of a number that it fits.
    pub(crate) fewest: u8,
    pub(crate) most: u8,
    /// The first layout of its national form in `TYPING_LAYOUTS`, for the fewest digits.
    pub(crate) national: u16,
    /// The same for its international form; [`NONE`] if there is none.
    pub(crate) international: u16,
    /// Bits that `build/tables/formats/row.rs` describes.
    pub(crate) flags: u8,
}

const NONE: u16 = u16::MAX;

const TYPED_NATIONAL: u8 = 1;
const TYPED_INTERNATIONAL: u8 = 1 << 1;
const NEEDS_PREFIX: u8 = 1 << 2;
const HAS_CARRIER: u8 = 1 << 3;
const PREFIX_IS_OPTIONAL: u8 = 1 << 4;
const SPACE_AFTER_PREFIX: u8 = 1 << 5;

impl Row {
    /// Returns whether the format can be shown while somebody types: it begins with the first
    /// group and adds no digits.
    pub(super) fn can_be_typed(&self, international: bool) -> bool {
        let flag = if international { TYPED_INTERNATIONAL } else { TYPED_NATIONAL };
        self.flags & flag != 0
    }

    pub(super) fn is_international(&self) -> bool {
        self.international != NONE
    }

    /// Returns whether the format is for numbers without a national prefix only.
    pub(super) fn excludes_prefix(&self) -> bool {
        self.flags & (NEEDS_PREFIX | PREFIX_IS_OPTIONAL | HAS_CARRIER) == 0
    }

    /// Returns whether the format is for numbers with a national prefix only.
    pub(super) fn requires_prefix(&self) -> bool {
        self.flags & (NEEDS_PREFIX | PREFIX_IS_OPTIONAL) == NEEDS_PREFIX
    }

    /// Returns whether the national prefix is separated from the number.
    pub(super) fn separates_prefix(&self) -> bool {
        self.flags & SPACE_AFTER_PREFIX != 0
    }

    /// Returns whether the leading digits match as far as they are known: the first pattern is for
    /// three digits, and each other one for one digit more.
    pub(super) fn begins(&self, national: &[u8]) -> bool {
        let Some(last) = usize::from(self.count).checked_sub(1) else { return true };
        let place = usize::from(self.conditions) + national.len().saturating_sub(3).min(last);
        TYPING_CONDITIONS
            .get(place)
            .is_some_and(|&start| program::run(&TYPING_PROGRAM, start, national).is_some())
    }

    /// Returns the layout of a number of `length` digits, or `None` if it does not fit.
    pub(super) fn layout(&self, length: usize, international: bool) -> Option<&'static [u8]> {
        let run = if international { self.international } else { self.national };
        let fits = (usize::from(self.fewest)..=usize::from(self.most)).contains(&length) && run != NONE;
        let place = usize::from(run) + length.checked_sub(usize::from(self.fewest))?;
        TYPING_LAYOUTS.get(place).filter(|_| fits).map(|&number| layout(number))
    }
}

/// A calling code: the rules of its main region, which hold for all of its regions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Code {
    place: u8,
}

impl Code {
    /// Returns `None` if the code is not assigned.
    pub(super) fn of(code: u16) -> Option<Self> {
        let place = TYPING_CODES.binary_search_by_key(&code, |&(code, ..)| code).ok()?;
        u8::try_from(place).ok().map(|place| Self { place })
    }

    fn row(self) -> (u16, u16, u16, u8, u8, u8) {
        TYPING_CODES.get(usize::from(self.place)).copied().unwrap_or_default()
    }

    /// Returns the code, such as 44.
    pub(super) fn number(self) -> u16 {
        self.row().0
    }

    /// Returns the main region, or `None` if the code belongs to no country.
    pub(super) fn main_region(self) -> Option<Region> {
        let (.., region, _, _) = self.row();
        Region::from_label(region)
    }

    /// Returns the formats in order of precedence, at most 64.
    pub(super) fn formats(self) -> &'static [Row] {
        let (_, start, end, ..) = self.row();
        TYPING_ROWS.get(usize::from(start)..usize::from(end)).unwrap_or_default()
    }

    /// Returns the length of the international prefix that the digits begin with. A code without a
    /// country has an empty one.
    pub(super) fn international_prefix(self, digits: &[u8]) -> Option<usize> {
        let (.., rule, _) = self.row();
        if rule == 0 { Some(0) } else { prefix(rule, digits) }
    }

    /// Returns the length of the national prefix that the digits begin with, if any.
    pub(super) fn national_prefix(self, digits: &[u8]) -> Option<usize> {
        let (.., rule) = self.row();
        prefix(rule, digits).filter(|&length| length > 0)
    }
}

fn prefix(rule: u8, digits: &[u8]) -> Option<usize> {
    let &(start, _) = PREFIX_RULES.get(usize::from(rule).checked_sub(1)?)?;
    program::run(&PREFIX_PROGRAM, start, digits).map(|found| found.end)
}
