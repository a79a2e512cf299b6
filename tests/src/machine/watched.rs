//! A store that lets a test see what the verifier finds in it.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use countersign::MemoryStore;
use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

/// A [`MemoryStore`] that records whether the first load found a record and whether anything was
/// written, since it was last cleared. For one thread: the atomics are needed only because a
/// verifier shares its store.
#[derive(Debug)]
pub struct Watched {
    store: MemoryStore,
    found: AtomicU8,
    wrote: AtomicBool,
}

/// The value until the first load.
const NOTHING_YET: u8 = 0;
const FOUND: u8 = 1;
const ABSENT: u8 = 2;

impl Watched {
    pub fn new(clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        let store = MemoryStore::new().with_clock(clock);
        Self { store, found: AtomicU8::new(NOTHING_YET), wrote: AtomicBool::new(false) }
    }

    /// Returns whether the first load found no record.
    pub fn found_nothing(&self) -> bool {
        self.found.load(Ordering::Relaxed) == ABSENT
    }

    /// Returns whether a swap was applied.
    pub fn wrote(&self) -> bool {
        self.wrote.load(Ordering::Relaxed)
    }

    pub fn clear(&self) {
        self.found.store(NOTHING_YET, Ordering::Relaxed);
        self.wrote.store(false, Ordering::Relaxed);
    }
}

impl Store for Watched {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let loaded = self.store.load(key)?;
        if self.found.load(Ordering::Relaxed) == NOTHING_YET {
            let found = if loaded.revision() == Revision::ABSENT { ABSENT } else { FOUND };
            self.found.store(found, Ordering::Relaxed);
        }
        Ok(loaded)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let swap = self.store.compare_and_swap(key, expected, record, keep)?;
        self.wrote.fetch_or(swap == Swap::Applied, Ordering::Relaxed);
        Ok(swap)
    }
}
