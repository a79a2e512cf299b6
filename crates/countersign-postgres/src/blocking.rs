//! The blocking store.

use std::sync::mpsc::sync_channel;

use countersign::Timestamp;
use countersign::store::{
    AsyncStore, AsyncTallies, BATCH_RECORDS, Batch, Change, Entries, Keep, Loaded, ReadBoth, RecordBytes,
    RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap, Tallies, TallyKey,
};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::tallies::check;
use crate::{Durability, PostgresStore, Timeouts};

/// A store that keeps records and tallies in PostgreSQL, with blocking calls.
///
/// It runs [`PostgresStore`] on a tokio runtime of its own, with one thread: the PostgreSQL client
/// is async, and its blocking variant would start a runtime per connection and need another pool.
/// The calling thread only waits for the result, so it may itself belong to a runtime.
///
/// ```no_run
/// use countersign::{Channel, Keys, PhoneNumber, Verifier};
/// use countersign_postgres::{BlockingPostgresStore, Timeouts};
///
/// # fn login(secret: [u8; 32], number: PhoneNumber) -> Result<(), Box<dyn std::error::Error>> {
/// let address = "postgresql://otp@localhost/otp";
/// let store = BlockingPostgresStore::connect(address, Timeouts::default())?;
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
    /// Taken on drop: dropping a runtime on another runtime's thread panics.
    runtime: Option<Runtime>,
}

impl BlockingPostgresStore {
    /// Connects to a server, as [`PostgresStore::connect`] does.
    ///
    /// # Errors
    ///
    /// As for [`PostgresStore::connect`]; also if the system can't start a thread.
    pub fn connect(address: &str, timeouts: Timeouts) -> Result<Self, StoreError> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(StoreError::unavailable)?;
        let handle = runtime.handle().clone();
        let address = address.to_owned();
        let connected = wait(&handle, async move { PostgresStore::connect(&address, timeouts).await });
        match connected {
            Some(Ok(store)) => Ok(Self { store, handle, runtime: Some(runtime) }),
            failed => {
                runtime.shutdown_background();
                Err(failed.and_then(Result::err).unwrap_or_else(ended))
            }
        }
    }

    /// Creates the tables, as [`PostgresStore::migrate`] does.
    ///
    /// # Errors
    ///
    /// As for [`PostgresStore::migrate`].
    pub fn migrate(&self) -> Result<(), StoreError> {
        let store = self.store.clone();
        wait(&self.handle, async move { store.migrate().await }).unwrap_or_else(|| Err(ended()))
    }

    /// Queries the server's durability settings, as [`PostgresStore::durability`] does.
    ///
    /// # Errors
    ///
    /// As for [`PostgresStore::durability`].
    pub fn durability(&self) -> Result<Durability, StoreError> {
        let store = self.store.clone();
        wait(&self.handle, async move { store.durability().await }).unwrap_or_else(|| Err(ended()))
    }

    /// Deletes a batch of expired rows, as [`PostgresStore::sweep`] does.
    ///
    /// # Errors
    ///
    /// As for [`PostgresStore::sweep`].
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
            return Err(StoreError::unavailable("the record exceeds the maximum length"));
        };
        let swap = async move { store.compare_and_swap(&key, expected, record.as_slice(), keep).await };
        wait(&self.handle, swap).unwrap_or(Ok(Swap::Unknown))
    }
}

impl Tallies for BlockingPostgresStore {
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        check(keys.len())?;
        let (store, keys) = (self.store.clone(), keys.to_vec());
        let read = async move { AsyncTallies::read(&store, &keys, now).await };
        wait(&self.handle, read).unwrap_or_else(|| Err(ended()))
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        check(changes.len())?;
        let (store, changes) = (self.store.clone(), changes.to_vec());
        wait(&self.handle, async move { store.add(&changes, now).await }).unwrap_or_else(|| Err(ended()))
    }

    fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
        let (store, records, tallies) = (self.store.clone(), records.to_vec(), tallies.to_vec());
        let read = async move { store.load_with_tallies(&records, &tallies, now).await };
        wait(&self.handle, read).unwrap_or_else(|| ReadBoth { records: Err(ended()), tallies: Err(ended()) })
    }
}

/// Runs a future on the store's runtime and waits for its output. Returns `None` if the runtime has
/// stopped.
fn wait<T: Send + 'static>(runtime: &Handle, call: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let (answer, answered) = sync_channel(1);
    runtime.spawn(async move { answer.send(call.await) });
    answered.recv().ok()
}

fn ended() -> StoreError {
    StoreError::unavailable("the store's runtime has stopped")
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
