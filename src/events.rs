//! What happens in a verifier, told to the host for its metrics and logs.

use crate::error::{Error, Fault, Refusal};
use crate::number::Allocation;
use crate::store::StoreErrorKind;
use crate::{Channel, Kind, PhoneNumber, Reason, Region};

/// A call of a [`Verifier`](crate::Verifier).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Call {
    /// [`Verifier::start`](crate::Verifier::start).
    Start,
    /// [`Verifier::resend`](crate::Verifier::resend).
    Resend,
    /// [`Verifier::check`](crate::Verifier::check), with a handle or without.
    Check,
    /// [`Verifier::cancel`](crate::Verifier::cancel).
    Cancel,
    /// [`Verifier::undelivered`](crate::Verifier::undelivered).
    Undelivered,
    /// [`Verifier::status`](crate::Verifier::status).
    Status,
    /// [`Verifier::unlock`](crate::Verifier::unlock).
    Unlock,
    /// [`Verifier::forget`](crate::Verifier::forget).
    Forget,
}

impl Call {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Resend => "resend",
            Self::Check => "check",
            Self::Cancel => "cancel",
            Self::Undelivered => "undelivered",
            Self::Status => "status",
            Self::Unlock => "unlock",
            Self::Forget => "forget",
        }
    }
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It did what it was asked: a code was issued or resent, a person verified, a record changed.
    Done,
    /// The policy denied it.
    Denied(Reason),
    /// A limit, or a code that is not valid. Where that led to a lock, the refusal says so.
    Refused(Refusal),
    /// Clock, generator, keys or a stored record are not in order.
    Fault(Fault),
    /// The store has no answer.
    Store(StoreErrorKind),
    /// Others kept changing the same record.
    Contended,
}

/// One call and its end, without number, code, handle or key.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Verifier};
///
/// let issued = Arc::new(AtomicU32::new(0));
/// let counter = Arc::clone(&issued);
/// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new())
///     .with_events(move |event| {
///         if event.name() == "issued" {
///             counter.fetch_add(1, Ordering::Relaxed);
///         }
///     });
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let _ = verifier.start(number, Channel::Sms)?;
/// assert_eq!(issued.load(Ordering::Relaxed), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The call.
    pub call: Call,
    /// What became of it.
    pub outcome: Outcome,
    /// How the code travels, if the call knows.
    pub channel: Option<Channel>,
    /// The number's region; none for an address.
    pub region: Option<Region>,
    /// The number's kind, if the plan knows it.
    pub kind: Option<Kind>,
    /// Swaps that it took. More than one is contention, or a reply that was lost.
    pub swaps: u32,
}

impl Event {
    pub(crate) fn new(about: &About, error: Option<&Error>, swaps: u32) -> Self {
        let outcome = match error {
            None => Outcome::Done,
            Some(Error::Denied(reason)) => Outcome::Denied(*reason),
            Some(Error::Refused(refusal)) => Outcome::Refused(*refusal),
            Some(Error::Fault(fault)) => Outcome::Fault(*fault),
            Some(Error::Store(error)) => Outcome::Store(error.kind()),
            Some(Error::Contended) => Outcome::Contended,
        };
        let About { call, channel, number } = *about;
        let kind = number.and_then(|number| match number.allocation() {
            Allocation::Assigned(kind) => Some(kind),
            Allocation::Unallocated | Allocation::Impossible => None,
        });
        let region = number.and_then(PhoneNumber::region);
        Self { call, outcome, channel, region, kind, swaps }
    }

    /// What happened, in snake case: `issued`, `resent`, `verified`, `cancelled`, `undelivered`,
    /// `unlocked`, `forgotten`, `status`; `locked` where the call led to a lock; else `denied`,
    /// `refused`, `superseded`, `fault`, `store_fault` or `contended`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.outcome {
            Outcome::Done => match self.call {
                Call::Start => "issued",
                Call::Resend => "resent",
                Call::Check => "verified",
                Call::Cancel => "cancelled",
                Call::Undelivered => "undelivered",
                Call::Unlock => "unlocked",
                Call::Forget => "forgotten",
                Call::Status => "status",
            },
            Outcome::Denied(_) => "denied",
            Outcome::Refused(
                Refusal::WrongCode { lock: Some(_), .. } | Refusal::Superseded { lock: Some(_), .. },
            ) => "locked",
            Outcome::Refused(Refusal::Superseded { .. }) => "superseded",
            Outcome::Refused(_) => "refused",
            Outcome::Fault(_) => "fault",
            Outcome::Store(_) => "store_fault",
            Outcome::Contended => "contended",
        }
    }

    /// Why, in snake case: the reason of a denial or a refusal.
    #[must_use]
    pub const fn reason(&self) -> Option<&'static str> {
        match self.outcome {
            Outcome::Denied(reason) => Some(reason.as_str()),
            Outcome::Refused(refusal) => Some(refusal.as_str()),
            _ => None,
        }
    }
}

/// What a call is about.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct About {
    /// The call.
    pub call: Call,
    /// How the code travels, if that is known.
    pub channel: Option<Channel>,
    /// The recipient's number; none for an address.
    pub number: Option<PhoneNumber>,
}

impl About {
    /// A call about nothing that is known yet.
    #[must_use]
    pub const fn new(call: Call) -> Self {
        Self { call, channel: None, number: None }
    }

    /// The same, with the channel of the code.
    #[must_use]
    pub fn with_channel(self, channel: impl Into<Option<Channel>>) -> Self {
        Self { channel: channel.into(), ..self }
    }

    /// The same, about this number.
    #[must_use]
    pub fn with_number(self, number: impl Into<Option<PhoneNumber>>) -> Self {
        Self { number: number.into(), ..self }
    }
}
