//! Operations as values: what they ask of a store, and what a store answers.

use core::ops::ControlFlow;

use crate::error::Error;
use crate::service::Service;
use crate::store::{Keep, Loaded, RecordKey, Revision, StoreError, Swap};

/// What an operation asks of its store. It is one round trip.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Request<'a> {
    /// Read these records, at most three, each as it is at some moment of the call: see
    /// [`Store::load_all`](crate::Store::load_all).
    Read(&'a [RecordKey]),
    /// Replace a record: see [`Store::compare_and_swap`](crate::Store::compare_and_swap).
    Swap {
        /// The record's key.
        key: &'a RecordKey,
        /// The revision that it must still have.
        expected: Revision,
        /// The new record.
        record: &'a [u8],
        /// How long it has to be kept.
        keep: Keep,
    },
}

/// What the store answered to a [`Request`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Reply<'a> {
    /// The records, in the order in which they were asked for, or why there is no answer.
    Read(Result<&'a [Loaded], StoreError>),
    /// What became of the swap, or why nothing was written.
    Swapped(Result<Swap, StoreError>),
}

/// What a driver does for one call; [`Operation`] is the public face of it.
pub trait Steps: Send {
    /// What the call yields.
    type Output;

    /// What the operation wants of the store now.
    fn request(&self) -> Request<'_>;

    /// Takes the store's answer.
    fn answer(&mut self, service: &Service, reply: Reply<'_>) -> ControlFlow<Result<Self::Output, Error>>;
}

/// A call that is carried out by hand: it says what it wants of the store, and is told what the store
/// answered, until it has its result. It owns its inputs and borrows nothing, so that it can be kept,
/// moved to another thread, or held by a binding for another language.
///
/// It is made by the calls of a [`Verifier`](crate::Verifier) in [steps](crate::Verifier::in_steps).
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
    /// What it wants of the store now. Asked again before an answer, it says the same.
    #[must_use]
    pub fn request(&self) -> Request<'_> {
        self.0.request()
    }

    /// Takes the store's answer to [`request`](Self::request). The verifier is the one that made the
    /// operation, or a clone of it.
    ///
    /// It breaks with the result of the call. An operation that has broken is over: its later answers are
    /// faults.
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
