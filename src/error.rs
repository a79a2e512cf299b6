//! Errors returned by [`Verifier`](crate::Verifier).

mod entropy;
mod fault;
mod record;

use core::fmt;

pub use crate::refusal::Refusal;
pub use entropy::EntropyError;
pub use fault::Fault;
pub use record::RecordError;

use crate::policy::Reason;
use crate::store::StoreError;
use crate::time::Timestamp;

/// Why a [`Verifier`](crate::Verifier) call failed.
///
/// `Denied`, `Refused` and `Guarded` are answers for the person. The others are failures of the
/// service: nothing was decided, and the same call may succeed later. No error contains a code or a
/// key, and none prints a phone number. The text of a ruling can name a block of 100 numbers, so it
/// is for operators: answer the person with [`wire_name`](Self::wire_name) and
/// [`retry_at`](Self::retry_at).
///
/// ```
/// use countersign::{Channel, Error, Keys, MemoryStore, PhoneNumber, Refusal, Verifier};
///
/// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let issued = verifier.start(number, Channel::Sms)?;
///
/// let error = verifier.start(number, Channel::Sms).unwrap_err();      // within the cooldown
/// assert!(matches!(error, Error::Refused(Refusal::CoolingDown { .. })));
/// assert_eq!((error.as_str(), error.wire_name()), ("cooling_down", "too_many_requests"));
/// assert!(error.retry_at().is_some());
/// # let _ = issued;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The policy does not allow the recipient on this channel.
    Denied(Reason),
    /// A limit was reached, or the code is not valid.
    Refused(Refusal),
    /// The [guard](crate::guard) does not allow the send. The ruling says why, when to retry, and
    /// whether the person may pass a check of the host's own.
    #[cfg(feature = "alloc")]
    Guarded(alloc::sync::Arc<crate::guard::Ruling>),
    /// The clock, the generator, the keys or a stored record cannot be used.
    Fault(Fault),
    /// The store could not answer.
    Store(StoreError),
    /// Concurrent calls kept changing the same record. The call gave up before anything was
    /// decided.
    Contended,
}

impl Error {
    /// Returns the error's name in the APIs of hosted passcode providers.
    #[must_use]
    pub const fn wire_name(&self) -> &'static str {
        match self {
            Self::Denied(reason) => reason.wire_name(),
            Self::Refused(refusal) => refusal.wire_name(),
            #[cfg(feature = "alloc")]
            Self::Guarded(_) => "too_many_requests",
            Self::Fault(_) => "internal_server_error",
            Self::Store(_) | Self::Contended => "service_unavailable",
        }
    }

    /// Returns the error in snake case. It is more specific than the wire name.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Denied(reason) => reason.as_str(),
            Self::Refused(refusal) => refusal.as_str(),
            #[cfg(feature = "alloc")]
            Self::Guarded(ruling) => ruling.rule().map_or("guarded", crate::guard::Rule::as_str),
            Self::Fault(fault) => fault.as_str(),
            Self::Store(error) => error.kind().as_str(),
            Self::Contended => "contended",
        }
    }

    /// Returns the error's stable number. Denials start at 100, refusals at 200, faults at 300,
    /// store errors at 400, rules of the guard at 500. A number never changes its meaning.
    #[must_use]
    pub fn number(&self) -> u16 {
        match self {
            Self::Denied(reason) => reason.number(),
            Self::Refused(refusal) => refusal.number(),
            #[cfg(feature = "alloc")]
            Self::Guarded(ruling) => ruling.rule().map_or(500, crate::guard::Rule::number),
            Self::Fault(fault) => fault.number(),
            Self::Store(error) => error.kind().number(),
            Self::Contended => 499,
        }
    }

    /// Returns when to retry, if waiting helps.
    #[must_use]
    pub fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::Refused(refusal) => refusal.retry_at(),
            #[cfg(feature = "alloc")]
            Self::Guarded(ruling) => ruling.retry_at(),
            _ => None,
        }
    }

    /// Returns the refusal, if it is one.
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
            #[cfg(feature = "alloc")]
            Self::Guarded(ruling) => ruling.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Contended => f.write_str("too many concurrent requests for this recipient; retry"),
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
