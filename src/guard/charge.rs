//! What a challenge remembers of its sends.

/// What an allowed send was to the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charge {
    /// To a known number: nothing was charged, and its answer changes no tally.
    Known,
    /// In monitor mode, where it would have been refused: nothing was charged, but an answer
    /// counts.
    Watched,
    /// To a stranger: blocks, region and host keys were charged.
    Stranger,
    /// The same, and the purse.
    Purse,
    /// To a vouched stranger: blocks, region, host keys and the tally of the vouched were charged.
    Vouched,
}

impl Charge {
    /// Whether tallies were charged.
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

/// The charges of a challenge's sends, in 8 bytes, so that each is taken back at most once. Sends
/// past the 16th are not remembered, and so not taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt(u64);

impl Receipt {
    /// The receipt of a challenge without sends.
    pub const EMPTY: Self = Self(0);

    /// How many sends are remembered.
    const MOST: u8 = 16;

    /// Remembers the charge of the send with this number, from 0 on.
    #[must_use]
    pub const fn with(self, send: u8, charge: Charge) -> Self {
        if send < Self::MOST {
            Self(self.0 & !(15 << (4 * send)) | charge.number() << (4 * send))
        } else {
            self
        }
    }

    /// The charge of a send that was not taken back.
    #[must_use]
    pub const fn charge(self, send: u8) -> Option<Charge> {
        if send < Self::MOST { Charge::of(self.0 >> (4 * send) & 15) } else { None }
    }

    /// Takes the charge of a send back: it is there once.
    pub const fn take(&mut self, send: u8) -> Option<Charge> {
        let charge = self.charge(send);
        if charge.is_some() {
            self.0 &= !(15 << (4 * send));
        }
        charge
    }

    /// The charge of the last send that was not taken back.
    #[must_use]
    pub fn last(self) -> Option<Charge> {
        (0..Self::MOST).rev().find_map(|send| self.charge(send))
    }

    /// Whether any send has this charge.
    #[must_use]
    pub fn has(self, charge: Charge) -> bool {
        (0..Self::MOST).any(|send| self.charge(send) == Some(charge))
    }

    /// From a challenge's record.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }

    /// For a challenge's record.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_charge_is_taken_back_once() {
        let all = [Charge::Known, Charge::Watched, Charge::Stranger, Charge::Purse, Charge::Vouched];
        let mut receipt = Receipt::EMPTY;
        for (send, charge) in (0..).zip(all) {
            receipt = receipt.with(send, charge);
        }
        assert_eq!(receipt.last(), Some(Charge::Vouched));
        assert_eq!(Receipt::from_bytes(receipt.to_bytes()), receipt);
        for (send, charge) in (0..).zip(all) {
            assert!(receipt.has(charge));
            assert_eq!((receipt.take(send), receipt.take(send)), (Some(charge), None));
        }
        assert_eq!((receipt, receipt.last()), (Receipt::EMPTY, None));
    }

    #[test]
    fn the_last_sends_of_many_are_not_remembered() {
        let receipt = Receipt::EMPTY.with(15, Charge::Purse).with(16, Charge::Known).with(255, Charge::Known);
        assert_eq!((receipt.last(), receipt.charge(16)), (Some(Charge::Purse), None));
    }
}
