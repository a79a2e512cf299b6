//! Documents in the process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Key, Revision, Written};

/// Keeps documents in the process; they are gone when it ends.
#[derive(Clone, Default)]
pub struct MemoryDocuments(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    documents: HashMap<Key, Kept>,
    last: u64,
}

struct Kept {
    bytes: Vec<u8>,
    revision: Revision,
    until: Option<Instant>,
}

/// So many writes from one look for what is over to the next.
const SWEEP: u64 = 1024;

impl MemoryDocuments {
    pub(super) fn read(&self, key: &Key) -> Option<(Vec<u8>, Revision)> {
        let held = self.held();
        held.live(key).map(|kept| (kept.bytes.clone(), kept.revision))
    }

    pub(super) fn write(
        &self,
        key: &Key,
        expected: Revision,
        bytes: Vec<u8>,
        keep: Option<Duration>,
    ) -> Written {
        let mut held = self.held();
        if held.revision(key) != expected {
            return Written::Conflict;
        }
        held.last += 1;
        if held.last.is_multiple_of(SWEEP) {
            held.documents.retain(|_, kept| kept.is_live());
        }
        let revision = Revision(held.last);
        let until = keep.and_then(|keep| Instant::now().checked_add(keep));
        held.documents.insert(key.clone(), Kept { bytes, revision, until });
        Written::Applied
    }

    pub(super) fn remove(&self, key: &Key, expected: Revision) -> Written {
        let mut held = self.held();
        if held.revision(key) != expected {
            return Written::Conflict;
        }
        held.documents.remove(key);
        Written::Applied
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn live(&self, key: &Key) -> Option<&Kept> {
        self.documents.get(key).filter(|kept| kept.is_live())
    }

    fn revision(&self, key: &Key) -> Revision {
        self.live(key).map_or(Revision::ABSENT, |kept| kept.revision)
    }
}

impl Kept {
    fn is_live(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() < until)
    }
}

impl std::fmt::Debug for MemoryDocuments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryDocuments({})", self.held().documents.len())
    }
}
