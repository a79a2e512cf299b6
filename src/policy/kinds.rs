//! Sets of number kinds as bit sets.

use crate::number::Kind;

/// The kind number of unallocated numbers in labels.
pub(super) const UNALLOCATED: u16 = 0;

/// A set of kind numbers in labels: bit `n` for the number `n`. Impossible numbers are in no set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    /// The kinds that can be texted at the price of a text message. Numbers that the plan knows to
    /// be fixed lines cannot.
    pub(super) const SMS: Self = Self::of(&[Kind::Mobile, Kind::FixedLineOrMobile, Kind::Voip]);

    /// The same and fixed lines, which WhatsApp verifies by a voice call.
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
