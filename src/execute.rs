//! Execution modes for the calls of a [`Verifier`](crate::Verifier): blocking, asynchronous or step
//! by step, at the system's time or at the caller's. They are chosen by
//! [`asynchronously`](crate::Verifier::asynchronously), [`in_steps`](crate::Verifier::in_steps) and
//! [`at`](crate::Verifier::at); most hosts never name these types.

#[cfg(feature = "alloc")]
mod async_engine;
mod engine;

use core::cell::RefCell;
use core::ops::ControlFlow;

use crate::error::EntropyError;
use crate::error::Error;
use crate::kernel::{Driver, Plan, Ready, Reply, Request};
use crate::rng::Fill;
use crate::service::Service;
use crate::store::{ReadBoth, Store};
use crate::time::Timestamp;
use engine::Engine;

/// The source of a call's time and randomness, read once as the call begins.
pub trait Source {
    /// Whether two processes can get the same randomness, as after a fork. True for all generators
    /// except the operating system's.
    #[doc(hidden)]
    const MAY_REPEAT: bool = true;

    /// Passes the time and a generator to `begin`.
    #[doc(hidden)]
    fn with<T>(&self, begin: impl FnOnce(Timestamp, &mut dyn Fill) -> T) -> T;
}

/// A plan that any executor can run: it can be stored, and moved to another thread.
pub trait Planned: Plan<Output: Send + 'static> + Send + 'static {}

impl<P: Plan<Output: Send + 'static> + Send + 'static> Planned for P {}

/// An execution mode: how a call is run, and therefore what it returns.
pub trait Execute<S>: Source {
    /// The return type of a call with the output `T`.
    type Outcome<'a, T: 'static>
    where
        Self: 'a,
        S: 'a;

    /// Runs an operation, or reports why there is none.
    #[doc(hidden)]
    fn execute<'a, P: Planned>(
        service: &'a Service,
        store: &'a S,
        ready: Result<Ready<P>, Error>,
    ) -> Self::Outcome<'a, P::Output>
    where
        Self: 'a;

    /// Returns whether the store answers reads of tallies from memory.
    #[doc(hidden)]
    fn is_local(_store: &S) -> bool {
        false
    }
}

/// A source whose calls block until they are complete.
pub trait Blocking: Source {}

/// Blocks, with the system's clock and generator. The default.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

/// Blocks, with a given time and generator: see [`Verifier::at`](crate::Verifier::at).
pub struct At<'a, R> {
    now: Timestamp,
    rng: RefCell<&'a mut R>,
}

impl<'a, R> At<'a, R> {
    pub(crate) const fn new(now: Timestamp, rng: &'a mut R) -> Self {
        Self { now, rng: RefCell::new(rng) }
    }
}

impl<R> core::fmt::Debug for At<'_, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("At").field("now", &self.now).finish_non_exhaustive()
    }
}

/// Returns futures: see [`Verifier::asynchronously`](crate::Verifier::asynchronously).
#[derive(Clone, Copy, Debug, Default)]
pub struct Async<X>(pub(crate) X);

/// Returns operations to carry out step by step: see
/// [`Verifier::in_steps`](crate::Verifier::in_steps).
#[derive(Clone, Copy, Debug, Default)]
pub struct InSteps<X>(pub(crate) X);

#[cfg(feature = "std")]
impl Source for System {
    const MAY_REPEAT: bool = false;

    #[inline(always)]
    fn with<T>(&self, begin: impl FnOnce(Timestamp, &mut dyn Fill) -> T) -> T {
        begin(Timestamp::now(), &mut crate::rng::SystemRng)
    }
}

impl<R: rand_core::TryCryptoRng> Source for At<'_, R> {
    #[inline(always)]
    fn with<T>(&self, begin: impl FnOnce(Timestamp, &mut dyn Fill) -> T) -> T {
        match self.rng.try_borrow_mut() {
            Ok(mut rng) => begin(self.now, &mut **rng),
            // The generator is in use: it draws from itself.
            Err(_) => begin(self.now, &mut NoGenerator),
        }
    }
}

struct NoGenerator;

impl Fill for NoGenerator {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), EntropyError> {
        Err(EntropyError::Failed)
    }
}

impl<X: Source> Source for Async<X> {
    const MAY_REPEAT: bool = X::MAY_REPEAT;

    #[inline(always)]
    fn with<T>(&self, begin: impl FnOnce(Timestamp, &mut dyn Fill) -> T) -> T {
        self.0.with(begin)
    }
}

impl<X: Source> Source for InSteps<X> {
    const MAY_REPEAT: bool = X::MAY_REPEAT;

    #[inline(always)]
    fn with<T>(&self, begin: impl FnOnce(Timestamp, &mut dyn Fill) -> T) -> T {
        self.0.with(begin)
    }
}

#[cfg(feature = "std")]
impl Blocking for System {}

impl<R: rand_core::TryCryptoRng> Blocking for At<'_, R> {}

impl<S: Engine, X: Blocking> Execute<S> for X {
    type Outcome<'a, T: 'static>
        = Result<T, Error>
    where
        Self: 'a,
        S: 'a;

    #[inline(always)]
    fn execute<'a, P: Planned>(
        service: &'a Service,
        store: &'a S,
        ready: Result<Ready<P>, Error>,
    ) -> Result<P::Output, Error>
    where
        Self: 'a,
    {
        blocking(service, store, ready?)
    }

    fn is_local(store: &S) -> bool {
        store.is_local()
    }
}

/// Runs an operation's requests, one round trip after the other.
#[inline(always)]
fn blocking<P: Plan>(service: &Service, engine: &impl Engine, ready: Ready<P>) -> Result<P::Output, Error> {
    let store = engine.store();
    let mut operation = ready.driver();
    loop {
        let step = match operation.request() {
            Request::Read([]) => operation.answer(service, Reply::Read(Ok(&[]))),
            Request::Read([key]) => match store.load(key) {
                Ok(ref loaded) => operation.answer(service, Reply::Read(Ok(core::slice::from_ref(loaded)))),
                Err(error) => operation.answer(service, Reply::Read(Err(error))),
            },
            Request::Read(keys) => match store.load_all(keys) {
                Ok(ref batch) => operation.answer(service, Reply::Read(Ok(batch.as_slice()))),
                Err(error) => operation.answer(service, Reply::Read(Err(error))),
            },
            Request::Swap { key, expected, record, keep } => {
                let swap = store.compare_and_swap(key, expected, record, keep);
                operation.answer(service, Reply::Swapped(swap))
            }
            Request::ReadWithTallies { records: [key], tallies, now } if engine.is_local() => {
                let (loaded, entries) = (store.load(key), engine.read(tallies, now));
                let records = match loaded {
                    Ok(ref loaded) => Ok(core::slice::from_ref(loaded)),
                    Err(error) => Err(error),
                };
                let tallies = match entries {
                    Ok(ref entries) => Ok(entries),
                    Err(error) => Err(error),
                };
                operation.answer(service, Reply::ReadWithTallies { records, tallies })
            }
            Request::ReadWithTallies { records, tallies, now } => {
                let both = engine.load_with_tallies(records, tallies, now);
                answer_both(&mut operation, service, both)
            }
            Request::Add { changes, now } => {
                let added = engine.add(changes, now);
                operation.answer(service, Reply::Added(added))
            }
        };
        if let ControlFlow::Break(result) = step {
            return result;
        }
    }
}

/// Answers a request for records and tallies.
#[inline(never)]
fn answer_both<P: Plan>(
    operation: &mut Driver<P>,
    service: &Service,
    ReadBoth { records, tallies }: ReadBoth,
) -> ControlFlow<Result<P::Output, Error>> {
    let records = match records {
        Ok(ref batch) => Ok(batch.as_slice()),
        Err(error) => Err(error),
    };
    let tallies = match tallies {
        Ok(ref entries) => Ok(entries),
        Err(error) => Err(error),
    };
    operation.answer(service, Reply::ReadWithTallies { records, tallies })
}

#[cfg(feature = "alloc")]
pub use awaited::Call;
#[cfg(feature = "alloc")]
pub use engine::HasGuard;

#[cfg(feature = "alloc")]
mod awaited {
    use alloc::boxed::Box;
    use core::future::Future;
    use core::ops::ControlFlow;
    use core::pin::Pin;

    use super::async_engine::AsyncEngine;
    use super::{Async, Execute, InSteps, Planned, Source, answer_both};
    use crate::error::Error;
    use crate::kernel::{Operation, Plan, Ready, Reply, Request};
    use crate::service::Service;
    use crate::store::AsyncStore;

    /// A call that is awaited: a boxed future.
    pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

    impl<S: AsyncEngine + Sync, X: Source> Execute<S> for Async<X> {
        type Outcome<'a, T: 'static>
            = Call<'a, T>
        where
            Self: 'a,
            S: 'a;

        fn execute<'a, P: Planned>(
            service: &'a Service,
            store: &'a S,
            ready: Result<Ready<P>, Error>,
        ) -> Call<'a, P::Output>
        where
            Self: 'a,
        {
            Box::pin(async move { carry_out(service, store, ready?).await })
        }

        fn is_local(store: &S) -> bool {
            store.is_local()
        }
    }

    /// The same loop as the blocking one, with awaits.
    async fn carry_out<P: Plan>(
        service: &Service,
        engine: &(impl AsyncEngine + Sync),
        ready: Ready<P>,
    ) -> Result<P::Output, Error> {
        let store = engine.store();
        let mut operation = ready.driver();
        loop {
            let step = match operation.request() {
                Request::Read([]) => operation.answer(service, Reply::Read(Ok(&[]))),
                Request::Read([key]) => match store.load(key).await {
                    Ok(ref loaded) => {
                        operation.answer(service, Reply::Read(Ok(core::slice::from_ref(loaded))))
                    }
                    Err(error) => operation.answer(service, Reply::Read(Err(error))),
                },
                Request::Read(keys) => match store.load_all(keys).await {
                    Ok(ref batch) => operation.answer(service, Reply::Read(Ok(batch.as_slice()))),
                    Err(error) => operation.answer(service, Reply::Read(Err(error))),
                },
                Request::Swap { key, expected, record, keep } => {
                    let swap = store.compare_and_swap(key, expected, record, keep).await;
                    operation.answer(service, Reply::Swapped(swap))
                }
                Request::ReadWithTallies { records, tallies, now } => {
                    let both = engine.load_with_tallies(records, tallies, now).await;
                    answer_both(&mut operation, service, both)
                }
                Request::Add { changes, now } => {
                    let added = engine.add(changes, now).await;
                    operation.answer(service, Reply::Added(added))
                }
            };
            if let ControlFlow::Break(result) = step {
                return result;
            }
        }
    }

    impl<S, X: Source> Execute<S> for InSteps<X> {
        type Outcome<'a, T: 'static>
            = Result<Operation<T>, Error>
        where
            Self: 'a,
            S: 'a;

        fn execute<'a, P: Planned>(
            _service: &'a Service,
            _store: &'a S,
            ready: Result<Ready<P>, Error>,
        ) -> Result<Operation<P::Output>, Error>
        where
            Self: 'a,
        {
            Ok(Operation(Box::new(ready?.driver())))
        }
    }
}
