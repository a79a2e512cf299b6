//! A store that loses replies, conflicts and fails, as its generator decides.

use std::sync::Mutex;

use countersign::MemoryStore;
use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap};
use countersign_tests::rng::Seeded;
use rand_core::TryRng;

/// See the module's documentation. Without a generator the store has no faults.
pub struct Unreliable {
    store: MemoryStore,
    rng: Option<Mutex<Seeded>>,
}

impl Unreliable {
    pub fn new(rng: Option<Seeded>) -> Self {
        Self { store: MemoryStore::new(), rng: rng.map(Mutex::new) }
    }

    fn dice(&self) -> u64 {
        let Some(rng) = &self.rng else { return u64::MAX };
        let Ok(number) = rng.lock().unwrap().try_next_u64();
        number % 10
    }
}

impl Store for Unreliable {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        match self.dice() {
            0 => Err(StoreError::new(StoreErrorKind::Unavailable)),
            _ => Store::load(&self.store, key),
        }
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let swap = || Store::compare_and_swap(&self.store, key, expected, record, keep);
        match self.dice() {
            0 => Err(StoreError::new(StoreErrorKind::Unavailable)),
            1 => Ok(Swap::Conflict),
            2 => Ok(Swap::Unknown),
            3 => swap().map(|_| Swap::Unknown),
            _ => swap(),
        }
    }
}
