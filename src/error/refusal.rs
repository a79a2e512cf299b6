//! Expected refusals: a limit, or a code that is not valid.

use core::fmt;

use crate::limits::Lock;
use crate::time::Timestamp;

/// The machine's no to a person: a limit, or a code that proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A passcode was sent a moment ago, and is still good.
    CoolingDown {
        /// When another may be sent.
        retry_at: Timestamp,
    },
    /// The recipient's send quota is used up. A code that was sent before is still good.
    QuotaExceeded {
        /// When another may be sent.
        retry_at: Timestamp,
    },
    /// Too many failures in a row: nothing is sent and nothing checked until the lock ends.
    Locked {
        /// When it ends.
        until: Timestamp,
    },
    /// So many failures in a row that only the operator's unlock opens the record again.
    Closed,
    /// The time that the whole challenge had is over. Resending does not extend it.
    DeadlinePassed,
    /// No challenge of this recipient and purpose has this handle: it never had, it was cancelled, or a newer start replaced it.
    UnknownHandle,
    /// The entry can't be a code of this challenge: wrong length or wrong characters. It costs nothing.
    MalformedCode,
    /// The code is wrong.
    WrongCode {
        /// How many tries this code has left.
        tries_left: u8,
        /// The lock that this failure led to.
        lock: Option<Lock>,
    },
    /// The code is one that a newer one replaced: "use the newest code".
    Superseded {
        /// How many tries the newest code has left.
        tries_left: u8,
        /// The lock that this failure led to.
        lock: Option<Lock>,
    },
    /// The tries of this code are used up; another must be sent.
    NoTriesLeft,
    /// The code is dead; another must be sent.
    Expired,
    /// The challenge was met before. A code counts once.
    AlreadyUsed,
}

impl Refusal {
    /// The name that clients of passcode APIs know this error by.
    #[must_use]
    pub const fn wire_name(&self) -> &'static str {
        match self {
            Self::CoolingDown { .. } | Self::QuotaExceeded { .. } => "too_many_requests",
            Self::Locked { .. } | Self::Closed => "user_lock_limit_reached",
            Self::MalformedCode => "invalid_code",
            Self::WrongCode { .. } | Self::NoTriesLeft | Self::UnknownHandle => "otp_code_not_found",
            Self::Superseded { .. } | Self::Expired | Self::AlreadyUsed | Self::DeadlinePassed => {
                "unable_to_auth_otp_code"
            }
        }
    }

    /// The refusal itself in snake case, which is finer than the wire name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::CoolingDown { .. } => "cooling_down",
            Self::QuotaExceeded { .. } => "quota_exceeded",
            Self::Locked { .. } => "locked",
            Self::Closed => "closed",
            Self::DeadlinePassed => "deadline_passed",
            Self::UnknownHandle => "unknown_handle",
            Self::MalformedCode => "malformed_code",
            Self::WrongCode { .. } => "wrong_code",
            Self::Superseded { .. } => "superseded",
            Self::NoTriesLeft => "no_tries_left",
            Self::Expired => "expired",
            Self::AlreadyUsed => "already_used",
        }
    }

    /// A number for this refusal, from 200 on, which never changes.
    #[must_use]
    pub const fn number(&self) -> u16 {
        match self {
            Self::CoolingDown { .. } => 200,
            Self::QuotaExceeded { .. } => 201,
            Self::Locked { .. } => 202,
            Self::Closed => 203,
            Self::DeadlinePassed => 204,
            Self::UnknownHandle => 205,
            Self::MalformedCode => 206,
            Self::WrongCode { .. } => 207,
            Self::Superseded { .. } => 208,
            Self::NoTriesLeft => 209,
            Self::Expired => 210,
            Self::AlreadyUsed => 211,
        }
    }

    /// When it is worth trying again, if waiting helps.
    #[must_use]
    pub const fn retry_at(&self) -> Option<Timestamp> {
        match *self {
            Self::CoolingDown { retry_at } | Self::QuotaExceeded { retry_at } => Some(retry_at),
            Self::Locked { until } => Some(until),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tries = |f: &mut fmt::Formatter<'_>, left: u8, lock: Option<Lock>| match lock {
            Some(Lock::Closed) => f.write_str("; too many failures, closed until the operator unlocks it"),
            Some(Lock::Until(until)) => write!(f, "; too many failures, locked until {}", UnixTime(until)),
            None => write!(f, "; tries left: {left}"),
        };
        match *self {
            Self::CoolingDown { retry_at } => {
                write!(f, "a passcode was sent a moment ago; another can be sent at {}", UnixTime(retry_at))
            }
            Self::QuotaExceeded { retry_at } => {
                write!(f, "too many passcodes were sent; another can be sent at {}", UnixTime(retry_at))
            }
            Self::Locked { until } => {
                write!(f, "too many failures in a row; locked until {}", UnixTime(until))
            }
            Self::Closed => f.write_str("too many failures in a row; closed until the operator unlocks it"),
            Self::DeadlinePassed => f.write_str("the time for this challenge is over; start a new one"),
            Self::UnknownHandle => f.write_str("there is no such challenge; start a new one"),
            Self::MalformedCode => f.write_str("this is not of the shape of a code"),
            Self::WrongCode { tries_left, lock } => {
                f.write_str("the code is wrong")?;
                tries(f, tries_left, lock)
            }
            Self::Superseded { tries_left, lock } => {
                f.write_str("a newer code was sent; use the newest")?;
                tries(f, tries_left, lock)
            }
            Self::NoTriesLeft => f.write_str("the tries of this code are used up; have a new one sent"),
            Self::Expired => f.write_str("the code has expired; have a new one sent"),
            Self::AlreadyUsed => f.write_str("the code was used before; start a new challenge"),
        }
    }
}

impl core::error::Error for Refusal {}

/// A time in an error message, for logs: a host that shows it to a person knows the person's clock and language.
struct UnixTime(Timestamp);

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.unix_millis();
        write!(f, "Unix time {}.{:03}", millis / 1000, millis % 1000)
    }
}
