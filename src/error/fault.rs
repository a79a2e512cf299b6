//! Faults of the service: clock, generator, keys, a stored record.

use core::fmt;
use core::time::Duration;

use super::entropy::EntropyError;
use super::record::RecordError;
use crate::keys::KeyId;

/// Why the machine can't answer. Nothing was decided and nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The generator of random numbers.
    Entropy(EntropyError),
    /// The stored record can't be read.
    Record(RecordError),
    /// This server's clock is more than a day behind the one that the record was last written by, or
    /// more than 5 seconds behind the one that the code was issued by: the code could live longer than
    /// it may. Nothing was compared.
    ///
    /// If the other clock was wrong, the record opens again by `unlock` or `forget`, which set its time
    /// to the caller's clock, or by itself at the end of its retention.
    ClockWentBack {
        /// How far behind it is.
        by: Duration,
    },
    /// The clock shows a time before 2020 or beyond [`Timestamp::MAX`]: it was never set, or seconds
    /// were passed as milliseconds.
    ClockOutOfRange,
    /// The code was issued under a key that this server does not know yet, or no longer.
    UnknownKey(KeyId),
    /// An operation that is carried out by hand was given an answer to something else than it asked, or
    /// after its end.
    OutOfTurn,
}

impl Fault {
    /// The fault in snake case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Entropy(error) => error.as_str(),
            Self::Record(error) => error.as_str(),
            Self::ClockWentBack { .. } => "clock_went_back",
            Self::ClockOutOfRange => "clock_out_of_range",
            Self::UnknownKey(_) => "unknown_key",
            Self::OutOfTurn => "out_of_turn",
        }
    }

    /// A number for this fault, from 300 on, which never changes.
    #[must_use]
    pub const fn number(&self) -> u16 {
        match self {
            Self::ClockWentBack { .. } => 300,
            Self::ClockOutOfRange => 301,
            Self::UnknownKey(_) => 302,
            Self::OutOfTurn => 303,
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
                    "this server's clock is {} ms behind another's that wrote the record; correct the clock, \
                     or unlock the recipient if the other was wrong",
                    by.as_millis()
                )
            }
            Self::ClockOutOfRange => f.write_str(
                "the clock shows a time before 2020 or after 10889; expected milliseconds since 1970",
            ),
            Self::OutOfTurn => f.write_str("the operation was given an answer that it did not ask for"),
            Self::UnknownKey(id) => {
                write!(
                    f,
                    "the code was issued under the key {}, which this server does not have; accept it",
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
