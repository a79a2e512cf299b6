//! Options of the webhook.

use std::time::Duration;

/// The webhook's queue length, concurrency and retry delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The number of messages that may wait; further ones are [`Busy`](crate::sending::Busy).
    pub places: u16,
    /// The number of concurrent attempts. A message that waits for its next attempt occupies none.
    pub concurrent_attempts: u16,
    /// The timeout of an attempt.
    pub attempt_timeout: Duration,
    /// The delay before the second attempt. It doubles with each attempt, and a random time of up
    /// to the same length is added.
    pub first_wait: Duration,
    /// The maximum of the doubled delay, before the random time is added.
    pub longest_wait: Duration,
}

impl Default for Options {
    /// 1,000 places, 8 concurrent attempts of up to 5 seconds, and delays from 250 milliseconds to
    /// 5 seconds.
    fn default() -> Self {
        Self {
            places: 1000,
            concurrent_attempts: 8,
            attempt_timeout: Duration::from_secs(5),
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(5),
        }
    }
}
