//! An adapter that turns an asynchronous store into a blocking one.

use alloc::sync::Arc;
use alloc::task::Wake;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll};
use std::thread::{self, Thread};

use crate::Timestamp;
use crate::store::{
    AsyncStore, AsyncTallies, Batch, Change, Entries, Keep, Loaded, ReadBoth, RecordKey, Revision, Store,
    StoreError, Swap, Tallies, TallyKey,
};

/// Adapts an [`AsyncStore`] to a [`Store`] that blocks, so that the kit can check it; and
/// [`AsyncTallies`] to [`Tallies`].
///
/// ```
/// use countersign::MemoryStore;
/// use countersign::testing::{Awaited, Conformance, ThisThread};
///
/// let store = Awaited::new(MemoryStore::new(), ThisThread);
/// println!("{}", Conformance::of(&store).run()?);
/// # Ok::<(), countersign::testing::Broken>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Awaited<S, B> {
    store: S,
    runtime: B,
}

/// A runtime that runs a future to completion while the caller waits. For tokio, implement it with
/// a `Handle`:
///
/// ```text
/// impl BlockOn for Tokio {
///     fn block_on<F: Future>(&self, future: F) -> F::Output {
///         self.0.block_on(future)
///     }
/// }
/// ```
pub trait BlockOn {
    /// Runs a future to completion and returns its output.
    fn block_on<F: Future>(&self, future: F) -> F::Output;
}

/// Needs no runtime: the calling thread sleeps until the future is woken. For stores that use their
/// own threads, or none.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThisThread;

impl BlockOn for ThisThread {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let waker = Arc::new(Unpark(thread::current())).into();
        let (mut future, mut context) = (pin!(future), Context::from_waker(&waker));
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(outcome) => return outcome,
                Poll::Pending => thread::park(),
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl<S, B> Awaited<S, B> {
    /// Creates an adapter for `store` whose futures run on `runtime`.
    pub const fn new(store: S, runtime: B) -> Self {
        Self { store, runtime }
    }
}

impl<S: AsyncStore + Sync, B: BlockOn> Store for Awaited<S, B> {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.runtime.block_on(self.store.load(key))
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        self.runtime.block_on(self.store.load_all(keys))
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.runtime.block_on(self.store.compare_and_swap(key, expected, record, keep))
    }
}

impl<S: AsyncTallies + Sync, B: BlockOn> Tallies for Awaited<S, B> {
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        self.runtime.block_on(self.store.read(keys, now))
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        self.runtime.block_on(self.store.add(changes, now))
    }

    fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
        self.runtime.block_on(self.store.load_with_tallies(records, tallies, now))
    }

    fn is_local(&self) -> bool {
        self.store.is_local()
    }
}
