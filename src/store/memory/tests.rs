use super::*;
use alloc::sync::Arc;
use core::hash::BuildHasher;
use core::ops::Deref;
use core::sync::atomic::AtomicU64;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

/// A store whose clock shows the time of the last swap.
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
fn retention_is_independent_of_the_callers_clocks() {
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
    assert!(is_kept(1), "a clock ahead does not drop other servers' records");
    store.millis.store(3_600_000, Ordering::Relaxed);
    swap(193, NOW);
    assert!(!is_kept(1) && !is_kept(65), "and does not extend retention");
}

#[test]
fn hides_expired_records_without_further_writes() {
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
    assert_eq!(put(&store, 1, again), Ok(Swap::Applied), "reuses the place of the expired record");
    assert!(store.load(&key(1)).unwrap().revision() > first);
    assert_eq!((store.len(), store.entries(|_| ())), (1, 1));
}

#[test]
fn drops_no_record_a_fraction_of_a_millisecond_early() {
    let nanos = Arc::new(AtomicU64::new(1_999_999));
    let clock = Arc::clone(&nanos);
    let store = MemoryStore::new().with_clock(move || Duration::from_nanos(clock.load(Ordering::Relaxed)));
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
fn stale_revision_conflicts_and_changes_nothing() {
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
fn never_reuses_a_revision_after_a_record_was_dropped() {
    let store = Timed::new(MemoryStore::new());
    put(&store, 1, keep(60)).unwrap();
    let first = store.load(&key(1)).unwrap().revision();
    assert_eq!(store.compare_and_swap(&key(1), first, b"", keep(0)).unwrap(), Swap::Applied);
    assert_eq!((store.len(), store.load(&key(1)).unwrap().revision()), (0, Revision::ABSENT));
    put(&store, 1, keep(60)).unwrap();
    assert_ne!(store.load(&key(1)).unwrap().revision(), first);
}

#[test]
fn full_store_refuses_new_records_and_keeps_the_old() {
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
    assert!(store.len() < 3, "expired records in other shards made room");
}

#[test]
fn each_write_drops_two_expired_records() {
    let store = Timed::new(MemoryStore::new());
    // All in one shard, because the first byte selects the shard.
    let key = |number: u8| RecordKey::from_bytes([[0; 8], [number; 8]].concat().try_into().unwrap());
    let put = |number, keep| store.compare_and_swap(&key(number), Revision::ABSENT, b"x", keep).unwrap();
    (0..100).for_each(|number| assert_eq!(put(number, keep(60)), Swap::Applied));
    assert_eq!(store.len(), 100);
    let later = Keep::new(NOW + Duration::from_secs(60), NOW + Duration::from_secs(600));
    (100..150).for_each(|number| assert_eq!(put(number, later), Swap::Applied));
    assert_eq!(store.len(), 50, "each write dropped two");
}

#[test]
fn drops_a_record_at_the_first_write_after_its_expiry() {
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
fn the_last_write_determines_the_expiry() {
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
fn finds_room_behind_records_with_extended_retention() {
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
    assert_eq!(put(101, at(120)), Ok(Swap::Applied), "the expired record was dropped");
    (0..PUT_OFF).for_each(|number| assert_eq!(store.load(&key(number)).unwrap().record(), [number]));
    assert_eq!((store.len(), put(102, at(599))), (101, Err(StoreErrorKind::Full)));
    // Also when all of them expire at once: two are dropped with each write, and none is left
    // behind.
    (0..60).for_each(|number| assert_eq!(put(150 + number, at(600)), Ok(Swap::Applied)));
    assert_eq!(store.len(), 61);
}

#[test]
fn random_writes_keep_the_due_order_consistent() {
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
        // Of 25 places one is reserved for known devices.
        let (keep, room) = match (Keep::new(now, until), up_to(2) == 0) {
            (keep, true) => (keep.for_known_device(), 25),
            (keep, false) => (keep, 24),
        };
        match store.compare_and_swap(&key, expected, record, keep) {
            Ok(swap) => assert_eq!(swap, Swap::Applied),
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::Full);
                let held = store.entries(|entry| assert!(now < entry.until));
                assert!((room..=25).contains(&held), "expired records make room");
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
    /// Returns the number of entries, after checking that `due` holds exactly one position for
    /// each.
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
fn the_hash_is_the_last_eight_bytes_of_the_key() {
    let key = RecordKey::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    assert_eq!(KeyIsHash::default().hash_one(key), 0x0F0E_0D0C_0B0A_0908);
}

#[test]
fn keys_with_equal_hashes_stay_distinct() {
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
