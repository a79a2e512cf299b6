//! The server's own state, besides the verifier's records: users, claims on phone numbers,
//! allowlists, sessions and the signing key.
//!
//! A document is JSON under a key. A write applies only if the document has not changed since it
//! was read, so several servers on one engine behave as one.

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

/// The engine that stores documents.
#[derive(Clone, Debug)]
pub enum DocumentEngine {
    /// This process.
    Memory(MemoryDocuments),
    /// Redis.
    Redis(RedisDocuments),
    /// PostgreSQL.
    Postgres(PostgresDocuments),
}

/// The documents of one project. Documents of other projects on the same engine are out of reach.
#[derive(Clone, Debug)]
pub struct Documents {
    engine: DocumentEngine,
    project: Arc<str>,
}

impl Documents {
    /// Creates the documents of a project on an engine.
    #[must_use]
    pub fn new(engine: DocumentEngine, project_id: &str) -> Self {
        Self { engine, project: project_id.into() }
    }

    /// Returns the engine's key for a document.
    fn place(&self, key: &Key) -> Key {
        key.of_project(&self.project)
    }

    /// Returns the document of a key, if there is one.
    ///
    /// # Errors
    ///
    /// If the engine does not respond in time, or its value is not such a document.
    pub async fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Document<T>>, StoreError> {
        let key = &self.place(key);
        let found = match &self.engine {
            DocumentEngine::Memory(documents) => documents.read(key),
            DocumentEngine::Redis(documents) => documents.read(key).await?,
            DocumentEngine::Postgres(documents) => documents.read(key).await?,
        };
        found
            .map(|(bytes, revision)| {
                let value = serde_json::from_slice(&bytes)
                    .map_err(|_| StoreError::unavailable("malformed document"))?;
                Ok(Document { value, revision })
            })
            .transpose()
    }

    /// Writes a document if its revision is still the expected one ([`Revision::ABSENT`] if there
    /// must be none). It is kept for this long, or for ever.
    ///
    /// # Errors
    ///
    /// If the engine does not respond in time. The document may have been written.
    pub async fn write<T: Serialize>(
        &self,
        key: &Key,
        expected: Revision,
        value: &T,
        keep: Option<Duration>,
    ) -> Result<Written, StoreError> {
        let bytes = serde_json::to_vec(value).map_err(StoreError::unavailable)?;
        let key = &self.place(key);
        match &self.engine {
            DocumentEngine::Memory(documents) => Ok(documents.write(key, expected, bytes, keep)),
            DocumentEngine::Redis(documents) => documents.write(key, expected, bytes, keep).await,
            DocumentEngine::Postgres(documents) => documents.write(key, expected, bytes, keep).await,
        }
    }

    /// Deletes a document if its revision is still the expected one.
    ///
    /// # Errors
    ///
    /// As for [`write`](Self::write).
    pub async fn remove(&self, key: &Key, expected: Revision) -> Result<Written, StoreError> {
        let key = &self.place(key);
        match &self.engine {
            DocumentEngine::Memory(documents) => Ok(documents.remove(key, expected)),
            DocumentEngine::Redis(documents) => documents.remove(key, expected).await,
            DocumentEngine::Postgres(documents) => documents.remove(key, expected).await,
        }
    }
}
