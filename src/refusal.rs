//! Expected refusals: a limit, or a code that is not valid.

use core::fmt;

use crate::limits::Lock;
use crate::time::Timestamp;

/// An expected refusal: a limit was reached, or the code is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A passcode was sent too recently. It stays valid until it expires.
    CoolingDown {
        /// When the next one may be sent.
        retry_at: Timestamp,
    },
    /// The recipient's send quota is used up. A code that was sent before
    /// stays valid until it expires.
    QuotaExceeded {
        /// When the next one may be sent.
        retry_at: Timestamp,
    },
    /// Too many failures in a row. Nothing is sent or checked until the lock ends.
    Locked {
        /// When the lock ends.
        until: Timestamp,
    },
    /// So many failures in a row that the recipient is locked until an operator calls
    /// [`unlock`](crate::Verifier::unlock).
    Closed,
    /// The deadline of the challenge has passed. A resend does not extend it.
    DeadlinePassed,
    /// No challenge of this recipient and purpose has this handle: it never existed, was cancelled,
    /// or was replaced by a newer start.
    UnknownHandle,
    /// The entry cannot be a code of this challenge: its length or characters are wrong. It does
    /// not count as an attempt.
    MalformedCode,
    /// The code is wrong.
    WrongCode {
        /// Attempts left for this code.
        tries_left: u8,
        /// The lock that this failure caused, if any.
        lock: Option<Lock>,
    },
    /// The code was replaced by a newer one. Ask the person to enter the newest code.
    Superseded {
        /// Attempts left for the newest code.
        tries_left: u8,
        /// The lock that this failure caused, if any.
        lock: Option<Lock>,
    },
    /// No attempts are left for this code. Another must be sent.
    NoTriesLeft,
    /// The code has expired. Another must be sent.
    Expired,
    /// The code was used before. A code is accepted once.
    AlreadyUsed,
    /// The account has no such factor: none was enrolled, the enrolment expired before it was
    /// confirmed, or it was removed. For a recovery code, also while the enrolment is not
    /// confirmed.
    NotEnrolled,
    /// The account has an active factor of this kind. It must be removed first.
    AlreadyEnrolled,
}

impl Refusal {
    /// Returns the refusal's name in the APIs of hosted passcode providers.
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
            Self::NotEnrolled => "unable_to_authenticate_totp",
            Self::AlreadyEnrolled => "active_totp_exists",
        }
    }

    /// Returns the refusal in snake case. It is more specific than the wire name.
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
            Self::NotEnrolled => "not_enrolled",
            Self::AlreadyEnrolled => "already_enrolled",
        }
    }

    /// Returns the refusal's stable number, from 200 on. A number never changes its meaning.
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
            Self::NotEnrolled => 212,
            Self::AlreadyEnrolled => 213,
        }
    }

    /// Adds what the same failure means to an account: how many attempts are left there, and the
    /// lock that it caused. The stricter one of both stands.
    #[cfg(feature = "totp")]
    pub(crate) fn charged(self, left: u8, other: Option<Lock>) -> Self {
        match self {
            Self::WrongCode { tries_left, lock } => {
                Self::WrongCode { tries_left: tries_left.min(left), lock: lock.max(other) }
            }
            Self::Superseded { tries_left, lock } => {
                Self::Superseded { tries_left: tries_left.min(left), lock: lock.max(other) }
            }
            other => other,
        }
    }

    /// Returns when to retry, if waiting helps.
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
            Some(Lock::Closed) => f.write_str("; too many failures, closed until an operator unlocks it"),
            Some(Lock::Until(until)) => write!(f, "; too many failures, locked until {}", UnixTime(until)),
            None => write!(f, "; attempts left: {left}"),
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
            Self::Closed => f.write_str("too many failures in a row; closed until an operator unlocks it"),
            Self::DeadlinePassed => f.write_str("the deadline of this challenge has passed; start a new one"),
            Self::UnknownHandle => f.write_str("unknown challenge; start a new one"),
            Self::MalformedCode => f.write_str("not a code: wrong length or characters"),
            Self::WrongCode { tries_left, lock } => {
                f.write_str("the code is wrong")?;
                tries(f, tries_left, lock)
            }
            Self::Superseded { tries_left, lock } => {
                f.write_str("a newer code was sent; enter the newest")?;
                tries(f, tries_left, lock)
            }
            Self::NoTriesLeft => f.write_str("no attempts are left for this code; request a new one"),
            Self::Expired => f.write_str("the code has expired; request a new one"),
            Self::AlreadyUsed => f.write_str("the code was used before; use a new one"),
            Self::NotEnrolled => f.write_str("the account has no such factor; enrol one first"),
            Self::AlreadyEnrolled => f.write_str("the account has an active factor; remove it first"),
        }
    }
}

impl core::error::Error for Refusal {}

/// A time in an error message, for logs. A host that shows it to a person knows the person's time
/// zone and language.
struct UnixTime(Timestamp);

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.unix_millis();
        write!(f, "Unix time {}.{:03}", millis / 1000, millis % 1000)
    }
}
