//! How much a webhook takes on, and how long it tries.

use std::time::Duration;

/// How much a webhook takes on, and how long it tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// So many messages may wait at once; more are [`Busy`](crate::sending::Busy).
    pub places: u16,
    /// So many tries run at once. A message that waits to be tried again holds up no other.
    pub concurrent_attempts: u16,
    /// A try lasts no longer.
    pub attempt_timeout: Duration,
    /// The wait before the second try; it doubles from try to try, and up to as much again is added
    /// at random.
    pub first_wait: Duration,
    /// What is doubled gets no longer than this.
    pub longest_wait: Duration,
}

impl Default for Options {
    /// A thousand places, eight tries at once of 5 seconds each, waits from a quarter of a second
    /// to 5 seconds.
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
