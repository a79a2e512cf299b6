//! The memory of failures: how many in a row, and the lock that follows.

use core::time::Duration;

use super::{CLOSED_AT, DAY, Limits};
use crate::time::Timestamp;

/// Failures in a row, across codes, channels and purposes. A success or the operator's unlock clears them, and nothing
/// else does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failures {
    pub(crate) in_a_row: u16,
    /// How many locks they have led to.
    pub(crate) locks: u8,
    /// The end of the last lock. [`Timestamp::MAX`] is a closed record.
    pub(crate) locked_until: Timestamp,
    pub(crate) last_at: Timestamp,
}

/// A record that answers nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Until this time.
    Until(Timestamp),
    /// Until the operator unlocks it.
    Closed,
}

impl Failures {
    pub(crate) fn lock(&self, now: Timestamp) -> Option<Lock> {
        match self.locked_until {
            Timestamp::MAX => Some(Lock::Closed),
            until if now < until => Some(Lock::Until(until)),
            _ => None,
        }
    }

    /// Counts a failure, and locks at every multiple of the limit: once, twice, four times as long, up to a day.
    pub(crate) fn count(&mut self, now: Timestamp, limits: &Limits) {
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.last_at = now;
        if self.in_a_row >= CLOSED_AT {
            self.locked_until = Timestamp::MAX;
        } else if self.in_a_row.is_multiple_of(u16::from(limits.failures_before_lock)) {
            let doubled = limits.lock.saturating_mul(1 << self.locks.min(16));
            self.locks = self.locks.saturating_add(1);
            self.locked_until = now + doubled.min(limits.lock.max(DAY));
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Until when they must be remembered.
    pub(crate) fn keep_until(&self, limits: &Limits) -> Timestamp {
        if self.in_a_row == 0 {
            return Timestamp::EPOCH;
        }
        self.locked_until.max(self.last_at + limits.failure_memory)
    }

    /// Moves every time back, after a clock that was ahead: what was left of a lock is still left.
    pub(crate) fn move_back(&mut self, by: Duration) {
        self.last_at = self.last_at - by;
        if self.locked_until != Timestamp::MAX {
            self.locked_until = self.locked_until - by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);
    const HOUR: Duration = Duration::from_secs(3600);

    fn fail(failures: &mut Failures, times: u16, limits: &Limits) {
        (0..times).for_each(|_| failures.count(NOW, limits));
    }

    #[test]
    fn ten_lock_for_an_hour_and_each_further_ten_for_twice_as_long_up_to_a_day() {
        let limits = Limits::default();
        let mut failures = Failures::default();
        fail(&mut failures, 9, &limits);
        assert_eq!(failures.lock(NOW), None);
        for hours in [1, 2, 4, 8, 16, 24, 24, 24, 24] {
            fail(&mut failures, 1, &limits);
            assert_eq!(failures.lock(NOW), Some(Lock::Until(NOW + hours * HOUR)));
            fail(&mut failures, 9, &limits);
        }
        fail(&mut failures, 1, &limits);
        assert_eq!(failures.lock(NOW), Some(Lock::Closed));
        assert_eq!(failures.keep_until(&limits), Timestamp::MAX);
    }

    #[test]
    fn a_lock_ends_to_the_millisecond_and_the_count_stays() {
        let limits = Limits::default();
        let mut failures = Failures::default();
        fail(&mut failures, 10, &limits);
        let end = NOW + HOUR;
        assert_eq!(failures.lock(end - Duration::from_millis(1)), Some(Lock::Until(end)));
        assert_eq!(failures.lock(end), None);
        assert_eq!(failures.in_a_row, 10);
    }

    #[test]
    fn a_long_first_lock_is_not_cut_to_a_day() {
        let week = 7 * 24 * HOUR;
        let limits = Limits::default().lock(week).unwrap().failures_before_lock(1).unwrap();
        let mut failures = Failures::default();
        fail(&mut failures, 2, &limits);
        assert_eq!(failures.lock(NOW), Some(Lock::Until(NOW + week)));
    }

    #[test]
    fn failures_are_remembered_for_thirty_days_and_no_failures_not_at_all() {
        let limits = Limits::default();
        let mut failures = Failures::default();
        assert_eq!(failures.keep_until(&limits), Timestamp::EPOCH);
        fail(&mut failures, 1, &limits);
        assert_eq!(failures.keep_until(&limits), NOW + 30 * 24 * HOUR);
        failures.clear();
        assert_eq!(failures, Failures::default());
    }

    #[test]
    fn what_is_left_of_a_lock_is_left_when_the_times_move_back_and_closed_stays_closed() {
        let limits = Limits::default();
        let mut failures = Failures::default();
        fail(&mut failures, 10, &limits);
        failures.move_back(3 * HOUR);
        let expected =
            Failures { in_a_row: 10, locks: 1, locked_until: NOW - 2 * HOUR, last_at: NOW - 3 * HOUR };
        assert_eq!(failures, expected);
        fail(&mut failures, 90, &limits);
        failures.move_back(HOUR);
        assert_eq!(failures.lock(NOW), Some(Lock::Closed));
        assert_eq!(failures.last_at, NOW - HOUR);
    }

    #[test]
    fn failures_are_remembered_for_as_long_as_the_host_says() {
        let limits = Limits::default().failure_memory(7 * 24 * HOUR).unwrap();
        let mut failures = Failures::default();
        fail(&mut failures, 1, &limits);
        assert_eq!(failures.keep_until(&limits), NOW + 7 * 24 * HOUR);
    }
}
