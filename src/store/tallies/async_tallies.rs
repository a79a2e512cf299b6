//! The contract of tallies for asynchronous engines.

use core::future::Future;

use super::{Change, Entries, ReadBoth, TallyKey};
use crate::store::{AsyncStore, RecordKey, StoreError};
use crate::time::Timestamp;

/// A [`Tallies`](super::Tallies) whose calls are futures. The same contract applies.
pub trait AsyncTallies: AsyncStore {
    /// Returns the entries of the keys: see [`Tallies::read`](super::Tallies::read).
    ///
    /// # Errors
    ///
    /// As for [`Tallies::read`](super::Tallies::read).
    fn read(
        &self,
        keys: &[TallyKey],
        now: Timestamp,
    ) -> impl Future<Output = Result<Entries, StoreError>> + Send;

    /// Applies each change to its own key: see [`Tallies::add`](super::Tallies::add). If the future
    /// is dropped, some, all or none of the changes may have been applied.
    ///
    /// # Errors
    ///
    /// As for [`Tallies::add`](super::Tallies::add).
    fn add(&self, changes: &[Change], now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads records and tallies: see
    /// [`Tallies::load_with_tallies`](super::Tallies::load_with_tallies).
    fn load_with_tallies(
        &self,
        records: &[RecordKey],
        tallies: &[TallyKey],
        now: Timestamp,
    ) -> impl Future<Output = ReadBoth> + Send
    where
        Self: Sync,
    {
        async move { ReadBoth { records: self.load_all(records).await, tallies: self.read(tallies, now).await } }
    }

    /// Returns whether reads are answered from this process's memory: see
    /// [`Tallies::is_local`](super::Tallies::is_local).
    fn is_local(&self) -> bool {
        false
    }
}

impl<T: AsyncTallies + Sync> AsyncTallies for &T {
    fn read(
        &self,
        keys: &[TallyKey],
        now: Timestamp,
    ) -> impl Future<Output = Result<Entries, StoreError>> + Send {
        (**self).read(keys, now)
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send {
        (**self).add(changes, now)
    }

    fn load_with_tallies(
        &self,
        records: &[RecordKey],
        tallies: &[TallyKey],
        now: Timestamp,
    ) -> impl Future<Output = ReadBoth> + Send {
        (**self).load_with_tallies(records, tallies, now)
    }

    fn is_local(&self) -> bool {
        (**self).is_local()
    }
}

#[cfg(feature = "alloc")]
impl<T: AsyncTallies + Send + Sync> AsyncTallies for alloc::sync::Arc<T> {
    fn read(
        &self,
        keys: &[TallyKey],
        now: Timestamp,
    ) -> impl Future<Output = Result<Entries, StoreError>> + Send {
        (**self).read(keys, now)
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send {
        (**self).add(changes, now)
    }

    fn load_with_tallies(
        &self,
        records: &[RecordKey],
        tallies: &[TallyKey],
        now: Timestamp,
    ) -> impl Future<Output = ReadBoth> + Send {
        (**self).load_with_tallies(records, tallies, now)
    }

    fn is_local(&self) -> bool {
        (**self).is_local()
    }
}

/// Never pends: the calls only take locks that are held for microseconds.
#[cfg(feature = "std")]
impl AsyncTallies for crate::store::MemoryStore {
    async fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        super::Tallies::read(self, keys, now)
    }

    async fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        super::Tallies::add(self, changes, now)
    }

    fn is_local(&self) -> bool {
        true
    }
}
