//! The engine for the verifier's records.

use std::sync::Arc;

use countersign::MemoryStore;
use countersign::store::{AsyncStore, Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};
use countersign_postgres::PostgresStore;
use countersign_redis::RedisStore;

/// The engine of the verifier's records, chosen at start-up.
#[derive(Clone, Debug)]
pub enum Engine {
    /// This process: records are lost when it exits.
    Memory(Arc<MemoryStore>),
    /// Redis.
    Redis(Arc<RedisStore>),
    /// PostgreSQL.
    Postgres(PostgresStore),
}

impl AsyncStore for Engine {
    async fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        match self {
            Self::Memory(store) => Store::load(store, key),
            Self::Redis(store) => store.load(key).await,
            Self::Postgres(store) => store.load(key).await,
        }
    }

    async fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        match self {
            Self::Memory(store) => Store::load_all(store, keys),
            Self::Redis(store) => store.load_all(keys).await,
            Self::Postgres(store) => store.load_all(keys).await,
        }
    }

    async fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        match self {
            Self::Memory(store) => Store::compare_and_swap(store, key, expected, record, keep),
            Self::Redis(store) => store.compare_and_swap(key, expected, record, keep).await,
            Self::Postgres(store) => store.compare_and_swap(key, expected, record, keep).await,
        }
    }
}
