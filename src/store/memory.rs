//! The built-in store: records in this process's memory.

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use core::fmt;
use core::hash::{BuildHasherDefault, Hasher};
use core::mem;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use super::{
    Change, Entries, Keep, Loaded, MemoryTallies, RecordKey, Revision, Store, StoreError, StoreErrorKind,
    Swap, Tallies, TallyKey,
};
use crate::time::Timestamp;

/// A store in memory: for single-process services, tests and examples.
///
/// The store is sharded, so that threads seldom wait for each other. It is bounded, so that a flood
/// of starts cannot exhaust memory. Expired records are dropped during writes, without a background
/// thread. When it is full of records that must be kept, it refuses new ones and drops nothing. The
/// last sixteenth of its capacity is reserved for [known devices](Keep::is_for_known_device), so
/// that a flood of strangers' starts does not shut them out.
///
/// A restart forgets everything, including locks. A service that must remember them uses a
/// persistent store.
///
/// Part of the record key serves as its hash. This is safe with the keys of a
/// [`Verifier`](crate::Verifier), which cannot be chosen without its secret. Other callers of the
/// store must use keys with the same property.
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
    clock: Clock,
    /// Created by the first add, so that a store without a guard has none. In a box, because an
    /// empty place of this size would hold whatever was on the stack, keys for example.
    tallies: RwLock<Option<Box<MemoryTallies>>>,
}

/// The source of elapsed time. Retention is measured by it, so that no caller's clock drops a
/// record early or keeps it for ever.
enum Clock {
    Since(Instant),
    Given(Box<dyn Fn() -> Duration + Send + Sync>),
}

#[derive(Default)]
struct Shard {
    entries: HashMap<RecordKey, Entry, KeyIsHash>,
    /// When to look at each entry, soonest first: to drop it, or to put it back with its later
    /// expiry.
    due: BTreeSet<(Timestamp, RecordKey)>,
    /// Counts up for the life of the shard, so that a key never sees a revision twice.
    last_revision: u64,
}

struct Entry {
    record: Box<[u8]>,
    revision: Revision,
    until: Timestamp,
    /// The entry's position in `due`, which is never after `until`. A write that extends the
    /// retention leaves it unchanged: with millions of records, moving it would cost more than the
    /// rest of the write.
    look_at: Timestamp,
}

impl Entry {
    /// Returns whether the entry has expired. An expired entry counts as absent even before it is
    /// dropped; otherwise a record that nobody writes to would stay visible until others are
    /// written.
    fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now
    }
}

impl MemoryStore {
    const SHARDS: usize = 64;

    /// The number of entries whose time has come that one write looks at. Expired ones are dropped.
    /// Each write adds at most one entry to look at later, and looks at two, so none pile up.
    const LOOKS_PER_WRITE: usize = 2;

    /// One in this many places is reserved for known devices.
    const RESERVED: usize = 16;

    /// The maximum number of attempts to insert a new entry into a full store. Before each, every
    /// shard looks for expired entries.
    const TRIES_FOR_ROOM: usize = 64;

    /// Creates a store for a million records, which take about 320 MB when all are in use.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1_000_000)
    }

    /// Creates a store for `capacity` records, of which a sixteenth (rounded down) is reserved for
    /// known devices. Memory is allocated as needed.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            shards: (0..Self::SHARDS).map(|_| Mutex::default()).collect(),
            len: AtomicUsize::new(0),
            capacity,
            clock: Clock::Since(Instant::now()),
            tallies: RwLock::new(None),
        }
    }

    /// Keeps the tallies of a [guard](crate::guard) here. Without it, the first add creates a table
    /// of the default size.
    #[must_use]
    pub fn with_tallies(self, tallies: MemoryTallies) -> Self {
        Self { tallies: RwLock::new(Some(Box::new(tallies))), ..self }
    }

    /// Measures retention by this clock instead of the system's, for tests and simulations. The
    /// clock returns the time since any fixed point.
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use countersign::MemoryStore;
    ///
    /// let seconds = Arc::new(AtomicU64::new(0));
    /// let clock = Arc::clone(&seconds);
    /// let store = MemoryStore::new()
    ///     .with_clock(move || Duration::from_secs(clock.load(Ordering::Relaxed)));
    /// seconds.store(86_400, Ordering::Relaxed);       // a day later
    /// # let _ = store;
    /// ```
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { clock: Clock::Given(Box::new(clock)), ..self }
    }

    /// Returns the store's own time, in whole milliseconds.
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH + self.elapsed()
    }

    /// Returns the end of a time to live that begins at `elapsed`. A millisecond that has begun
    /// counts as over, so that no record is dropped early.
    fn until(elapsed: Duration, ttl: Option<Duration>) -> Timestamp {
        const ALMOST: Duration = Duration::from_nanos(999_999);
        ttl.map_or(Timestamp::MAX, |ttl| Timestamp::EPOCH + (elapsed + ALMOST) + ttl)
    }

    fn elapsed(&self) -> Duration {
        match &self.clock {
            Clock::Since(begin) => begin.elapsed(),
            Clock::Given(clock) => clock(),
        }
    }

    /// Returns the number of records held, including expired ones that the next writes will drop.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Returns whether no record is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the maximum number of records, including those reserved for known devices.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    fn shard(&self, key: &RecordKey) -> MutexGuard<'_, Shard> {
        let shard = usize::from(key.as_bytes()[0]) % Self::SHARDS;
        lock(&self.shards[shard])
    }

    /// Reserves a place for one more record. Returns whether there was room for its kind.
    fn reserve(&self, keep: Keep) -> bool {
        let reserved = if keep.is_for_known_device() { 0 } else { self.capacity / Self::RESERVED };
        let one_more = |len| (len < self.capacity - reserved).then_some(len + 1);
        self.len.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    /// Releases places. A write that frees none does not touch the count, which all threads share.
    fn release(&self, places: usize) {
        if places > 0 {
            self.len.fetch_sub(places, Ordering::Relaxed);
        }
    }

    /// Looks at a few due entries in every shard. Returns whether there were any.
    ///
    /// If a look finds an entry whose retention was extended, its cost was postponed from the write
    /// that extended it.
    fn make_room(&self, now: Timestamp) -> bool {
        let mut any = false;
        for shard in &self.shards {
            let Looked { at, dropped } = lock(shard).drop_due(now, Self::LOOKS_PER_WRITE);
            self.release(dropped);
            any |= at > 0;
        }
        any
    }

    /// Tries the swap once. Returns `None` if there is no room for a new record.
    fn try_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
        elapsed: Duration,
    ) -> Option<Swap> {
        let (now, until) = (Timestamp::EPOCH + elapsed, Self::until(elapsed, keep.ttl()));
        let mut shard = self.shard(key);
        if shard.entries.get(key).is_some_and(|entry| entry.is_over(now)) {
            self.release(usize::from(shard.remove(key)));
        }
        let current = shard.entries.get(key).map_or(Revision::ABSENT, |entry| entry.revision);
        if current != expected {
            return Some(Swap::Conflict);
        }
        if record.is_empty() {
            self.release(usize::from(shard.remove(key)));
        } else {
            if current == Revision::ABSENT && !self.reserve(keep) {
                return None;
            }
            shard.put(*key, record, until);
        }
        self.release(shard.drop_due(now, Self::LOOKS_PER_WRITE).dropped);
        Some(Swap::Applied)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// Omits the records: there are too many, and they contain handles.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryStore({} of {} records)", self.len(), self.capacity)
    }
}

impl Store for MemoryStore {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let now = self.now();
        let shard = self.shard(key);
        let held = shard.entries.get(key).filter(|entry| !entry.is_over(now));
        held.map_or(Ok(Loaded::ABSENT), |entry| Loaded::new(&entry.record, entry.revision))
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let elapsed = self.elapsed();
        // Bounded: a full store works through its postponed looks bit by bit, write by write.
        for _ in 0..Self::TRIES_FOR_ROOM {
            if let Some(swap) = self.try_swap(key, expected, record, keep, elapsed) {
                return Ok(swap);
            }
            if !self.make_room(Timestamp::EPOCH + elapsed) {
                break;
            }
        }
        Err(StoreError::new(StoreErrorKind::Full))
    }
}

/// Uses the last eight bytes of a record's key as its hash. A key is a keyed hash already, and its
/// first byte selects the shard.
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
        if let Some(held) = self.entries.get_mut(&key) {
            // Most records keep their length, so the allocation is reused.
            if held.record.len() == record.len() {
                held.record.copy_from_slice(record);
            } else {
                held.record = record.into();
            }
            (held.revision, held.until) = (revision, until);
            if held.look_at <= until {
                return;
            }
            self.due.remove(&(mem::replace(&mut held.look_at, until), key));
        } else {
            let entry = Entry { record: record.into(), revision, until, look_at: until };
            self.entries.insert(key, entry);
        }
        self.due.insert((until, key));
    }

    fn remove(&mut self, key: &RecordKey) -> bool {
        let removed = self.entries.remove(key);
        removed.is_some_and(|entry| self.due.remove(&(entry.look_at, *key)))
    }

    fn drop_due(&mut self, now: Timestamp, at_most: usize) -> Looked {
        let mut looked = Looked { at: 0, dropped: 0 };
        while looked.at < at_most
            && self.due.first().is_some_and(|(look_at, _)| *look_at <= now)
            && let Some((_, key)) = self.due.pop_first()
        {
            looked.at += 1;
            match self.entries.get_mut(&key) {
                Some(entry) if now < entry.until => {
                    entry.look_at = entry.until;
                    self.due.insert((entry.until, key));
                }
                _ => looked.dropped += usize::from(self.entries.remove(&key).is_some()),
            }
        }
        looked
    }
}

/// By the time that the calls come with, not the store's own clock.
impl Tallies for MemoryStore {
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        let tallies = self.tallies.read().unwrap_or_else(PoisonError::into_inner);
        tallies.as_ref().map_or_else(|| Entries::absent(keys), |tallies| tallies.read(keys, now))
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        if let Some(tallies) = &*self.tallies.read().unwrap_or_else(PoisonError::into_inner) {
            return tallies.add(changes, now);
        }
        let mut tallies = self.tallies.write().unwrap_or_else(PoisonError::into_inner);
        tallies.get_or_insert_with(|| Box::new(MemoryTallies::new())).add(changes, now)
    }

    fn is_local(&self) -> bool {
        true
    }
}

/// The number of due entries that were looked at, and how many of them had expired and were
/// dropped.
struct Looked {
    at: usize,
    dropped: usize,
}

/// A panic elsewhere cannot leave a shard half-written: each change is a few calls that do not
/// panic.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
