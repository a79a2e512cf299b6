//! What the front answers when it does not say yes.

mod entropy;
mod fault;
mod record;
mod refusal;

use core::fmt;

pub use entropy::EntropyError;
pub use fault::Fault;
pub use record::RecordError;
pub use refusal::Refusal;

use crate::policy::Reason;
use crate::store::StoreError;
use crate::time::Timestamp;

/// Why a [`Verifier`](crate::Verifier) did not do what it was asked.
///
/// The first two are answers for the person, the others say that the service is out of order: then nothing was decided, and the
/// same call may succeed later. No error holds a code, a key or a telephone number.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The policy denies it.
    Denied(Reason),
    /// A limit, or a code that proves nothing.
    Refused(Refusal),
    /// Clock, generator, keys or a stored record are out of order.
    Fault(Fault),
    /// The store has no answer.
    Store(StoreError),
    /// Others changed the same record again and again; the call gave up before anything was decided.
    Contended,
}

impl Error {
    /// The name that clients of passcode APIs know this error by.
    #[must_use]
    pub const fn wire_name(&self) -> &'static str {
        match self {
            Self::Denied(reason) => reason.wire_name(),
            Self::Refused(refusal) => refusal.wire_name(),
            Self::Fault(_) => "internal_server_error",
            Self::Store(_) | Self::Contended => "service_unavailable",
        }
    }

    /// The error in snake case, which is finer than the wire name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Denied(reason) => reason.as_str(),
            Self::Refused(refusal) => refusal.as_str(),
            Self::Fault(fault) => fault.as_str(),
            Self::Store(error) => error.kind().as_str(),
            Self::Contended => "contended",
        }
    }

    /// A number for this error, which never changes: from 100 on a denial, from 200 on a refusal, from 300 on
    /// a fault, from 400 on an error of the store.
    #[must_use]
    pub const fn number(&self) -> u16 {
        match self {
            Self::Denied(reason) => reason.number(),
            Self::Refused(refusal) => refusal.number(),
            Self::Fault(fault) => fault.number(),
            Self::Store(error) => error.kind().number(),
            Self::Contended => 499,
        }
    }

    /// When it is worth trying again, if waiting helps.
    #[must_use]
    pub const fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::Refused(refusal) => refusal.retry_at(),
            _ => None,
        }
    }

    /// The machine's no, if it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(*refusal),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(reason) => reason.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Contended => f.write_str("too many requests for this recipient at once; try again"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        Self::Denied(reason)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
