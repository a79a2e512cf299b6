//! Documents in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::document::{Key, Revision, Written};

/// Documents in memory, lost when the process exits.
#[derive(Clone, Default)]
pub struct MemoryDocuments(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    documents: HashMap<Key, Kept>,
    /// The revision of the last write to any key, so that revisions never recur.
    last: u64,
    /// The revision from which the next write sweeps.
    sweep_at: u64,
}

struct Kept {
    bytes: Vec<u8>,
    revision: Revision,
    until: Option<Instant>,
}

/// The minimum number of writes between two sweeps.
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
        if held.last > held.sweep_at {
            held.sweep();
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

    /// Removes expired documents. The next sweep is as many writes away as there are documents, so
    /// that the cost per write stays constant.
    fn sweep(&mut self) {
        self.documents.retain(|_, kept| kept.is_live());
        self.sweep_at = self.last + SWEEP.max(self.documents.len() as u64);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn write(documents: &MemoryDocuments, id: u64, keep: Option<Duration>) {
        let key = Key::new("test", id);
        assert_eq!(documents.write(&key, Revision::ABSENT, vec![1], keep), Written::Applied);
    }

    /// Expired documents don't accumulate, and others are kept.
    #[test]
    fn sweeps_expired_documents_during_writes() {
        let documents = MemoryDocuments::default();
        for id in 0..10_000 {
            let keep = (id % 10 > 0).then_some(Duration::ZERO);
            write(&documents, id, keep);
        }
        let held = documents.held().documents.len();
        assert!((1_000..=3_100).contains(&held), "{held}");
        assert!((0..10_000).all(|id| documents.read(&Key::new("test", id)).is_some() == (id % 10 == 0)));
    }

    #[test]
    fn sweeping_costs_constant_time_per_write() {
        let documents = MemoryDocuments::default();
        (0..10_000).for_each(|id| write(&documents, id, None));
        let held = documents.held();
        assert!(held.sweep_at >= 10_000, "{}", held.sweep_at);
        assert!(held.sweep_at <= 2 * held.last, "{}", held.sweep_at);
    }

    #[test]
    fn keeps_documents_for_ever_if_the_expiry_overflows() {
        let documents = MemoryDocuments::default();
        write(&documents, 1, Some(Duration::MAX));
        assert!(documents.read(&Key::new("test", 1)).is_some());
        assert_eq!(format!("{documents:?}"), "MemoryDocuments(1)");
    }
}
