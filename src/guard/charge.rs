//! Charges of sends, and the receipt of them in a challenge.

/// How an allowed send is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charge {
    /// A send to a known recipient: nothing is charged, and its answer changes no tally.
    Known,
    /// A send in monitor mode that would have been refused: nothing is charged, but its answer
    /// counts.
    Watched,
    /// A send to a stranger: charged to blocks, region and host keys.
    Stranger,
    /// A send to a stranger, also charged to the purse.
    Purse,
    /// A send to a vouched stranger: charged to blocks, region, host keys and the budget for
    /// vouched sends.
    Vouched,
}

impl Charge {
    /// Returns whether tallies are charged.
    #[must_use]
    pub const fn is_charged(self) -> bool {
        matches!(self, Self::Stranger | Self::Purse | Self::Vouched)
    }

    /// Never 0.
    const fn number(self) -> u64 {
        match self {
            Self::Known => 1,
            Self::Watched => 2,
            Self::Stranger => 3,
            Self::Purse => 4,
            Self::Vouched => 5,
        }
    }

    const fn of(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Known),
            2 => Some(Self::Watched),
            3 => Some(Self::Stranger),
            4 => Some(Self::Purse),
            5 => Some(Self::Vouched),
            _ => None,
        }
    }
}

/// The charges of a challenge's sends, in 8 bytes, so that each is taken back at most once.
///
/// Sends past the 16th are not remembered, and their charges are not taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt(u64);

/// The bit of a charge that was taken back.
const TAKEN: u64 = 8;

impl Receipt {
    /// The receipt of a challenge without sends.
    pub const EMPTY: Self = Self(0);

    /// How many sends are remembered.
    const MOST: u32 = 16;

    /// Adds the charge of one more send.
    #[must_use]
    pub const fn with(self, charge: Charge) -> Self {
        let sends = self.sends();
        if sends < Self::MOST { Self(self.0 | charge.number() << (4 * sends)) } else { self }
    }

    /// Takes back the charge of the last send: the first call returns it, a second one nothing.
    pub const fn take_last(&mut self) -> Option<Charge> {
        let last = self.last();
        if last.is_some() {
            self.0 |= TAKEN << (4 * (self.sends() - 1));
        }
        last
    }

    /// Returns the charge of the last send, unless it was taken back.
    #[must_use]
    pub const fn last(self) -> Option<Charge> {
        match self.sends() {
            0 => None,
            sends => Charge::of(self.0 >> (4 * (sends - 1)) & 15),
        }
    }

    /// Returns whether a send has this charge, which was not taken back.
    #[must_use]
    pub fn has(self, charge: Charge) -> bool {
        self.numbers().any(|number| number == charge.number())
    }

    /// Returns whether a send was to a stranger, even if its charge was taken back.
    #[must_use]
    pub fn is_to_stranger(self) -> bool {
        self.numbers().any(|number| number & !TAKEN != Charge::Known.number())
    }

    /// Returns whether a send was vouched for, even if its charge was taken back.
    #[must_use]
    pub fn is_vouched(self) -> bool {
        self.numbers().any(|number| number & !TAKEN == Charge::Vouched.number())
    }

    /// Restores a receipt from a challenge's record.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }

    /// Returns the 8 bytes for a challenge's record.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// Returns how many sends are remembered. No charge has the number 0.
    const fn sends(self) -> u32 {
        (64 - self.0.leading_zeros()).div_ceil(4)
    }

    fn numbers(self) -> impl Iterator<Item = u64> {
        (0..self.sends()).map(move |send| self.0 >> (4 * send) & 15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Charge; 5] =
        [Charge::Known, Charge::Watched, Charge::Stranger, Charge::Purse, Charge::Vouched];

    #[test]
    fn takes_back_each_charge_once() {
        let mut receipt = Receipt::EMPTY;
        for charge in ALL {
            receipt = receipt.with(charge);
            assert_eq!(Receipt::from_bytes(receipt.to_bytes()), receipt);
            assert!(receipt.has(charge));
            assert_eq!((receipt.last(), receipt.take_last()), (Some(charge), Some(charge)));
            assert_eq!((receipt.last(), receipt.take_last()), (None, None), "not that of an earlier send");
            assert!(!receipt.has(charge));
            assert_eq!(receipt.is_to_stranger(), charge != Charge::Known, "as before it was taken back");
            assert_eq!(receipt.is_vouched(), charge == Charge::Vouched, "as before it was taken back");
        }
        assert_eq!(receipt.sends(), 5);
    }

    #[test]
    fn known_sends_are_not_to_strangers() {
        assert!(!Receipt::EMPTY.is_to_stranger());
        assert!(!Receipt::EMPTY.with(Charge::Known).with(Charge::Known).is_to_stranger());
        assert!(Receipt::EMPTY.with(Charge::Known).with(Charge::Watched).is_to_stranger());
    }

    #[test]
    fn forgets_sends_past_the_16th() {
        let mut receipt = (0..15).fold(Receipt::EMPTY, |receipt, _| receipt.with(Charge::Known));
        receipt = receipt.with(Charge::Purse);
        assert_eq!(receipt.with(Charge::Vouched), receipt);
        assert_eq!((receipt.take_last(), receipt.with(Charge::Vouched).last()), (Some(Charge::Purse), None));
    }
}
