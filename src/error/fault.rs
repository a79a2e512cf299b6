//! Faults of the service: clock, generator, keys, stored records.

use core::fmt;
use core::time::Duration;

use super::entropy::EntropyError;
use super::record::RecordError;
use crate::keys::KeyId;

/// A fault of the service. Nothing was decided and nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The random number generator cannot be used.
    Entropy(EntropyError),
    /// The stored record cannot be read.
    Record(RecordError),
    /// This server's clock is too far behind: more than a day behind the clock that last wrote the
    /// record, or more than 5 seconds behind the clock that issued the code, which could then live
    /// longer than allowed. Nothing was compared.
    ///
    /// If the other clock was wrong, `unlock` or `forget` makes the record usable again by setting
    /// its time to the caller's clock. Otherwise it becomes usable at the end of its retention.
    ClockWentBack {
        /// How far this server's clock is behind.
        by: Duration,
    },
    /// The clock shows a time before 2020 or beyond [`Timestamp::MAX`](crate::Timestamp::MAX). It
    /// was never set, or seconds were passed as milliseconds.
    ClockOutOfRange,
    /// The code was issued under a key that this server does not have.
    UnknownKey(KeyId),
    /// The challenge has more than eight different [host keys](crate::Challenge::with_key).
    #[cfg(feature = "alloc")]
    TooManyHostKeys,
    /// The guard keeps no tally for this scope, so there is nothing to forgive.
    #[cfg(feature = "alloc")]
    NoTallyOfScope,
    /// A permission or a grant is of another account or tenant, or is not for this call.
    #[cfg(feature = "totp")]
    ForeignProof,
    /// A step-by-step operation was given a reply of the wrong kind, or a reply after its end.
    OutOfTurn,
}

impl Fault {
    /// Returns the fault in snake case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Entropy(error) => error.as_str(),
            Self::Record(error) => error.as_str(),
            Self::ClockWentBack { .. } => "clock_went_back",
            Self::ClockOutOfRange => "clock_out_of_range",
            Self::UnknownKey(_) => "unknown_key",
            #[cfg(feature = "alloc")]
            Self::TooManyHostKeys => "too_many_host_keys",
            #[cfg(feature = "alloc")]
            Self::NoTallyOfScope => "no_tally_of_scope",
            #[cfg(feature = "totp")]
            Self::ForeignProof => "foreign_proof",
            Self::OutOfTurn => "out_of_turn",
        }
    }

    /// Returns the fault's stable number, from 300 on. A number never changes its meaning.
    #[must_use]
    pub const fn number(&self) -> u16 {
        match self {
            Self::ClockWentBack { .. } => 300,
            Self::ClockOutOfRange => 301,
            Self::UnknownKey(_) => 302,
            Self::OutOfTurn => 303,
            #[cfg(feature = "alloc")]
            Self::TooManyHostKeys => 304,
            #[cfg(feature = "alloc")]
            Self::NoTallyOfScope => 305,
            #[cfg(feature = "totp")]
            Self::ForeignProof => 306,
            Self::Entropy(error) => error.number(),
            Self::Record(error) => error.number(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entropy(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
            Self::ClockWentBack { by } => {
                write!(
                    f,
                    "this server's clock is {} ms behind the clock that wrote the record; correct it, \
                     or unlock the recipient if the other clock was wrong",
                    by.as_millis()
                )
            }
            Self::ClockOutOfRange => f.write_str(
                "the clock shows a time before 2020 or after 10889; expected milliseconds since 1970",
            ),
            #[cfg(feature = "alloc")]
            Self::TooManyHostKeys => f.write_str("a challenge has at most 8 host keys"),
            #[cfg(feature = "alloc")]
            Self::NoTallyOfScope => f.write_str(
                "nothing is counted for this scope; forgive a block of 100, 1,000, 10,000 or 1,000,000 \
                 numbers, a region or the purse",
            ),
            #[cfg(feature = "totp")]
            Self::ForeignProof => {
                f.write_str("the permission or grant is of another account, or not for this call")
            }
            Self::OutOfTurn => f.write_str("the operation was given a reply that does not match its request"),
            Self::UnknownKey(id) => {
                write!(
                    f,
                    "the code was issued under key {}, which this server does not have; accept the key",
                    id.number()
                )
            }
        }
    }
}

impl core::error::Error for Fault {}

impl From<EntropyError> for Fault {
    fn from(error: EntropyError) -> Self {
        Self::Entropy(error)
    }
}

impl From<RecordError> for Fault {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}
