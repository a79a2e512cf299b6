//! The two sums of a tally.

use super::encoding::EntryError;
use super::{KEPT_FOR, decay};
use crate::time::Timestamp;

/// The unanswered and the answered sends (or their prices) of a tally, as of a time. Both sums halve
/// every [24 hours](super::HALF_LIFE).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sums {
    unanswered: f64,
    answered: f64,
    at: Timestamp,
}

impl Sums {
    /// The sums of an absent tally.
    pub const EMPTY: Self = Self { unanswered: 0.0, answered: 0.0, at: Timestamp::EPOCH };

    /// The largest sum, so that none becomes infinite.
    pub const MOST: f64 = 1e15;

    /// Creates sums as of `at`.
    ///
    /// # Errors
    ///
    /// If a sum is not a number from 0 to [`MOST`](Self::MOST).
    pub fn new(unanswered: f64, answered: f64, at: Timestamp) -> Result<Self, EntryError> {
        for sum in [unanswered, answered] {
            if !sum.is_finite() {
                return Err(EntryError::NotFinite);
            }
            if !(0.0..=Self::MOST).contains(&sum) {
                return Err(EntryError::OutOfRange);
            }
        }
        Ok(Self { unanswered, answered, at })
    }

    /// Returns the unanswered sum, as of [`at`](Self::at).
    #[must_use]
    pub const fn unanswered(&self) -> f64 {
        self.unanswered
    }

    /// Returns the answered sum, as of [`at`](Self::at).
    #[must_use]
    pub const fn answered(&self) -> f64 {
        self.answered
    }

    /// Returns the time of the latest change.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the sums as of `max(at, now)`. A clock that jumped back decays nothing. Expired sums
    /// are zero.
    #[must_use]
    pub fn decayed(self, now: Timestamp) -> Self {
        let elapsed = now.since(self.at);
        if elapsed.is_zero() {
            return self;
        }
        let left = if elapsed < KEPT_FOR { decay(elapsed) } else { 0.0 };
        Self { unanswered: self.unanswered * left, answered: self.answered * left, at: now }
    }

    /// Decays the sums to `max(at, now)` and adds, flooring each at 0. NaN adds nothing.
    pub fn add(&mut self, unanswered: f64, answered: f64, now: Timestamp) {
        let sums = self.decayed(now);
        let add = |sum: f64, change: f64| {
            if change.is_nan() { sum } else { (sum + change).clamp(0.0, Self::MOST) }
        };
        let (unanswered, answered) = (add(sums.unanswered, unanswered), add(sums.answered, answered));
        *self = Self { unanswered, answered, at: sums.at };
    }
}

impl Default for Sums {
    fn default() -> Self {
        Self::EMPTY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
    const DAY: Duration = Duration::from_secs(86_400);

    fn sums(unanswered: f64, answered: f64) -> Sums {
        Sums::new(unanswered, answered, NOW).unwrap()
    }

    #[test]
    fn sums_halve_each_day_and_expire_after_ten() {
        assert_eq!(sums(8.0, 4.0).decayed(NOW + DAY), Sums::new(4.0, 2.0, NOW + DAY).unwrap());
        let just_before = NOW + (KEPT_FOR - Duration::from_millis(1));
        assert!(sums(8.0, 4.0).decayed(just_before).unanswered() > 0.007);
        assert_eq!(sums(8.0, 4.0).decayed(NOW + KEPT_FOR), Sums::new(0.0, 0.0, NOW + KEPT_FOR).unwrap());
    }

    #[test]
    fn an_add_decays_first_and_floors_at_zero() {
        let mut tally = sums(8.0, 4.0);
        tally.add(1.0, -5.0, NOW + DAY);
        assert_eq!(tally, Sums::new(5.0, 0.0, NOW + DAY).unwrap());
    }

    #[test]
    fn a_clock_that_jumps_back_changes_no_time() {
        let mut tally = sums(8.0, 4.0);
        assert_eq!(tally.decayed(NOW - DAY), tally);
        tally.add(1.0, 0.0, NOW - DAY);
        assert_eq!(tally, sums(9.0, 4.0));
    }

    #[test]
    fn sums_stay_finite() {
        let mut tally = sums(8.0, 4.0);
        tally.add(f64::NAN, f64::NAN, NOW);
        assert_eq!(tally, sums(8.0, 4.0));
        for _ in 0..3 {
            tally.add(f64::INFINITY, f64::MAX, NOW);
            assert_eq!(tally, sums(Sums::MOST, Sums::MOST));
        }
        tally.add(f64::NEG_INFINITY, f64::MIN, NOW);
        assert_eq!(tally, sums(0.0, 0.0));
    }

    #[test]
    fn rejects_negative_and_infinite_sums() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Sums::new(bad, 0.0, NOW), Err(EntryError::NotFinite));
            assert_eq!(Sums::new(0.0, bad, NOW), Err(EntryError::NotFinite));
        }
        for bad in [-1e-9, 2e15] {
            assert_eq!(Sums::new(bad, 0.0, NOW), Err(EntryError::OutOfRange));
        }
        assert!(Sums::new(-0.0, Sums::MOST, NOW).is_ok());
    }
}
