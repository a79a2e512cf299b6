//! The store contract for asynchronous engines.

use core::future::Future;

use super::{Batch, Keep, Loaded, RecordKey, Revision, StoreError, Swap};

/// A [`Store`](super::Store) whose calls are futures. The same contract applies. The core chooses
/// no runtime.
///
/// Implementations may use `async fn`. Each call bounds its own wait. The host cannot bound it by
/// dropping the future, because the outcome of a write would then be unknown (see
/// [`Verifier::asynchronously`](crate::Verifier::asynchronously)).
///
/// ```
/// use countersign::store::{AsyncStore, Keep, Loaded, MemoryStore, RecordKey};
/// use countersign::store::{Revision, Store, StoreError, Swap};
///
/// /// Waits before each call, for example for a connection from a pool.
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
    /// Returns the current record of a key: see [`Store::load`](super::Store::load).
    ///
    /// # Errors
    ///
    /// As for [`Store::load`](super::Store::load).
    fn load(&self, key: &RecordKey) -> impl Future<Output = Result<Loaded, StoreError>> + Send;

    /// Returns the records of several keys: see [`Store::load_all`](super::Store::load_all).
    ///
    /// # Errors
    ///
    /// As for [`Store::load_all`](super::Store::load_all).
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

    /// Replaces a record if its revision is still `expected`: see
    /// [`Store::compare_and_swap`](super::Store::compare_and_swap). If the future is dropped,
    /// either all of the record was written or nothing.
    ///
    /// # Errors
    ///
    /// As for [`Store::compare_and_swap`](super::Store::compare_and_swap).
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

/// Never pends: the calls only take a lock that is held for microseconds.
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
