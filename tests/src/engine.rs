//! A store over [`MemoryStore`] with a clock set by the test. It drops each record as soon as its
//! retention has elapsed, the earliest moment that any engine may, and it remembers every write.

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

/// A requested write.
#[derive(Clone)]
pub struct Write {
    key: RecordKey,
    expected: Revision,
    record: Vec<u8>,
    keep: Keep,
}

#[allow(dead_code, reason = "each file of tests uses a part of it")]
impl Engine {
    /// Sets the engine's clock, which differs from all servers' clocks.
    pub fn set_time(&self, now: u64) {
        self.state().now = now;
        let keys: Vec<RecordKey> = self.state().due.keys().copied().collect();
        keys.iter().for_each(|key| self.drop_if_due(key));
    }

    /// Returns how many swaps were applied, late copies included.
    pub fn applied(&self) -> usize {
        self.state().applied
    }

    /// Returns how many records were dropped because their retention had elapsed.
    pub fn dropped(&self) -> usize {
        self.state().dropped
    }

    /// Returns when the next record is dropped, in real time.
    pub fn next_due(&self) -> Option<u64> {
        self.state().due.values().copied().min()
    }

    /// Returns the number of records.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Returns how many writes were requested, applied or not.
    pub fn writes(&self) -> usize {
        self.state().writes.len()
    }

    /// Returns the bytes of a write.
    pub fn written(&self, write: usize) -> Vec<u8> {
        self.state().writes[write].record.clone()
    }

    /// Lets a copy of a write arrive again, however late.
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
        // The underlying store keeps everything: only this engine drops records.
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
