//! How long a call may wait.

use std::time::Duration;

/// How long a store waits for its server. Every call ends within [`longest`](Self::longest), whatever happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    connect: Duration,
    answer: Duration,
}

impl Waits {
    /// 1 second for a connection, 1 second for an answer.
    pub const DEFAULT: Self = Self { connect: Duration::from_secs(1), answer: Duration::from_secs(1) };

    /// So long for a connection, and so long for an answer. Zero is a millisecond.
    #[must_use]
    pub const fn new(connect: Duration, answer: Duration) -> Self {
        Self { connect: not_zero(connect), answer: not_zero(answer) }
    }

    /// For a connection, handshake included.
    #[must_use]
    pub const fn connect(&self) -> Duration {
        self.connect
    }

    /// For an answer of the server.
    #[must_use]
    pub const fn answer(&self) -> Duration {
        self.answer
    }

    /// For a call in all: a connection and two answers, for a new connection prepares the statement first.
    #[must_use]
    pub const fn longest(&self) -> Duration {
        self.connect.saturating_add(self.answer.saturating_mul(2))
    }
}

impl Default for Waits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// No time at all is an error to the system.
const fn not_zero(wait: Duration) -> Duration {
    if wait.is_zero() { Duration::from_millis(1) } else { wait }
}
