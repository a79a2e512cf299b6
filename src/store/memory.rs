//! The embedded default: records in this process's memory.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use core::fmt;
use core::hash::{BuildHasherDefault, Hasher};
use core::mem;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use super::{
    Change, Entries, Keep, Loaded, MemoryTallies, RecordKey, Revision, Store, StoreError, StoreErrorKind,
    Swap, Tallies, TallyKey,
};
use crate::time::Timestamp;

/// Keeps records in memory: for a service of one process, for tests, for examples.
///
/// It is sharded, so that threads seldom wait for each other; bounded, so that a flood of starts cannot eat the
/// machine; and it forgets what is no longer needed as it writes, without a thread of its own. When it is full of
/// records that still count it refuses new ones and drops nothing. The last sixteenth of its room is for
/// [known devices](Keep::is_for_known_device) alone, so that a flood of strangers' starts doesn't shut
/// them out. A restart forgets everything, locks included: a
/// service that must remember them uses a store on an engine.
///
/// It takes a part of a record's key for its hash. That is safe with the keys of a [`Verifier`](crate::Verifier), which nobody
/// can choose without its secret; who calls the store with keys of his own has to make them so too.
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
    /// Made by the first add, so that a store without a guard has none.
    tallies: OnceLock<MemoryTallies>,
}

/// How much time has passed. Retention is measured by it, so that no caller's clock drops a record
/// early or keeps it for ever.
enum Clock {
    Since(Instant),
    Given(Box<dyn Fn() -> Duration + Send + Sync>),
}

#[derive(Default)]
struct Shard {
    entries: HashMap<RecordKey, Entry, KeyIsHash>,
    /// When each entry is to be looked at, soonest first: to be dropped, or put back where it is due by then.
    due: BTreeSet<(Timestamp, RecordKey)>,
    /// Counts up for the shard's life, so that a key never sees a revision twice.
    last_revision: u64,
}

struct Entry {
    record: Box<[u8]>,
    revision: Revision,
    until: Timestamp,
    /// Where it stands in the order of `due`, which is never after `until`. A write that puts the end off leaves it there: to
    /// move it would cost more than the rest of the write when there are millions of records.
    look_at: Timestamp,
}

impl Entry {
    /// Whether its time has passed. It stands for no record then, though it is still to be dropped:
    /// a record that nobody can write to would otherwise be there until others are written.
    fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now
    }
}

impl MemoryStore {
    const SHARDS: usize = 64;

    /// A write looks at this many entries of its shard whose time has come, and drops those that are due. It makes one
    /// look necessary at most, a new entry's or that of an entry whose end it puts off, so that they cannot pile up.
    const LOOKS_PER_WRITE: usize = 2;

    /// One place in so many is for known devices alone.
    const RESERVED: usize = 16;

    /// A new entry that finds no room has every shard look for some, and tries again, so many times at most.
    const TRIES_FOR_ROOM: usize = 64;

    /// Room for a million records, which take about 320 MB when all of them are in use.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1_000_000)
    }

    /// Room for `capacity` records, of which a sixteenth (rounded down) is kept for known devices. The
    /// memory is taken as it is needed.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            shards: (0..Self::SHARDS).map(|_| Mutex::default()).collect(),
            len: AtomicUsize::new(0),
            capacity,
            clock: Clock::Since(Instant::now()),
            tallies: OnceLock::new(),
        }
    }

    /// Keeps the tallies of a [guard](crate::guard) here. Without it, the first add makes one of the
    /// default size.
    #[must_use]
    pub fn with_tallies(self, tallies: MemoryTallies) -> Self {
        Self { tallies: OnceLock::from(tallies), ..self }
    }

    /// Measures how long records are kept by this clock, the time since any fixed point, instead of the
    /// system's: for tests and simulations whose time is their own.
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

    /// The store's own time, in whole milliseconds.
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH + self.elapsed()
    }

    /// The end of a time to live that begins when so much has elapsed. A millisecond that has begun
    /// counts as over, so that no record goes early.
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

    /// How many records there is room for, those of known devices included.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    fn shard(&self, key: &RecordKey) -> MutexGuard<'_, Shard> {
        let shard = usize::from(key.as_bytes()[0]) % Self::SHARDS;
        lock(&self.shards[shard])
    }

    /// Takes a place for one more record, if there is one for its kind.
    fn reserve(&self, keep: Keep) -> bool {
        let reserved = if keep.is_for_known_device() { 0 } else { self.capacity / Self::RESERVED };
        let one_more = |len| (len < self.capacity - reserved).then_some(len + 1);
        self.len.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    /// Gives places back. A write that frees none leaves the count alone, for all threads share it.
    fn release(&self, places: usize) {
        if places > 0 {
            self.len.fetch_sub(places, Ordering::Relaxed);
        }
    }

    /// Looks at what has come due in every shard, a little each; whether that was anything.
    ///
    /// Each look that finds an entry whose end was put off was saved by the write that did so.
    fn make_room(&self, now: Timestamp) -> bool {
        let mut any = false;
        for shard in &self.shards {
            let Looked { at, dropped } = lock(shard).drop_due(now, Self::LOOKS_PER_WRITE);
            self.release(dropped);
            any |= at > 0;
        }
        any
    }

    /// One try at the swap; nothing when there is no room for a new record.
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

/// Not the records: there are too many, and they hold handles.
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
        // Bounded: what a full store has put off, it looks at bit by bit as others come.
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
        if let Some(held) = self.entries.get_mut(&key) {
            // Most records keep their length: then no memory is given back and taken anew.
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
        self.tallies.get().map_or_else(|| Entries::absent(keys), |tallies| tallies.read(keys, now))
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        self.tallies.get_or_init(MemoryTallies::new).add(changes, now)
    }
}

/// How many entries were looked at because their time had come, and how many of them were due and dropped.
struct Looked {
    at: usize,
    dropped: usize,
}

/// A thread that panicked elsewhere left no shard half-written: each change is a few calls that do not panic.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;
    use core::hash::BuildHasher;
    use core::ops::Deref;
    use core::sync::atomic::AtomicU64;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

    /// A store whose clock shows the time that the last swap came with.
    struct Timed {
        store: MemoryStore,
        millis: Arc<AtomicU64>,
    }

    impl Timed {
        fn new(store: MemoryStore) -> Self {
            let millis = Arc::new(AtomicU64::new(0));
            let clock = Arc::clone(&millis);
            let store = store.with_clock(move || Duration::from_millis(clock.load(Ordering::Relaxed)));
            Self { store, millis }
        }

        fn compare_and_swap(
            &self,
            key: &RecordKey,
            expected: Revision,
            record: &[u8],
            keep: Keep,
        ) -> Result<Swap, StoreError> {
            self.millis.store(keep.now().unix_millis(), Ordering::Relaxed);
            self.store.compare_and_swap(key, expected, record, keep)
        }
    }

    impl Deref for Timed {
        type Target = MemoryStore;

        fn deref(&self) -> &MemoryStore {
            &self.store
        }
    }

    #[test]
    fn retention_is_elapsed_time_whatever_the_callers_clocks_show() {
        let (store, years) = (Timed::new(MemoryStore::new()), Duration::from_secs(10 * 365 * 86_400));
        let hour = Duration::from_secs(3600);
        let swap = |number, from| {
            let keep = Keep::new(from, from + hour);
            store.store.compare_and_swap(&key(number), Revision::ABSENT, b"x", keep).unwrap()
        };
        swap(1, NOW);
        swap(65, NOW + years);
        let is_kept = |number| store.load(&key(number)).unwrap().revision() != Revision::ABSENT;
        swap(129, NOW + years);
        assert!(is_kept(1), "a clock ahead drops nothing of the others");
        store.millis.store(3_600_000, Ordering::Relaxed);
        swap(193, NOW);
        assert!(!is_kept(1) && !is_kept(65), "and keeps nothing longer");
    }

    #[test]
    fn a_record_is_there_until_its_time_even_if_nothing_else_is_written() {
        let store = Timed::new(MemoryStore::with_capacity(1));
        put(&store, 1, keep(60)).unwrap();
        let first = store.load(&key(1)).unwrap().revision();
        let at = |seconds: u64| store.millis.store((1_000 + seconds) * 1_000 - 1, Ordering::Relaxed);
        at(60);
        assert_eq!(store.load(&key(1)).unwrap().revision(), first);
        at(61);
        assert_eq!(store.load(&key(1)).unwrap().revision(), Revision::ABSENT);
        let again = Keep::new(NOW + Duration::from_secs(60), NOW + Duration::from_secs(120));
        assert_eq!(store.compare_and_swap(&key(1), first, b"late", again).unwrap(), Swap::Conflict);
        assert_eq!(put(&store, 1, again), Ok(Swap::Applied), "in the place of the one before");
        assert!(store.load(&key(1)).unwrap().revision() > first);
        assert_eq!((store.len(), store.entries(|_| ())), (1, 1));
    }

    #[test]
    fn no_record_goes_a_part_of_a_millisecond_early() {
        let nanos = Arc::new(AtomicU64::new(1_999_999));
        let clock = Arc::clone(&nanos);
        let store =
            MemoryStore::new().with_clock(move || Duration::from_nanos(clock.load(Ordering::Relaxed)));
        let keep = Keep::new(NOW, NOW + Duration::from_millis(10));
        store.compare_and_swap(&key(1), Revision::ABSENT, b"x", keep).unwrap();
        nanos.store(11_999_998, Ordering::Relaxed);
        assert_eq!(store.load(&key(1)).unwrap().record(), b"x");
        nanos.store(12_000_000, Ordering::Relaxed);
        assert_eq!(store.load(&key(1)).unwrap().revision(), Revision::ABSENT);
    }

    fn key(number: u8) -> RecordKey {
        RecordKey::from_bytes([number; 16])
    }

    fn keep(seconds: u64) -> Keep {
        Keep::new(NOW, NOW + Duration::from_secs(seconds))
    }

    fn put(store: &Timed, number: u8, keep: Keep) -> Result<Swap, StoreErrorKind> {
        let expected = store.load(&key(number)).unwrap().revision();
        store.compare_and_swap(&key(number), expected, &[number], keep).map_err(|error| error.kind())
    }

    #[test]
    fn a_stale_revision_conflicts_and_changes_nothing() {
        let store = Timed::new(MemoryStore::new());
        assert_eq!(put(&store, 1, keep(60)).unwrap(), Swap::Applied);
        let first = store.load(&key(1)).unwrap().revision();
        assert_eq!(put(&store, 1, keep(60)).unwrap(), Swap::Applied);
        for stale in [first, Revision::ABSENT] {
            assert_eq!(store.compare_and_swap(&key(1), stale, b"x", keep(60)).unwrap(), Swap::Conflict);
        }
        assert_eq!(store.load(&key(1)).unwrap().record(), [1]);
    }

    #[test]
    fn a_revision_never_comes_again_after_a_record_was_dropped() {
        let store = Timed::new(MemoryStore::new());
        put(&store, 1, keep(60)).unwrap();
        let first = store.load(&key(1)).unwrap().revision();
        assert_eq!(store.compare_and_swap(&key(1), first, b"", keep(0)).unwrap(), Swap::Applied);
        assert_eq!((store.len(), store.load(&key(1)).unwrap().revision()), (0, Revision::ABSENT));
        put(&store, 1, keep(60)).unwrap();
        assert_ne!(store.load(&key(1)).unwrap().revision(), first);
    }

    #[test]
    fn a_full_store_refuses_new_records_and_keeps_the_old() {
        let store = Timed::new(MemoryStore::with_capacity(3));
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
        let store = Timed::new(MemoryStore::new());
        // All in one shard, for the shard is told by the first byte.
        let key = |number: u8| RecordKey::from_bytes([[0; 8], [number; 8]].concat().try_into().unwrap());
        let put = |number, keep| store.compare_and_swap(&key(number), Revision::ABSENT, b"x", keep).unwrap();
        (0..100).for_each(|number| assert_eq!(put(number, keep(60)), Swap::Applied));
        assert_eq!(store.len(), 100);
        let later = Keep::new(NOW + Duration::from_secs(60), NOW + Duration::from_secs(600));
        (100..150).for_each(|number| assert_eq!(put(number, later), Swap::Applied));
        assert_eq!(store.len(), 50, "each write dropped two");
    }

    #[test]
    fn a_record_is_kept_until_its_time_and_no_longer_than_the_next_write() {
        let store = Timed::new(MemoryStore::new());
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
            let store = Timed::new(MemoryStore::new());
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
    fn room_is_found_behind_records_whose_end_was_put_off() {
        const PUT_OFF: u8 = 100;
        let store = Timed::new(MemoryStore::with_capacity(usize::from(PUT_OFF) + 1));
        let keep = |seconds| keep(seconds).for_known_device();
        // All in one shard.
        let key = |number: u8| RecordKey::from_bytes([[0; 8], [number; 8]].concat().try_into().unwrap());
        let put = |number, keep| {
            let expected = store.load(&key(number)).unwrap().revision();
            store.compare_and_swap(&key(number), expected, &[number], keep).map_err(|error| error.kind())
        };
        for end in [60, 600] {
            (0..PUT_OFF).for_each(|number| assert_eq!(put(number, keep(end)), Ok(Swap::Applied)));
        }
        assert_eq!(put(PUT_OFF, keep(120)), Ok(Swap::Applied));
        let at = |seconds| {
            Keep::new(NOW + Duration::from_secs(seconds), NOW + Duration::from_secs(900)).for_known_device()
        };
        assert_eq!(put(101, at(119)), Err(StoreErrorKind::Full));
        assert_eq!(put(101, at(120)), Ok(Swap::Applied), "the one that was due went");
        (0..PUT_OFF).for_each(|number| assert_eq!(store.load(&key(number)).unwrap().record(), [number]));
        assert_eq!((store.len(), put(102, at(599))), (101, Err(StoreErrorKind::Full)));
        // Also when all of them are due at once: two go with each write, and nothing is left behind.
        (0..60).for_each(|number| assert_eq!(put(150 + number, at(600)), Ok(Swap::Applied)));
        assert_eq!(store.len(), 61);
    }

    #[test]
    fn whatever_is_written_each_record_stands_once_in_the_order_and_none_goes_early() {
        let store = Timed::new(MemoryStore::with_capacity(25));
        let (mut now, mut written) = (NOW, HashMap::new());
        let mut random = 1_u64;
        let mut up_to = |most: u64| {
            random = random.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            (random >> 33) % most
        };
        for _ in 0..20_000 {
            now = now + Duration::from_millis(up_to(3));
            // A few shards of several records each.
            let number = up_to(40) as u8;
            let key = RecordKey::from_bytes([[number % 4; 8], [number; 8]].concat().try_into().unwrap());
            let until = now + Duration::from_millis(up_to(100));
            let record: &[u8] = if up_to(10) == 0 { b"" } else { b"x" };
            store.millis.store(now.unix_millis(), Ordering::Relaxed);
            let expected = store.load(&key).unwrap().revision();
            // Of 25 places one is for known devices.
            let (keep, room) = match (Keep::new(now, until), up_to(2) == 0) {
                (keep, true) => (keep.for_known_device(), 25),
                (keep, false) => (keep, 24),
            };
            match store.compare_and_swap(&key, expected, record, keep) {
                Ok(swap) => assert_eq!(swap, Swap::Applied),
                Err(error) => {
                    assert_eq!(error.kind(), StoreErrorKind::Full);
                    let held = store.entries(|entry| assert!(now < entry.until));
                    assert!((room..=25).contains(&held), "what is due makes room");
                    continue;
                }
            }
            if record.is_empty() {
                written.remove(&key)
            } else {
                written.insert(key, until)
            };
            written.retain(|_, until| now < *until);
            assert!(written.keys().all(|key| store.load(key).unwrap().revision() != Revision::ABSENT));
            assert_eq!(store.entries(|entry| assert!(entry.look_at <= entry.until)), store.len());
        }
    }

    impl MemoryStore {
        /// How many entries there are, each of which has its place in the order and nothing else has one.
        fn entries(&self, look: impl Fn(&Entry)) -> usize {
            let of_shard = |shard| {
                let shard = lock(shard);
                assert!(shard.entries.iter().all(|(key, entry)| shard.due.contains(&(entry.look_at, *key))));
                assert_eq!(shard.due.len(), shard.entries.len());
                shard.entries.values().for_each(&look);
                shard.entries.len()
            };
            self.shards.iter().map(of_shard).sum()
        }
    }

    #[test]
    fn keys_of_a_shard_are_told_apart_by_their_last_eight_bytes() {
        let key = RecordKey::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(KeyIsHash::default().hash_one(key), 0x0F0E_0D0C_0B0A_0908);
    }

    #[test]
    fn keys_of_one_hash_stay_apart() {
        let store = Timed::new(MemoryStore::new());
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
