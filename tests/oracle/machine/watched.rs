//! A store that lets a test see what the verifier finds in it.

use std::cell::Cell;

use countersign::MemoryStore;
use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

/// A [`MemoryStore`], and whether the first load found a record, since this was last cleared.
#[derive(Debug, Default)]
pub struct Watched {
    store: MemoryStore,
    pub found: Cell<Option<bool>>,
}

impl Store for Watched {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let loaded = self.store.load(key)?;
        let found = loaded.revision() != Revision::ABSENT;
        self.found.set(self.found.get().or(Some(found)));
        Ok(loaded)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.store.compare_and_swap(key, expected, record, keep)
    }
}
