//! Operations as values: their requests to a store, and the store's replies.

use core::ops::ControlFlow;

use crate::error::Error;
use crate::service::Service;
use crate::store::{Change, Entries, Keep, Loaded, RecordKey, Revision, StoreError, Swap, TallyKey};
use crate::time::Timestamp;

/// A request of an operation to its store. It takes one round trip.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Request<'a> {
    /// Read these records, at most three. Each is returned as it was at some moment during the
    /// call: see [`Store::load_all`](crate::Store::load_all).
    Read(&'a [RecordKey]),
    /// Read these records and these tallies: see
    /// [`Tallies::load_with_tallies`](crate::store::Tallies::load_with_tallies). Only a verifier
    /// [with a guard](crate::Verifier::with_guard) requests it.
    ReadWithTallies {
        /// The records, at most three.
        records: &'a [RecordKey],
        /// The keys of the tallies.
        tallies: &'a [TallyKey],
        /// The time of the call.
        now: Timestamp,
    },
    /// Replace a record: see [`Store::compare_and_swap`](crate::Store::compare_and_swap).
    Swap {
        /// The record's key.
        key: &'a RecordKey,
        /// The revision that the record must still have.
        expected: Revision,
        /// The new record.
        record: &'a [u8],
        /// How long the record must be kept.
        keep: Keep,
    },
    /// Change tallies, once, whatever the reply: see
    /// [`Tallies::add`](crate::store::Tallies::add). Only a verifier
    /// [with a guard](crate::Verifier::with_guard) requests it.
    Add {
        /// The changes, each of another tally.
        changes: &'a [Change],
        /// The time of the call.
        now: Timestamp,
    },
}

/// The store's reply to a [`Request`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Reply<'a> {
    /// The records in the order of the request, or the error of the read.
    Read(Result<&'a [Loaded], StoreError>),
    /// The records and the tallies, each in the order of the request.
    ReadWithTallies {
        /// The records, or the error of reading them.
        records: Result<&'a [Loaded], StoreError>,
        /// The tallies, or the error of reading them.
        tallies: Result<&'a Entries, StoreError>,
    },
    /// The result of the swap, or an error if nothing was written.
    Swapped(Result<Swap, StoreError>),
    /// Whether the tallies were changed.
    Added(Result<(), StoreError>),
}

/// The steps of a driver for one call. [`Operation`] is its public form.
pub trait Steps: Send {
    /// The output of the call.
    type Output;

    /// Returns the current request to the store.
    fn request(&self) -> Request<'_>;

    /// Accepts the store's reply.
    fn answer(&mut self, service: &Service, reply: Reply<'_>) -> ControlFlow<Result<Self::Output, Error>>;
}

/// A call that the caller carries out step by step.
///
/// The operation states its [`request`](Self::request), and the caller passes the store's reply to
/// [`answer`](Self::answer) until there is a result. It owns its inputs, so that it can be stored,
/// moved to another thread, or held by a binding for another language.
///
/// Created by the calls of [`Verifier::in_steps`](crate::Verifier::in_steps).
///
/// ```
/// use core::ops::ControlFlow;
/// use countersign::kernel::{Reply, Request};
/// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Store, Verifier};
///
/// let (store, verifier) = (MemoryStore::new(), Verifier::new(Keys::from_secret([7; 32])?, ()));
/// let number: PhoneNumber = "+12025550162".parse()?;
///
/// let mut operation = verifier.in_steps().start(number, Channel::Sms)?;
/// let issued = loop {
///     let step = match operation.request() {
///         Request::Read(keys) => {
///             let loaded = keys.iter().map(|key| store.load(key)).collect::<Result<Vec<_>, _>>();
///             let loaded = loaded.as_deref().map_err(|error| error.kind().into());
///             operation.answer(&verifier, Reply::Read(loaded))
///         }
///         Request::Swap { key, expected, record, keep } => {
///             let swap = store.compare_and_swap(key, expected, record, keep);
///             operation.answer(&verifier, Reply::Swapped(swap))
///         }
///         _ => return Err("a request that this loop does not know".into()),
///     };
///     if let ControlFlow::Break(result) = step {
///         break result?;
///     }
/// };
/// assert_eq!(issued.code().as_str().len(), 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "alloc")]
#[must_use = "an operation does nothing until its requests are carried out"]
pub struct Operation<T>(pub(crate) alloc::boxed::Box<dyn Steps<Output = T>>);

#[cfg(feature = "alloc")]
impl<T> Operation<T> {
    /// Returns the current request to the store. It stays the same until the reply is given.
    #[must_use]
    pub fn request(&self) -> Request<'_> {
        self.0.request()
    }

    /// Accepts the store's reply to [`request`](Self::request). `verifier` is the verifier that
    /// created the operation, or a clone of it.
    ///
    /// Breaks with the result of the call. The operation is then over: every further reply is a
    /// fault.
    pub fn answer(
        &mut self,
        verifier: &impl AsRef<Service>,
        reply: Reply<'_>,
    ) -> ControlFlow<Result<T, Error>> {
        self.0.answer(verifier.as_ref(), reply)
    }
}

#[cfg(feature = "alloc")]
impl<T> core::fmt::Debug for Operation<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Operation(..)")
    }
}
