//! `GET /healthz`: whether the server can do its work.

use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::{self, AsyncStore, Keep, RecordKey, StoreError, Swap};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::documents::{Documents, Key, Revision, Written};
use crate::engine::Engine;
use crate::failure::{Failure, Kind};

/// How long the engine keeps a probe's data if the probe can't delete it.
const KEEP: Duration = Duration::from_secs(60);

/// Checks that the engine accepts writes, with one probe at a time.
#[derive(Debug)]
pub struct Health {
    records: Engine,
    documents: Documents,
    last: Mutex<Option<Probe>>,
}

#[derive(Clone, Copy, Debug)]
struct Probe {
    began: Instant,
    passed: bool,
}

impl Health {
    /// Creates a health check of the verifier's records and the documents.
    #[must_use]
    pub fn new(records: Engine, documents: Documents) -> Self {
        Self { records, documents, last: Mutex::new(None) }
    }

    /// Checks that a record and a document can be written, read and deleted.
    ///
    /// At most one probe runs at a time. Concurrent callers share the result of a probe that began
    /// after their call.
    ///
    /// # Errors
    ///
    /// [`Kind::StoreUnavailable`] if the engine does not respond, or does not accept writes.
    pub async fn check(&self) -> Result<(), Failure> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        let passed = match *last {
            Some(probe) if probe.began >= asked => probe.passed,
            _ => {
                let began = Instant::now();
                let probed = self.probe().await;
                if let Err(error) = &probed {
                    let cause = std::error::Error::source(error);
                    tracing::warn!(error = %error, cause = ?cause, "the engine does not accept writes");
                }
                let passed = probed.is_ok_and(|passed| passed);
                *last = Some(Probe { began, passed });
                passed
            }
        };
        let message = "the storage engine does not respond, or does not accept writes";
        if passed { Ok(()) } else { Err(Failure::new(Kind::StoreUnavailable, message)) }
    }

    async fn probe(&self) -> Result<bool, StoreError> {
        // A random name, so that probes of different servers don't conflict.
        let name = Uuid::new_v4();
        Ok(self.probe_records(name).await? && self.probe_documents(name).await?)
    }

    async fn probe_records(&self, name: Uuid) -> Result<bool, StoreError> {
        let (key, now) = (RecordKey::from_bytes(name.into_bytes()), Timestamp::now());
        let keep = Keep::new(now, now + KEEP);
        let absent = store::Revision::ABSENT;
        if self.records.compare_and_swap(&key, absent, b"probe", keep).await? != Swap::Applied {
            return Ok(false);
        }
        let held = self.records.load(&key).await?;
        let removed = self.records.compare_and_swap(&key, held.revision(), b"", keep).await?;
        Ok(held.record() == b"probe" && removed == Swap::Applied)
    }

    async fn probe_documents(&self, name: Uuid) -> Result<bool, StoreError> {
        let key = Key::new("healthz", name);
        if self.documents.write(&key, Revision::ABSENT, &true, Some(KEEP)).await? != Written::Applied {
            return Ok(false);
        }
        match self.documents.read::<bool>(&key).await? {
            Some(held) => Ok(self.documents.remove(&key, held.revision).await? == Written::Applied),
            None => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use countersign::MemoryStore;

    use super::*;
    use crate::documents::{DocumentEngine, MemoryDocuments};

    fn health(store: &Arc<MemoryStore>) -> Health {
        let documents = Documents::new(DocumentEngine::Memory(MemoryDocuments::default()), "project");
        Health::new(Engine::Memory(Arc::clone(store)), documents)
    }

    #[tokio::test]
    async fn full_store_is_unhealthy() {
        let full = health(&Arc::new(MemoryStore::with_capacity(0)));
        assert_eq!(full.check().await.unwrap_err().kind(), Kind::StoreUnavailable);
    }

    #[tokio::test]
    async fn probes_leave_nothing_behind() {
        let store = Arc::new(MemoryStore::with_capacity(1));
        let health = health(&store);
        for _ in 0..100 {
            assert!(health.check().await.is_ok());
        }
        assert_eq!(store.len(), 0);
    }
}
