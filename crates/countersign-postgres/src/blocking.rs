//! The store for hosts without a runtime.

use std::sync::mpsc::sync_channel;

use countersign::store::{
    AsyncStore, BATCH_RECORDS, Batch, Keep, Loaded, RecordBytes, RecordKey, Revision, Store, StoreError,
    StoreErrorKind, Swap,
};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{Durability, PostgresStore, Waits};

/// Keeps records in PostgreSQL; its calls block.
///
/// It is the async store on a runtime of its own, with one thread. The client is async to its bone: what calls itself
/// blocking wraps a runtime around each connection, and would need another pool. The caller's thread only waits for the answer, so
/// that it may be a runtime's too.
///
/// ```no_run
/// use countersign::{Channel, Keys, PhoneNumber, Verifier};
/// use countersign_postgres::{BlockingPostgresStore, Waits};
///
/// # fn login(secret: [u8; 32], number: PhoneNumber) -> Result<(), Box<dyn std::error::Error>> {
/// let store = BlockingPostgresStore::connect("postgresql://otp@localhost/otp", Waits::default())?;
/// store.migrate()?;
/// let verifier = Verifier::new(Keys::from_secret(secret)?, store);
/// let issued = verifier.start(number, Channel::Sms)?;
/// # let _ = issued;
/// # Ok(())
/// # }
/// ```
pub struct BlockingPostgresStore {
    store: PostgresStore,
    handle: Handle,
    /// Taken when it is dropped, for a runtime that is dropped on another runtime's thread panics.
    runtime: Option<Runtime>,
}

impl BlockingPostgresStore {
    /// As [`PostgresStore::connect`].
    ///
    /// # Errors
    ///
    /// As there; or if the system gives no thread.
    pub fn connect(address: &str, waits: Waits) -> Result<Self, StoreError> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(StoreError::unavailable)?;
        let handle = runtime.handle().clone();
        let address = address.to_owned();
        let connected = wait(&handle, async move { PostgresStore::connect(&address, waits).await });
        match connected {
            Some(Ok(store)) => Ok(Self { store, handle, runtime: Some(runtime) }),
            failed => {
                runtime.shutdown_background();
                Err(failed.and_then(Result::err).unwrap_or_else(ended))
            }
        }
    }

    /// As [`PostgresStore::migrate`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn migrate(&self) -> Result<(), StoreError> {
        let store = self.store.clone();
        wait(&self.handle, async move { store.migrate().await }).unwrap_or_else(|| Err(ended()))
    }

    /// As [`PostgresStore::durability`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn durability(&self) -> Result<Durability, StoreError> {
        let store = self.store.clone();
        wait(&self.handle, async move { store.durability().await }).unwrap_or_else(|| Err(ended()))
    }

    /// As [`PostgresStore::sweep`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn sweep(&self) -> Result<u64, StoreError> {
        let store = self.store.clone();
        wait(&self.handle, async move { store.sweep().await }).unwrap_or_else(|| Err(ended()))
    }
}

impl Store for BlockingPostgresStore {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let (store, key) = (self.store.clone(), *key);
        wait(&self.handle, async move { store.load(&key).await }).unwrap_or_else(|| Err(ended()))
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        if keys.len() > BATCH_RECORDS {
            return Err(StoreError::new(StoreErrorKind::TooManyRecords));
        }
        let (store, keys) = (self.store.clone(), keys.to_vec());
        wait(&self.handle, async move { store.load_all(&keys).await }).unwrap_or_else(|| Err(ended()))
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let (store, key) = (self.store.clone(), *key);
        let Some(record) = RecordBytes::new(record) else {
            return Err(StoreError::unavailable("what is to be written is longer than any record"));
        };
        let swap = async move { store.compare_and_swap(&key, expected, record.as_slice(), keep).await };
        wait(&self.handle, swap).unwrap_or(Ok(Swap::Unknown))
    }
}

/// What a future gives on the store's own runtime; nothing if that has ended.
fn wait<T: Send + 'static>(runtime: &Handle, call: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let (answer, answered) = sync_channel(1);
    runtime.spawn(async move { answer.send(call.await) });
    answered.recv().ok()
}

fn ended() -> StoreError {
    StoreError::unavailable("the store's own runtime has ended")
}

impl Drop for BlockingPostgresStore {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for BlockingPostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("BlockingPostgresStore").field(&self.store).finish()
    }
}
