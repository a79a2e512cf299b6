//! The failures of one factor.

use crate::time::Timestamp;

/// The failures of one factor: the charges that still count.
///
/// A comparison is charged before its verdict may be read, and many may be under way at once. So
/// every charge has a number, by which it is settled or refunded without touching those made after
/// it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Charges {
    /// The number of the last charge, or 0 before the first. It only grows.
    pub(super) last: u32,
    /// Bit `n` is set if the charge with number `last - n` counts.
    pub(super) recent: u64,
    /// How many charges count that are too old for a bit.
    pub(super) older: u8,
    /// When the failures are forgotten. No later failure makes this earlier: a verifier with a
    /// shorter memory on the same store does not shorten it.
    pub(super) forget_at: Timestamp,
}

impl Charges {
    /// Returns the number of failures.
    pub(super) fn count(&self) -> u16 {
        self.recent.count_ones() as u16 + u16::from(self.older)
    }

    /// Counts a failure, and returns its number.
    ///
    /// The first number follows a random one, so that a charge that outlives a forgotten record is
    /// unknown to the next record.
    pub(super) fn charge(&mut self, random: u32) -> u32 {
        if self.last == 0 {
            self.last = random & (u32::MAX >> 1);
        }
        self.older = self.older.saturating_add((self.recent >> 63) as u8);
        self.recent = self.recent << 1 | 1;
        self.last = self.last.saturating_add(1);
        self.last
    }

    /// Clears this charge and those before it, after a success.
    ///
    /// A success that comes after 64 newer charges clears nothing, because it is no longer known
    /// which of them were before it.
    pub(super) fn settle(&mut self, number: u32) {
        if let Some(place) = self.place(number) {
            let newer = (1 << place) - 1;
            self.recent &= newer;
            self.older = 0;
            self.tidy();
        }
    }

    /// Takes back one charge.
    pub(super) fn refund(&mut self, number: u32) {
        if let Some(place) = self.place(number) {
            self.recent &= !(1 << place);
            self.tidy();
        }
    }

    /// Clears all failures. Numbers are not used again.
    pub(super) fn clear(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }

    /// Remembers the failures, if there are any, until this time or later.
    pub(super) fn remember(&mut self, until: Timestamp) {
        if self.count() > 0 {
            self.forget_at = self.forget_at.max(until);
        }
    }

    /// Clears the failures once their memory has expired.
    pub(super) fn run_out(&mut self, at: Timestamp) {
        if self.forget_at <= at {
            self.clear();
        }
    }

    /// Returns whether this is one of the last 64 charges. It may have been cleared since.
    pub(super) fn knows(&self, number: u32) -> bool {
        self.place(number).is_some()
    }

    /// Returns the place of a charge's bit, or `None` if there is none: the charge is too old, or
    /// of a record that was forgotten.
    fn place(&self, number: u32) -> Option<u32> {
        self.last.checked_sub(number).filter(|place| *place < u64::BITS)
    }

    fn tidy(&mut self) {
        if self.count() == 0 {
            self.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    /// Charges numbered from 101 on.
    fn charged(times: u32) -> Charges {
        let mut charges = Charges::default();
        (1..=times).for_each(|time| assert_eq!(charges.charge(100), 100 + time));
        charges
    }

    #[test]
    fn a_success_leaves_later_charges() {
        let mut charges = charged(5);
        for _ in 0..2 {
            charges.settle(103);
            assert_eq!((charges.count(), charges.recent), (2, 0b11));
        }
        charges.settle(105);
        assert_eq!((charges.count(), charges.last), (0, 105));
    }

    #[test]
    fn a_refund_takes_back_one_charge_once() {
        let mut charges = charged(3);
        for _ in 0..2 {
            charges.refund(102);
            assert_eq!((charges.count(), charges.recent), (2, 0b101));
        }
    }

    #[test]
    fn numbers_are_not_used_again() {
        let mut charges = charged(3);
        charges.clear();
        assert_eq!((charges.charge(7), charges.knows(103)), (104, true));
        let mut endless = Charges { last: u32::MAX, ..Charges::default() };
        endless.charge(7);
        assert_eq!((endless.count(), endless.last), (1, u32::MAX), "saturates");
        assert_eq!(Charges::default().charge(u32::MAX), 1 << 31, "half of all numbers are left");
    }

    #[test]
    fn charges_of_another_record_are_unknown() {
        let mut charges = charged(3);
        for number in [0, 1, 103 - 64, 104, u32::MAX] {
            charges.settle(number);
            charges.refund(number);
            assert_eq!((charges.count(), charges.knows(number)), (3, false), "{number}");
        }
        assert!((101..=103).all(|number| charges.knows(number)));
        assert!(!Charges::default().knows(1));
    }

    #[test]
    fn old_charges_count_but_are_not_known_one_by_one() {
        let mut charges = charged(70);
        assert_eq!((charges.count(), charges.older), (70, 6));
        charges.refund(106);
        charges.settle(106);
        assert_eq!(charges.count(), 70, "too old");
        charges.refund(107);
        assert_eq!(charges.count(), 69, "the oldest that is known");
        charges.settle(107);
        assert_eq!((charges.count(), charges.older), (63, 0));
        assert_eq!(charged(1000).count(), 64 + 255, "saturates");
    }

    #[test]
    fn memory_ends_to_the_millisecond_and_only_grows() {
        let mut charges = charged(2);
        let end = NOW + Duration::from_secs(100);
        charges.remember(end);
        charges.remember(NOW);
        charges.run_out(end - Duration::from_millis(1));
        assert_eq!(charges.count(), 2);
        charges.run_out(end);
        assert_eq!((charges.count(), charges.forget_at), (0, Timestamp::EPOCH));
        charges.remember(end);
        assert_eq!(charges.forget_at, Timestamp::EPOCH, "nothing to remember");
    }
}
