//! A store over [`MemoryStore`] whose clock is the test's. It drops each record as soon as its retention has
//! elapsed, which is the earliest that any engine may, and it remembers every write.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};
use countersign::{MemoryStore, Timestamp};

/// See the module's documentation.
#[derive(Default)]
pub struct Engine {
    store: MemoryStore,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Milliseconds of real time.
    now: u64,
    /// When each record is dropped, in real time.
    due: BTreeMap<RecordKey, u64>,
    writes: Vec<Write>,
    applied: usize,
    dropped: usize,
}

/// A write as the engine was asked for it.
#[derive(Clone)]
pub struct Write {
    key: RecordKey,
    expected: Revision,
    record: Vec<u8>,
    keep: Keep,
}

#[allow(dead_code, reason = "each file of tests uses a part of it")]
impl Engine {
    /// Sets the engine's clock, which is no server's.
    pub fn set_time(&self, now: u64) {
        self.state().now = now;
        let keys: Vec<RecordKey> = self.state().due.keys().copied().collect();
        keys.iter().for_each(|key| self.drop_if_due(key));
    }

    /// How many swaps were applied, late copies included.
    pub fn applied(&self) -> usize {
        self.state().applied
    }

    /// How many records were dropped because their retention had elapsed.
    pub fn dropped(&self) -> usize {
        self.state().dropped
    }

    /// When the next record is dropped, in real time.
    pub fn next_due(&self) -> Option<u64> {
        self.state().due.values().copied().min()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// How many writes were asked for, applied or not.
    pub fn writes(&self) -> usize {
        self.state().writes.len()
    }

    /// The bytes of a write.
    pub fn written(&self, write: usize) -> Vec<u8> {
        self.state().writes[write].record.clone()
    }

    /// A copy of a write arrives once more, however late.
    pub fn arrives_again(&self, write: usize) -> Swap {
        let Write { key, expected, record, keep } = self.state().writes[write].clone();
        self.drop_if_due(&key);
        self.swap(&key, expected, &record, keep).unwrap()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn drop_if_due(&self, key: &RecordKey) {
        let mut state = self.state();
        if state.due.get(key).is_none_or(|&due| state.now < due) {
            return;
        }
        state.due.remove(key);
        state.dropped += 1;
        let revision = self.store.load(key).unwrap().revision();
        let at_once = Keep::new(Timestamp::EPOCH, Timestamp::EPOCH);
        assert_eq!(self.store.compare_and_swap(key, revision, b"", at_once).unwrap(), Swap::Applied);
    }

    fn swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        // The store under it keeps everything: this engine alone drops.
        let for_ever = Keep::new(Timestamp::EPOCH, Timestamp::MAX);
        let swap = self.store.compare_and_swap(key, expected, record, for_ever)?;
        if swap == Swap::Applied {
            let mut state = self.state();
            state.applied += 1;
            let elapses = state.now;
            match keep.ttl().filter(|_| !record.is_empty()) {
                Some(ttl) => state.due.insert(*key, elapses + u64::try_from(ttl.as_millis()).unwrap()),
                None => state.due.remove(key),
            };
        }
        Ok(swap)
    }
}

impl Store for Engine {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.drop_if_due(key);
        self.store.load(key)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.drop_if_due(key);
        self.state().writes.push(Write { key: *key, expected, record: record.to_vec(), keep });
        self.swap(key, expected, record, keep)
    }
}
