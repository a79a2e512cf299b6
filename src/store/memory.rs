//! The embedded default: records in this process's memory.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use core::fmt;
use core::hash::{BuildHasherDefault, Hasher};
use core::mem;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Keep, Loaded, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap};
use crate::time::Timestamp;

/// Keeps records in memory: for a service of one process, for tests, for examples.
///
/// It is sharded, so that threads seldom wait for each other; bounded, so that a flood of starts cannot eat the
/// machine; and it forgets what is no longer needed as it writes, without a thread of its own. When it is full of
/// records that still count it refuses new ones and drops nothing. A restart forgets everything, locks included: a
/// service that must remember them uses a store on an engine.
///
/// ```
/// use countersign::MemoryStore;
///
/// let store = MemoryStore::with_capacity(100_000);
/// assert_eq!(store.len(), 0);
/// ```
pub struct MemoryStore {
    shards: Box<[Mutex<Shard>]>,
    len: AtomicUsize,
    capacity: usize,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<RecordKey, Entry, KeyIsHash>,
    /// When each entry may be dropped, soonest first.
    due: BTreeSet<(Timestamp, RecordKey)>,
    /// Counts up for the shard's life, so that a key never sees a revision twice.
    last_revision: u64,
}

struct Entry {
    record: Box<[u8]>,
    revision: Revision,
    until: Timestamp,
}

impl MemoryStore {
    const SHARDS: usize = 64;

    /// A write drops this many entries of its shard that are due; more than it adds, so that they cannot pile up.
    const DROPPED_PER_WRITE: usize = 2;

    /// Room for a million records, which take about 300 MB when all of them are in use.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1_000_000)
    }

    /// Room for `capacity` records. The memory is taken as it is needed.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            shards: (0..Self::SHARDS).map(|_| Mutex::default()).collect(),
            len: AtomicUsize::new(0),
            capacity,
        }
    }

    /// How many records are held, those included that are due to be dropped by the next writes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Whether no record is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many records there is room for.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    fn shard(&self, key: &RecordKey) -> MutexGuard<'_, Shard> {
        let shard = usize::from(key.as_bytes()[0]) % Self::SHARDS;
        lock(&self.shards[shard])
    }

    /// Takes a place for one more record, if there is one.
    fn reserve(&self) -> bool {
        let one_more = |len| (len < self.capacity).then_some(len + 1);
        self.len.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    /// Gives places back. A write that frees none leaves the count alone, for all threads share it.
    fn release(&self, places: usize) {
        if places > 0 {
            self.len.fetch_sub(places, Ordering::Relaxed);
        }
    }

    /// Drops what is due in every shard, a little each.
    fn make_room(&self, now: Timestamp) {
        let dropped =
            self.shards.iter().map(|shard| lock(shard).drop_due(now, Self::DROPPED_PER_WRITE)).sum();
        self.release(dropped);
    }

    /// One try at the swap; nothing when there is no room for a new record.
    fn try_swap(&self, key: &RecordKey, expected: Revision, record: &[u8], keep: Keep) -> Option<Swap> {
        let mut shard = self.shard(key);
        let current = shard.entries.get(key).map_or(Revision::ABSENT, |entry| entry.revision);
        if current != expected {
            return Some(Swap::Conflict);
        }
        if record.is_empty() {
            self.release(usize::from(shard.remove(key)));
        } else {
            if current == Revision::ABSENT && !self.reserve() {
                return None;
            }
            shard.put(*key, record, keep.until());
        }
        self.release(shard.drop_due(keep.now(), Self::DROPPED_PER_WRITE));
        Some(Swap::Applied)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// Not the records: there are too many, and they hold handles.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryStore({} of {} records)", self.len(), self.capacity)
    }
}

impl Store for MemoryStore {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let shard = self.shard(key);
        shard.entries.get(key).map_or(Ok(Loaded::ABSENT), |entry| Loaded::new(&entry.record, entry.revision))
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let swap = || self.try_swap(key, expected, record, keep);
        let again = || {
            self.make_room(keep.now());
            swap()
        };
        swap().or_else(again).ok_or(StoreError::new(StoreErrorKind::Full))
    }
}

/// Takes the last eight bytes of a record's key as its hash: a key is a keyed hash already, and its first byte has told
/// the shard.
#[derive(Default)]
struct LastWord(u64);

type KeyIsHash = BuildHasherDefault<LastWord>;

impl Hasher for LastWord {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            self.0 = u64::from_le_bytes(*last);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Shard {
    fn put(&mut self, key: RecordKey, record: &[u8], until: Timestamp) {
        self.last_revision += 1;
        let revision = Revision::from_number(self.last_revision);
        let entry = Entry { record: record.into(), revision, until };
        if let Some(old) = self.entries.get_mut(&key) {
            let old = mem::replace(old, entry);
            if old.until == until {
                // As in every check: the order of expiry is the half of a write that many records make slow.
                return;
            }
            self.due.remove(&(old.until, key));
        } else {
            self.entries.insert(key, entry);
        }
        self.due.insert((until, key));
    }

    fn remove(&mut self, key: &RecordKey) -> bool {
        let removed = self.entries.remove(key);
        removed.is_some_and(|entry| self.due.remove(&(entry.until, *key)))
    }

    fn drop_due(&mut self, now: Timestamp, at_most: usize) -> usize {
        let mut dropped = 0;
        while dropped < at_most
            && self.due.first().is_some_and(|(until, _)| *until <= now)
            && let Some((_, key)) = self.due.pop_first()
        {
            dropped += usize::from(self.entries.remove(&key).is_some());
        }
        dropped
    }
}

/// A thread that panicked elsewhere left no shard half-written: each change is a few calls that do not panic.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hash::BuildHasher;
    use core::time::Duration;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

    fn key(number: u8) -> RecordKey {
        RecordKey::from_bytes([number; 16])
    }

    fn keep(seconds: u64) -> Keep {
        Keep::new(NOW, NOW + Duration::from_secs(seconds))
    }

    fn put(store: &MemoryStore, number: u8, keep: Keep) -> Result<Swap, StoreErrorKind> {
        let expected = store.load(&key(number)).unwrap().revision();
        store.compare_and_swap(&key(number), expected, &[number], keep).map_err(|error| error.kind())
    }

    #[test]
    fn a_stale_revision_conflicts_and_changes_nothing() {
        let store = MemoryStore::new();
        assert_eq!(put(&store, 1, keep(60)).unwrap(), Swap::Applied);
        let first = store.load(&key(1)).unwrap().revision();
        assert_eq!(put(&store, 1, keep(60)).unwrap(), Swap::Applied);
        for stale in [first, Revision::ABSENT] {
            assert_eq!(store.compare_and_swap(&key(1), stale, b"x", keep(60)).unwrap(), Swap::Conflict);
        }
        assert_eq!(store.load(&key(1)).unwrap().record(), [1]);
    }

    #[test]
    fn records_are_spread_over_all_shards() {
        let store = MemoryStore::new();
        (0..=u8::MAX).for_each(|number| _ = put(&store, number, keep(60)).unwrap());
        assert!(store.shards.iter().all(|shard| lock(shard).entries.len() == 256 / MemoryStore::SHARDS));
    }

    #[test]
    fn it_says_how_full_it_is() {
        let store = MemoryStore::with_capacity(7);
        assert_eq!((store.len(), store.is_empty(), store.capacity()), (0, true, 7));
        put(&store, 1, keep(60)).unwrap();
        assert_eq!((store.len(), store.is_empty(), store.capacity()), (1, false, 7));
        assert_eq!(alloc::format!("{store:?}"), "MemoryStore(1 of 7 records)");
    }

    #[test]
    fn a_revision_never_comes_again_after_a_record_was_dropped() {
        let store = MemoryStore::new();
        put(&store, 1, keep(60)).unwrap();
        let first = store.load(&key(1)).unwrap().revision();
        assert_eq!(store.compare_and_swap(&key(1), first, b"", keep(0)).unwrap(), Swap::Applied);
        assert_eq!((store.len(), store.load(&key(1)).unwrap().revision()), (0, Revision::ABSENT));
        put(&store, 1, keep(60)).unwrap();
        assert_ne!(store.load(&key(1)).unwrap().revision(), first);
    }

    #[test]
    fn a_full_store_refuses_new_records_and_keeps_the_old() {
        let store = MemoryStore::with_capacity(3);
        for number in 1..=3 {
            put(&store, number, keep(60)).unwrap();
        }
        assert_eq!(put(&store, 4, keep(60)).unwrap_err(), StoreErrorKind::Full);
        assert_eq!(put(&store, 2, keep(90)).unwrap(), Swap::Applied);
        assert_eq!(store.len(), 3);
        let later = Keep::new(NOW + Duration::from_secs(60), NOW + Duration::from_secs(120));
        assert_eq!(put(&store, 4, later).unwrap(), Swap::Applied);
        assert_eq!(store.load(&key(2)).unwrap().record(), [2]);
        assert!(store.len() < 3, "what was due in other shards made room");
    }

    #[test]
    fn what_is_due_goes_as_others_are_written() {
        let store = MemoryStore::new();
        // All in one shard, for the shard is told by the first byte.
        let key = |number: u8| RecordKey::from_bytes([[0; 8], [number; 8]].concat().try_into().unwrap());
        let put = |number, keep| store.compare_and_swap(&key(number), Revision::ABSENT, b"x", keep).unwrap();
        (0..100).for_each(|number| assert_eq!(put(number, keep(60)), Swap::Applied));
        assert_eq!(store.len(), 100);
        let later = Keep::new(NOW + Duration::from_secs(60), NOW + Duration::from_secs(600));
        for (number, held) in (100..200).zip((0..100).rev()) {
            assert_eq!(put(number, later), Swap::Applied);
            assert_eq!(
                store.len(),
                held.max(usize::from(number) - 99),
                "each write drops two while there are any"
            );
        }
    }

    #[test]
    fn a_record_is_kept_until_its_time_and_no_longer_than_the_next_write() {
        let store = MemoryStore::new();
        put(&store, 1, keep(60)).unwrap();
        let just_before = Keep::new(NOW + Duration::from_millis(59_999), NOW + Duration::from_secs(600));
        put(&store, 65, just_before).unwrap();
        assert_eq!(store.load(&key(1)).unwrap().record(), [1]);
        let at = Keep::new(NOW + Duration::from_secs(60), NOW + Duration::from_secs(600));
        put(&store, 65, at).unwrap();
        assert_eq!(store.load(&key(1)).unwrap().revision(), Revision::ABSENT);
    }

    #[test]
    fn a_record_goes_at_the_time_of_its_last_write() {
        let writes = [(60, 90), (90, 60), (60, 60)];
        for (first, second) in writes {
            let store = MemoryStore::new();
            put(&store, 1, keep(first)).unwrap();
            put(&store, 1, keep(second)).unwrap();
            let at = |seconds| Keep::new(NOW + Duration::from_secs(seconds), NOW + Duration::from_secs(600));
            put(&store, 65, at(second - 1)).unwrap();
            assert_eq!(store.load(&key(1)).unwrap().record(), [1], "{first} and then {second} seconds");
            put(&store, 65, at(second)).unwrap();
            let gone = store.load(&key(1)).unwrap().revision();
            assert_eq!((store.len(), gone), (1, Revision::ABSENT), "{first} and then {second} seconds");
        }
    }

    #[test]
    fn keys_of_a_shard_are_told_apart_by_their_last_eight_bytes() {
        let key = RecordKey::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(KeyIsHash::default().hash_one(key), 0x0F0E_0D0C_0B0A_0908);
    }

    #[test]
    fn keys_of_one_hash_stay_apart() {
        let store = MemoryStore::new();
        let key = |number: u8| {
            RecordKey::from_bytes([[0, number, 0, 0, 0, 0, 0, 0], [7; 8]].concat().try_into().unwrap())
        };
        for number in 0..20 {
            store.compare_and_swap(&key(number), Revision::ABSENT, &[number], keep(60)).unwrap();
        }
        (0..20).for_each(|number| assert_eq!(store.load(&key(number)).unwrap().record(), [number]));
        assert_eq!(store.len(), 20);
    }
}
