//! The same for asynchronous stores.

use core::future::Future;

use super::engine::no_tallies;
use crate::store::{AsyncStore, AsyncTallies, Change, Guarded, ReadBoth, RecordKey, StoreError, TallyKey};
use crate::time::Timestamp;

/// An [`AsyncStore`], or a [`Guarded`] one that also keeps tallies.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an asynchronous store, nor a guarded one that keeps tallies",
    note = "implement `store::AsyncStore`, and for a verifier with a guard `store::AsyncTallies`"
)]
pub trait AsyncEngine {
    /// The store of its records.
    type Store: AsyncStore + Sync;

    /// Returns the store of its records.
    fn store(&self) -> &Self::Store;

    /// Reads records and tallies.
    fn load_with_tallies(
        &self,
        _: &[RecordKey],
        _: &[TallyKey],
        _: Timestamp,
    ) -> impl Future<Output = ReadBoth> + Send {
        async { ReadBoth { records: Err(no_tallies()), tallies: Err(no_tallies()) } }
    }

    /// Changes tallies.
    fn add(&self, _: &[Change], _: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { Err(no_tallies()) }
    }

    /// Returns whether reading tallies costs no round trip.
    fn is_local(&self) -> bool {
        false
    }
}

impl<S: AsyncStore + Sync> AsyncEngine for S {
    type Store = S;

    fn store(&self) -> &S {
        self
    }
}

impl<S: AsyncTallies + Sync> AsyncEngine for Guarded<S> {
    type Store = S;

    fn store(&self) -> &S {
        &self.0
    }

    fn load_with_tallies(
        &self,
        records: &[RecordKey],
        tallies: &[TallyKey],
        now: Timestamp,
    ) -> impl Future<Output = ReadBoth> + Send {
        self.0.load_with_tallies(records, tallies, now)
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.0.add(changes, now)
    }

    fn is_local(&self) -> bool {
        self.0.is_local()
    }
}

impl<S: AsyncTallies + Sync> AsyncEngine for &Guarded<S> {
    type Store = S;

    fn store(&self) -> &S {
        &self.0
    }

    fn load_with_tallies(
        &self,
        records: &[RecordKey],
        tallies: &[TallyKey],
        now: Timestamp,
    ) -> impl Future<Output = ReadBoth> + Send {
        self.0.load_with_tallies(records, tallies, now)
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.0.add(changes, now)
    }

    fn is_local(&self) -> bool {
        self.0.is_local()
    }
}
