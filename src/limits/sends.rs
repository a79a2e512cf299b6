//! The times of past sends, and the quotas on them.

use core::time::Duration;

use super::{LimitError, Limits, within};
use crate::time::Timestamp;

/// The most sends that a quota can count, so that records stay small.
pub(crate) const MOST_SENDS: usize = 24;

/// A limit on the number of sends to a recipient in any window of a given length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendQuota {
    sends: u8,
    window: Duration,
}

impl SendQuota {
    /// Allows `sends` sends in any `window`.
    ///
    /// # Errors
    ///
    /// If `sends` is not 1 to 24, or `window` is not 1 second to 30 days.
    pub fn new(sends: u8, window: Duration) -> Result<Self, LimitError> {
        within(usize::from(sends), 1, MOST_SENDS, "send quota", "1 to 24 sends")?;
        let (least, most) = (Duration::from_secs(1), Duration::from_secs(30 * 24 * 60 * 60));
        within(window, least, most, "window of a send quota", "1 second to 30 days")?;
        Ok(Self::known(sends, window))
    }

    /// Returns the number of sends that the quota allows.
    #[must_use]
    pub const fn sends(&self) -> u8 {
        self.sends
    }

    /// Returns the length of the window.
    #[must_use]
    pub const fn window(&self) -> Duration {
        self.window
    }

    pub(crate) const fn known(sends: u8, window: Duration) -> Self {
        Self { sends, window }
    }
}

/// The times of the last sends, newest first, in record time (see `clock.rs`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SendLog {
    times: [Timestamp; MOST_SENDS],
    len: u8,
    /// The longest window or cooldown of any verifier that wrote the record. Sends are kept for
    /// this long, so that a verifier with shorter windows on the same store does not empty the log
    /// for the others.
    window: Duration,
}

impl SendLog {
    /// Creates an empty log that keeps sends for `window`.
    pub(crate) fn kept(window: Duration) -> Self {
        Self { window, ..Self::default() }
    }

    /// Appends an older send. Returns `None` if it is newer than the last one, or the log is full.
    pub(crate) fn push_older(&mut self, time: Timestamp) -> Option<()> {
        let out_of_order = self.newest_first().last().is_some_and(|&newer| newer < time);
        *self.times.get_mut(usize::from(self.len)).filter(|_| !out_of_order)? = time;
        self.len += 1;
        Some(())
    }

    pub(crate) const fn window(&self) -> Duration {
        self.window
    }

    pub(crate) fn newest_first(&self) -> &[Timestamp] {
        &self.times[..usize::from(self.len)]
    }

    /// Returns when the next send fits all quotas, or `None` if it fits now.
    pub(crate) fn retry_at(&self, limits: &Limits, now: Timestamp) -> Option<Timestamp> {
        let full = limits.quotas.iter().flatten().filter_map(|quota| {
            let oldest_that_counts = self.newest_first().get(usize::from(quota.sends) - 1)?;
            Some(*oldest_that_counts + quota.window)
        });
        full.filter(|&at| now < at).max()
    }

    /// Returns the same log, which from now on keeps sends for these limits too.
    #[inline]
    pub(crate) fn kept_for(&self, limits: &Limits) -> Self {
        Self { window: self.window_with(limits), ..*self }
    }

    fn window_with(&self, limits: &Limits) -> Duration {
        self.window.max(longest_window(limits)).max(limits.cooldown)
    }

    /// Records a send, and drops the sends that have left the longest window.
    pub(crate) fn note(&mut self, now: Timestamp, limits: &Limits) {
        let window = self.window_with(limits);
        let mut kept = Self { window, ..Self::default() };
        let recent = [now].into_iter().chain(self.newest_first().iter().copied());
        let recent = recent.filter(|&time| now < time + window);
        for (slot, time) in kept.times.iter_mut().zip(recent) {
            *slot = time;
            kept.len += 1;
        }
        *self = kept;
    }

    /// Returns until when an engine has to keep a log written at this record time. The window
    /// begins with the write, not with the newest send: otherwise a server whose clock is ahead
    /// would shorten it by its lead.
    pub(crate) fn keep_until(&self, at: Timestamp) -> Timestamp {
        self.newest_first().first().map_or(Timestamp::EPOCH, |_| at + self.window)
    }

    /// Moves every time back by `by`, for when record time is set back.
    pub(crate) fn move_back(&mut self, by: Duration) {
        self.times.iter_mut().take(usize::from(self.len)).for_each(|time| *time = *time - by);
    }
}

fn longest_window(limits: &Limits) -> Duration {
    limits.quotas.iter().flatten().map(|quota| quota.window).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

    fn limits(quotas: &[(u8, u64)]) -> Limits {
        let quotas: alloc::vec::Vec<_> = quotas
            .iter()
            .map(|&(sends, seconds)| SendQuota::new(sends, seconds as u32 * SECOND).unwrap())
            .collect();
        Limits::default().with_send_quotas(&quotas).unwrap().with_cooldown(Duration::ZERO).unwrap()
    }
    extern crate alloc;

    #[test]
    fn never_allows_more_than_the_quota_in_any_window() {
        let limits = limits(&[(2, 10), (3, 100)]);
        let mut log = SendLog::default();
        for (after, retry) in
            [(0, None), (5, None), (6, Some(10)), (9, Some(10)), (10, None), (15, Some(100))]
        {
            let now = NOW + after * SECOND;
            assert_eq!(log.retry_at(&limits, now), retry.map(|at: u32| NOW + at * SECOND), "at {after}");
            if retry.is_none() {
                log.note(now, &limits);
            }
        }
    }

    #[test]
    fn window_ends_to_the_millisecond() {
        let limits = limits(&[(1, 10)]);
        let mut log = SendLog::default();
        log.note(NOW, &limits);
        let end = NOW + 10 * SECOND;
        assert_eq!(log.retry_at(&limits, end - Duration::from_millis(1)), Some(end));
        assert_eq!(log.retry_at(&limits, end), None);
        assert_eq!(log.keep_until(NOW), end);
    }

    #[test]
    fn drops_sends_that_left_every_window_to_the_millisecond() {
        let limits = limits(&[(3, 10), (3, 5)]);
        let end = NOW + 10 * SECOND;
        let just_before = end - Duration::from_millis(1);
        let mut log = SendLog::default();
        log.note(NOW, &limits);
        log.note(just_before, &limits);
        assert_eq!(log.newest_first(), [just_before, NOW]);
        log.note(end, &limits);
        assert_eq!(log.newest_first(), [end, just_before]);
    }

    #[test]
    fn keeps_no_more_sends_than_a_quota_can_count() {
        let limits = limits(&[(1, 60), (3, 3600)]);
        let mut log = SendLog::default();
        (0..30).for_each(|after| log.note(NOW + after * SECOND, &limits));
        assert_eq!(log.newest_first().len(), MOST_SENDS);
        assert_eq!(log.newest_first()[0], NOW + 29 * SECOND);
    }

    #[test]
    fn a_verifier_with_shorter_windows_keeps_the_log() {
        let (strict, lax, none) = (limits(&[(2, 3600)]), limits(&[(1, 1)]), limits(&[]));
        let mut log = SendLog::default();
        log.note(NOW, &strict);
        log.note(NOW + 10 * SECOND, &lax);
        log.note(NOW + 20 * SECOND, &none);
        assert_eq!(log.newest_first().len(), 3);
        assert_eq!(log.retry_at(&strict, NOW + 30 * SECOND), Some(NOW + 3610 * SECOND));
        assert_eq!(log.keep_until(NOW + 20 * SECOND), NOW + 3620 * SECOND);
    }

    #[test]
    fn moves_all_times_back() {
        let limits = limits(&[(3, 60)]);
        let mut log = SendLog::default();
        log.note(NOW, &limits);
        log.note(NOW + SECOND, &limits);
        log.move_back(5 * SECOND);
        let window = 60 * SECOND;
        let moved = from_newest_first([NOW - 4 * SECOND, NOW - 5 * SECOND]).unwrap();
        assert_eq!(log, SendLog { window, ..moved });
    }

    #[test]
    fn records_nothing_without_quotas_and_cooldown() {
        let limits = limits(&[]);
        let mut log = SendLog::default();
        log.note(NOW, &limits);
        assert!(log.newest_first().is_empty());
        assert_eq!(log.keep_until(NOW), Timestamp::EPOCH);
    }

    #[test]
    fn accepts_quotas_in_range_and_rejects_others() {
        assert!(SendQuota::new(0, SECOND).is_err() && SendQuota::new(25, SECOND).is_err());
        assert!(SendQuota::new(24, SECOND).is_ok() && SendQuota::new(24, 30 * 86_400 * SECOND).is_ok());
        assert!(SendQuota::new(1, SECOND / 2).is_err() && SendQuota::new(1, 31 * 86_400 * SECOND).is_err());
    }

    #[test]
    fn rejects_logs_out_of_order() {
        let later = NOW + SECOND;
        assert!(from_newest_first([later, NOW]).is_some());
        assert!(from_newest_first([NOW, later]).is_none());
        assert!(from_newest_first([NOW; MOST_SENDS + 1]).is_none());
    }

    fn from_newest_first(times: impl IntoIterator<Item = Timestamp>) -> Option<SendLog> {
        let mut log = SendLog::kept(SECOND);
        times.into_iter().try_for_each(|time| log.push_older(time))?;
        Some(log)
    }
}
