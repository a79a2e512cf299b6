//! How much a webhook takes on, and how long it tries.

use std::time::Duration;

/// How much a webhook takes on, and how long it tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// So many messages may wait at once; more are [`Busy`](crate::sending::Busy).
    pub places: u16,
    /// So many tries run at once. A message that waits to be tried again holds up no other.
    pub tries_at_once: u16,
    /// A try lasts no longer.
    pub try_within: Duration,
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
            tries_at_once: 8,
            try_within: Duration::from_secs(5),
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(5),
        }
    }
}
