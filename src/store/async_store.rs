//! The same contract for engines that are awaited.

use core::future::Future;

use super::{Batch, Keep, Loaded, RecordKey, Revision, StoreError, Swap};

/// A [`Store`](super::Store) whose two calls are awaited. All that is promised there is promised here; the core chooses no runtime.
///
/// Implementations are written as `async fn`. Each call bounds its own wait: the host can't do it by dropping the
/// future, for then nobody learns what became of a write
/// (see [`Verifier::asynchronously`](crate::Verifier::asynchronously)).
///
/// ```
/// use countersign::store::{AsyncStore, Keep, Loaded, MemoryStore, RecordKey, Revision, Store, StoreError, Swap};
///
/// /// Waits for a connection of a pool, say, before each call.
/// struct Pooled(MemoryStore);
///
/// impl AsyncStore for Pooled {
///     async fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
///         core::future::ready(()).await;
///         Store::load(&self.0, key)
///     }
///
///     async fn compare_and_swap(
///         &self,
///         key: &RecordKey,
///         expected: Revision,
///         record: &[u8],
///         keep: Keep,
///     ) -> Result<Swap, StoreError> {
///         core::future::ready(()).await;
///         Store::compare_and_swap(&self.0, key, expected, record, keep)
///     }
/// }
/// ```
pub trait AsyncStore {
    /// As [`Store::load`](super::Store::load).
    ///
    /// # Errors
    ///
    /// As there.
    fn load(&self, key: &RecordKey) -> impl Future<Output = Result<Loaded, StoreError>> + Send;

    /// As [`Store::load_all`](super::Store::load_all).
    ///
    /// # Errors
    ///
    /// As there.
    fn load_all(&self, keys: &[RecordKey]) -> impl Future<Output = Result<Batch, StoreError>> + Send
    where
        Self: Sync,
    {
        async move {
            let mut batch = Batch::new();
            for key in keys {
                batch.push(self.load(key).await?)?;
            }
            Ok(batch)
        }
    }

    /// As [`Store::compare_and_swap`](super::Store::compare_and_swap). Dropped on its way, it has written all of the record
    /// or nothing.
    ///
    /// # Errors
    ///
    /// As there.
    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;
}

impl<S: AsyncStore + Sync> AsyncStore for &S {
    fn load(&self, key: &RecordKey) -> impl Future<Output = Result<Loaded, StoreError>> + Send {
        (**self).load(key)
    }

    fn load_all(&self, keys: &[RecordKey]) -> impl Future<Output = Result<Batch, StoreError>> + Send {
        (**self).load_all(keys)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send {
        (**self).compare_and_swap(key, expected, record, keep)
    }
}

#[cfg(feature = "alloc")]
impl<S: AsyncStore + Sync> AsyncStore for alloc::sync::Arc<S> {
    fn load(&self, key: &RecordKey) -> impl Future<Output = Result<Loaded, StoreError>> + Send {
        (**self).load(key)
    }

    fn load_all(&self, keys: &[RecordKey]) -> impl Future<Output = Result<Batch, StoreError>> + Send {
        (**self).load_all(keys)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send {
        (**self).compare_and_swap(key, expected, record, keep)
    }
}

/// It waits for nothing but a lock that is held for microseconds.
#[cfg(feature = "std")]
impl AsyncStore for super::MemoryStore {
    async fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        super::Store::load(self, key)
    }

    async fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        super::Store::compare_and_swap(self, key, expected, record, keep)
    }
}
