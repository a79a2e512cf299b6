//! The engine for the verifier's records and the guard's tallies.

use std::sync::Arc;

use countersign::MemoryStore;
use countersign::Timestamp;
use countersign::store::{
    AsyncStore, AsyncTallies, Batch, Change, Entries, Keep, Loaded, ReadBoth, RecordKey, Revision, Store,
    StoreError, Swap, Tallies, TallyKey,
};
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

impl AsyncTallies for Engine {
    async fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        match self {
            Self::Memory(store) => Tallies::read(store, keys, now),
            Self::Redis(store) => store.read(keys, now).await,
            Self::Postgres(store) => store.read(keys, now).await,
        }
    }

    async fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Memory(store) => Tallies::add(store, changes, now),
            Self::Redis(store) => store.add(changes, now).await,
            Self::Postgres(store) => store.add(changes, now).await,
        }
    }

    async fn load_with_tallies(
        &self,
        records: &[RecordKey],
        tallies: &[TallyKey],
        now: Timestamp,
    ) -> ReadBoth {
        match self {
            Self::Memory(store) => Tallies::load_with_tallies(store, records, tallies, now),
            Self::Redis(store) => store.load_with_tallies(records, tallies, now).await,
            Self::Postgres(store) => store.load_with_tallies(records, tallies, now).await,
        }
    }

    fn is_local(&self) -> bool {
        matches!(self, Self::Memory(_))
    }
}
