//! The events of a sequence, and what a call is expected to answer.

use countersign::error::Fault;
use countersign::limits::Lock;
use countersign::{Error, Refusal, Timestamp};

/// The next event.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    Enrol {
        server: usize,
        secret: u8,
        minutes: u64,
    },
    Import {
        server: usize,
        secret: u8,
    },
    Remove {
        server: usize,
    },
    Issue {
        server: usize,
    },
    Totp {
        server: usize,
        is_device: bool,
        entry: Entry,
    },
    Recover {
        server: usize,
        is_device: bool,
        entry: Entry,
    },
    /// Starts a challenge of a new recipient, and checks a code of it.
    Pass {
        server: usize,
        is_device: bool,
        entry: Entry,
    },
    Unlock {
        server: usize,
    },
    /// The next phase of a rotation of keys, on all servers.
    Rotate,
    Wait(u64),
    /// Waits until the lock ends by this server's clock, plus or minus some milliseconds.
    WaitForLock {
        server: usize,
        is_device: bool,
        off: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Right,
    Wrong,
    /// The last right entry once more.
    Again,
    Malformed,
}

/// An answer, as far as it is predicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Done,
    Wrong {
        tries_left: u64,
        lock: Option<u64>,
        is_closed: bool,
    },
    Locked(Lock),
    Refused(&'static str),
    /// The clock is behind.
    WentBack,
    UnknownKey,
}

impl From<&Error> for Answer {
    fn from(error: &Error) -> Self {
        match error {
            Error::Refused(Refusal::WrongCode { tries_left, lock }) => Self::Wrong {
                tries_left: u64::from(*tries_left),
                lock: lock.and_then(Lock::until).map(Timestamp::unix_millis),
                is_closed: *lock == Some(Lock::Closed),
            },
            Error::Refused(Refusal::Locked { until }) => Self::Locked(Lock::Until(*until)),
            Error::Refused(Refusal::Closed) => Self::Locked(Lock::Closed),
            Error::Refused(refusal) => Self::Refused(refusal.as_str()),
            Error::Fault(Fault::ClockWentBack { .. }) => Self::WentBack,
            Error::Fault(Fault::UnknownKey(_)) => Self::UnknownKey,
            error => panic!("{error}"),
        }
    }
}
