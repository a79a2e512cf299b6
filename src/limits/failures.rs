//! Failures in a row, and the locks that follow them.

use super::{CLOSED_AT, DAY, Limits};
use crate::time::Timestamp;

/// Failures in a row, across codes, channels and purposes. A success or an operator's unlock clears
/// them. They also expire after [`Limits::with_failure_memory`].
///
/// All times are record time (see `clock.rs`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failures {
    pub(crate) in_a_row: u16,
    /// The number of locks that they have caused.
    pub(crate) locks: u8,
    /// The last lock, even if it has ended.
    pub(crate) lock: Option<Lock>,
    /// When they are forgotten. No later write makes this earlier: a verifier with a shorter memory
    /// on the same store does not shorten it.
    pub(crate) forget_at: Timestamp,
}

/// A lock after too many failures in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lock {
    /// Nothing is sent or checked before this time.
    Until(Timestamp),
    /// Nothing is sent or checked until an operator unlocks the recipient.
    Closed,
}

impl Lock {
    /// Returns when the lock ends by itself, or `None` if it does not.
    #[must_use]
    pub const fn until(self) -> Option<Timestamp> {
        match self {
            Self::Until(end) => Some(end),
            Self::Closed => None,
        }
    }
}

impl Failures {
    /// Returns the lock in force at `now`.
    pub(crate) fn lock(&self, now: Timestamp) -> Option<Lock> {
        self.lock.filter(|lock| lock.until().is_none_or(|end| now < end))
    }

    /// Counts a failure, and locks at every multiple of the limit: for the first lock's duration,
    /// then twice and four times as long, up to a day.
    pub(crate) fn count(&mut self, now: Timestamp, limits: &Limits) {
        self.in_a_row = self.in_a_row.saturating_add(1);
        if self.in_a_row >= CLOSED_AT {
            self.lock = Some(Lock::Closed);
        } else if self.in_a_row.is_multiple_of(u16::from(limits.failures_before_lock)) {
            let end = now + limits.lock_after(self.locks);
            self.locks = self.locks.saturating_add(1);
            self.lock = self.lock.max(Some(Lock::Until(end)));
        }
        self.forget_at = self.forget_at.max(self.remembered_until(now, limits));
    }

    /// The memory begins when a lock ends. A lock that outlasts the memory would otherwise end with
    /// nothing remembered, and guessing could continue forever.
    fn remembered_until(&self, now: Timestamp, limits: &Limits) -> Timestamp {
        let from = match self.lock {
            Some(Lock::Closed) => return Timestamp::MAX,
            Some(Lock::Until(end)) => end.max(now),
            None => now,
        };
        limits.remembered_until(from)
    }

    /// Clears the failures once their memory has expired.
    pub(crate) fn run_out(&mut self, now: Timestamp) {
        if self.in_a_row > 0 && self.forget_at <= now {
            self.clear();
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns until when an engine has to keep them, where [`Timestamp::MAX`] means forever. This
    /// is a day longer than they count, because the clock that tells the engine may be ahead by as
    /// much.
    pub(crate) fn keep_until(&self) -> Timestamp {
        if self.in_a_row == 0 { Timestamp::EPOCH } else { self.forget_at + DAY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
    const HOUR: Duration = Duration::from_secs(3600);

    fn fail(failures: &mut Failures, times: u16, limits: &Limits) {
        (0..times).for_each(|_| failures.count(NOW, limits));
    }

    #[test]
    fn every_tenth_failure_doubles_the_lock_up_to_a_day() {
        let limits = Limits::default();
        let mut now = NOW;
        let mut failures = Failures::default();
        for hours in [1, 2, 4, 8, 16, 24, 24, 24, 24] {
            (0..9).for_each(|_| failures.count(now, &limits));
            assert_eq!(failures.lock(now), None);
            failures.count(now, &limits);
            assert_eq!(failures.lock(now), Some(Lock::Until(now + hours * HOUR)));
            now = now + hours * HOUR;
        }
        (0..10).for_each(|_| failures.count(now, &limits));
        assert_eq!(failures.lock(now), Some(Lock::Closed));
        assert_eq!(failures.keep_until(), Timestamp::MAX);
    }

    #[test]
    fn lock_ends_to_the_millisecond_and_keeps_the_count() {
        let limits = Limits::default();
        let mut failures = Failures::default();
        fail(&mut failures, 10, &limits);
        let end = NOW + HOUR;
        assert_eq!(failures.lock(end - Duration::from_millis(1)), Some(Lock::Until(end)));
        assert_eq!(failures.lock(end), None);
        assert_eq!(failures.in_a_row, 10);
    }

    #[test]
    fn keeps_a_first_lock_longer_than_a_day() {
        let week = 7 * 24 * HOUR;
        let limits = Limits::default().with_lock(week).unwrap().with_failures_before_lock(1).unwrap();
        let mut failures = Failures::default();
        fail(&mut failures, 2, &limits);
        assert_eq!(failures.lock(NOW), Some(Lock::Until(NOW + week)));
    }

    #[test]
    fn a_later_failure_never_shortens_a_lock() {
        let week = 7 * 24 * HOUR;
        let strict = Limits::default().with_lock(week).unwrap().with_failures_before_lock(1).unwrap();
        let lax = Limits::default().with_failures_before_lock(1).unwrap();
        let mut failures = Failures::default();
        fail(&mut failures, 1, &strict);
        fail(&mut failures, 1, &lax);
        assert_eq!(failures.lock(NOW), Some(Lock::Until(NOW + week)));
    }

    #[test]
    fn remembers_failures_for_thirty_days_after_the_last_one() {
        let limits = Limits::default();
        let mut failures = Failures::default();
        assert_eq!(failures.keep_until(), Timestamp::EPOCH);
        fail(&mut failures, 1, &limits);
        let end = NOW + 30 * 24 * HOUR;
        assert_eq!(failures.keep_until(), end + DAY, "a day longer than they count");
        failures.run_out(end - Duration::from_millis(1));
        assert_eq!(failures.in_a_row, 1);
        failures.run_out(end);
        assert_eq!(failures, Failures::default());
    }

    #[test]
    fn memory_begins_when_the_lock_ends() {
        let (day, week) = (24 * HOUR, 7 * 24 * HOUR);
        let limits = Limits::default().with_lock(week).unwrap().with_failure_memory(day).unwrap();
        let mut failures = Failures::default();
        fail(&mut failures, 10, &limits);
        assert_eq!(failures.keep_until(), NOW + week + day + DAY);
    }

    #[test]
    fn another_verifiers_shorter_memory_has_no_effect() {
        let lax = Limits::default().with_failure_memory(24 * HOUR).unwrap();
        let mut failures = Failures::default();
        fail(&mut failures, 1, &Limits::default());
        fail(&mut failures, 1, &lax);
        assert_eq!(failures.keep_until(), NOW + 30 * 24 * HOUR + DAY);
    }

    #[test]
    fn can_remember_failures_forever() {
        let limits = Limits::default().with_failure_memory_forever();
        let mut failures = Failures::default();
        fail(&mut failures, 1, &limits);
        failures.run_out(Timestamp::MAX - Duration::from_millis(1));
        assert_eq!((failures.in_a_row, failures.keep_until()), (1, Timestamp::MAX));
    }
}
