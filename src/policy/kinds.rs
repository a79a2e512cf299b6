//! Which kinds of numbers are allowed, as bits.

use crate::number::Kind;

/// The number of "unallocated" in labels.
pub(super) const UNALLOCATED: u16 = 0;

/// A set of the numbers that labels have for kinds: bit `n` for the number `n`. Impossible numbers are in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    /// What can be texted, and costs what a text costs. Fixed lines can't, where the plan is sure.
    pub(super) const SMS: Self = Self::of(&[Kind::Mobile, Kind::FixedLineOrMobile, Kind::Voip]);

    /// WhatsApp verifies a fixed line by a call.
    pub(super) const WHATSAPP: Self = Self::SMS.switched(Kind::FixedLine.number() as u16, true);

    const fn of(kinds: &[Kind]) -> Self {
        let mut set = Self(0);
        let mut place = 0;
        while place < kinds.len() {
            set = set.switched(kinds[place].number() as u16, true);
            place += 1;
        }
        set
    }

    #[inline]
    pub(super) const fn contains(self, number: u16) -> bool {
        self.0 >> number & 1 == 1
    }

    pub(super) const fn switched(self, number: u16, on: bool) -> Self {
        let bit = 1 << number;
        Self(if on { self.0 | bit } else { self.0 & !bit })
    }
}
