//! What the server keeps beside the verifier's records: users, whose a number is, allowlists, sessions, its signing key.
//!
//! A document is JSON under a key, written only where nobody else wrote it meanwhile. So several servers on one engine
//! behave as one.

mod document;
mod memory;
mod postgres;
mod redis;

use std::sync::Arc;
use std::time::Duration;

use countersign::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use document::{Document, Key, Revision, Written};
pub use memory::MemoryDocuments;
pub use postgres::PostgresDocuments;
pub use redis::RedisDocuments;

/// The engine that keeps the documents.
#[derive(Clone, Debug)]
pub enum Keeper {
    /// In this process.
    Memory(MemoryDocuments),
    /// In Redis.
    Redis(RedisDocuments),
    /// In PostgreSQL.
    Postgres(PostgresDocuments),
}

/// The documents of one project. Those of another on the same engine can't be reached from here.
#[derive(Clone, Debug)]
pub struct Documents {
    keeper: Keeper,
    project: Arc<str>,
}

impl Documents {
    /// Kept there.
    #[must_use]
    pub fn new(keeper: Keeper, project_id: &str) -> Self {
        Self { keeper, project: project_id.into() }
    }

    /// The key under which the engine has it.
    fn place(&self, key: &Key) -> Key {
        key.of_project(&self.project)
    }

    /// The document of a key, if there is one.
    ///
    /// # Errors
    ///
    /// If the engine does not answer in time, or what it has is not such a document.
    pub async fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Document<T>>, StoreError> {
        let key = &self.place(key);
        let found = match &self.keeper {
            Keeper::Memory(documents) => documents.read(key),
            Keeper::Redis(documents) => documents.read(key).await?,
            Keeper::Postgres(documents) => documents.read(key).await?,
        };
        found
            .map(|(bytes, revision)| {
                let value = serde_json::from_slice(&bytes)
                    .map_err(|_| StoreError::unavailable("a document that can't be read"))?;
                Ok(Document { value, revision })
            })
            .transpose()
    }

    /// Writes a document if its state is still the expected one ([`Revision::ABSENT`]: if there is none), to be kept so long, or for ever.
    ///
    /// # Errors
    ///
    /// If the engine does not answer in time. Whether it is written is then not known.
    pub async fn write<T: Serialize>(
        &self,
        key: &Key,
        expected: Revision,
        value: &T,
        keep: Option<Duration>,
    ) -> Result<Written, StoreError> {
        let bytes = serde_json::to_vec(value).map_err(StoreError::unavailable)?;
        let key = &self.place(key);
        match &self.keeper {
            Keeper::Memory(documents) => Ok(documents.write(key, expected, bytes, keep)),
            Keeper::Redis(documents) => documents.write(key, expected, bytes, keep).await,
            Keeper::Postgres(documents) => documents.write(key, expected, bytes, keep).await,
        }
    }

    /// Drops a document if its state is still the expected one.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn remove(&self, key: &Key, expected: Revision) -> Result<Written, StoreError> {
        let key = &self.place(key);
        match &self.keeper {
            Keeper::Memory(documents) => Ok(documents.remove(key, expected)),
            Keeper::Redis(documents) => documents.remove(key, expected).await,
            Keeper::Postgres(documents) => documents.remove(key, expected).await,
        }
    }
}
