//! Timeouts for calls to an engine's server.

use core::time::Duration;

/// The timeouts of a store on an engine, as `countersign-redis` and `countersign-postgres` take them.
/// Every call returns within [`longest`](Self::longest).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    connect: Duration,
    answer: Duration,
}

impl Timeouts {
    /// 1 second to connect and 1 second for an answer.
    pub const DEFAULT: Self = Self { connect: Duration::from_secs(1), answer: Duration::from_secs(1) };

    /// Creates timeouts for connecting and for answers. Zero is rounded up to one millisecond.
    #[must_use]
    pub const fn new(connect: Duration, answer: Duration) -> Self {
        Self { connect: not_zero(connect), answer: not_zero(answer) }
    }

    /// Returns the timeout for opening a connection, including the handshake.
    #[must_use]
    pub const fn connect(&self) -> Duration {
        self.connect
    }

    /// Returns the timeout for one answer from the server.
    #[must_use]
    pub const fn answer(&self) -> Duration {
        self.answer
    }

    /// Returns the longest that a call can take: one connection and two answers, because a new
    /// connection or a restarted server has to be prepared first.
    #[must_use]
    pub const fn longest(&self) -> Duration {
        self.connect.saturating_add(self.answer.saturating_mul(2))
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The operating system rejects a timeout of zero.
const fn not_zero(wait: Duration) -> Duration {
    if wait.is_zero() { Duration::from_millis(1) } else { wait }
}
