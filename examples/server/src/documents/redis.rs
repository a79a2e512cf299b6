//! Documents in Redis: each key holds a revision followed by the document.

use std::time::Duration;

use countersign::rng::SystemRng;
use countersign::store::{StoreError, StoreErrorKind};
use countersign_redis::redis::aio::ConnectionManager;
use countersign_redis::redis::{AsyncCommands, RedisError, RedisResult, Script};
use countersign_redis::{RedisStore, SWAP_SCRIPT, Timeouts};
use rand_core::TryRng;
use tokio::time::timeout;

use super::document::{Key, Revision, Written};

/// The prefix of every key.
const PREFIX: &str = "countersign-server:";

/// Documents in Redis. Each has one key, so that the script that swaps it runs on one node of a
/// cluster.
#[derive(Clone)]
pub struct RedisDocuments {
    connection: ConnectionManager,
    timeouts: Timeouts,
    swap: Script,
}

impl RedisDocuments {
    /// Connects to a server.
    ///
    /// # Errors
    ///
    /// If the server can't be reached in time.
    pub async fn connect(address: &str) -> Result<Self, StoreError> {
        let store = RedisStore::connect(address, Timeouts::DEFAULT).await?;
        Ok(Self::on(store.connection().clone(), Timeouts::DEFAULT))
    }

    /// Creates the documents on a shared connection.
    #[must_use]
    pub fn on(connection: ConnectionManager, timeouts: Timeouts) -> Self {
        Self { connection, timeouts, swap: Script::new(SWAP_SCRIPT) }
    }

    pub(super) async fn read(&self, key: &Key) -> Result<Option<(Vec<u8>, Revision)>, StoreError> {
        let (name, mut connection) = (name(key), self.connection.clone());
        let asking = async {
            match connection.get(&name).await {
                // The server closed the idle connection. Reads may be repeated.
                Err(error) if is_closed(&error) => connection.get(&name).await,
                answer => answer,
            }
        };
        let held: Option<Vec<u8>> = self.within(asking).await?;
        held.map(|held| {
            let (revision, bytes) =
                held.split_first_chunk().ok_or_else(|| StoreError::unavailable("malformed document"))?;
            Ok((bytes.to_vec(), Revision(u64::from_be_bytes(*revision))))
        })
        .transpose()
    }

    pub(super) async fn write(
        &self,
        key: &Key,
        expected: Revision,
        bytes: Vec<u8>,
        keep: Option<Duration>,
    ) -> Result<Written, StoreError> {
        let mut next = revision()?.to_be_bytes().to_vec();
        next.extend(bytes);
        // Redis rejects a lifetime of zero.
        let millis = keep.map_or(String::new(), |keep| keep.as_millis().max(1).to_string());
        self.swap(key, expected, next, millis).await
    }

    pub(super) async fn remove(&self, key: &Key, expected: Revision) -> Result<Written, StoreError> {
        self.swap(key, expected, Vec::new(), String::new()).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Revision,
        next: Vec<u8>,
        millis: String,
    ) -> Result<Written, StoreError> {
        let expected = match expected {
            Revision::ABSENT => Vec::new(),
            Revision(number) => number.to_be_bytes().to_vec(),
        };
        let mut connection = self.connection.clone();
        let mut call = self.swap.key(name(key));
        // The script is called by its digest, and sent to a server that does not have it cached.
        let applied: i64 =
            self.within(call.arg(expected).arg(next).arg(millis).invoke_async(&mut connection)).await?;
        Ok(if applied == 1 { Written::Applied } else { Written::Conflict })
    }

    async fn within<T>(&self, call: impl Future<Output = RedisResult<T>>) -> Result<T, StoreError> {
        let longest = self.timeouts.longest();
        let answer = timeout(longest, call).await;
        let answer =
            answer.map_err(|_| StoreError::unavailable(format!("no response within {longest:?}")))?;
        answer.map_err(|error| match error.code() {
            Some("OOM") => StoreError::new(StoreErrorKind::Full),
            _ => StoreError::unavailable(error),
        })
    }
}

impl std::fmt::Debug for RedisDocuments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisDocuments").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

fn name(key: &Key) -> String {
    format!("{PREFIX}{}", key.as_str())
}

/// Draws a random revision, like those of records: a counter can go back in a failover, or expire
/// with its document.
fn revision() -> Result<u64, StoreError> {
    loop {
        match SystemRng.try_next_u64() {
            Ok(0) => {}
            number => return number.map_err(StoreError::unavailable),
        }
    }
}

fn is_closed(error: &RedisError) -> bool {
    error.is_connection_dropped() && !error.is_timeout() && !error.is_connection_refusal()
}
