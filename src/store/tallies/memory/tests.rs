use core::time::Duration;
use std::sync::Barrier;

use alloc::vec::Vec;

use super::*;
use crate::store::{KEPT_FOR, KNOWN_FOR, NumberChange, StoreErrorKind, TALLIES_PER_CALL};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const DAY: Duration = Duration::from_secs(86_400);
const SENT: NumberChange = NumberChange::sent([1, 0]);

/// A key whose bytes are spread as a hash's are.
fn key(kind: EntryKind, number: u64) -> TallyKey {
    let spread = |number: u64| (number ^ number >> 31).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let (low, high) = (spread(number + 1), spread(spread(number + 1) + number));
    TallyKey::new(kind, (u128::from(low) | u128::from(high) << 64).to_le_bytes())
}

fn block(number: u64) -> TallyKey {
    key(EntryKind::Sums, number)
}

fn person(number: u64) -> TallyKey {
    key(EntryKind::Number, number)
}

fn sums(store: &MemoryTallies, key: TallyKey, now: Timestamp) -> Sums {
    let Entry::Sums(sums) = store.read(&[key], now).unwrap().as_slice()[0] else { panic!("of another kind") };
    sums.decayed(now)
}

fn memory(store: &MemoryTallies, key: TallyKey, now: Timestamp) -> NumberMemory {
    let Entry::Number(memory) = store.read(&[key], now).unwrap().as_slice()[0] else {
        panic!("of another kind")
    };
    memory
}

fn add(store: &MemoryTallies, key: TallyKey, unanswered: f64, now: Timestamp) {
    store.add(&[Change::sums(key, unanswered, 0.0)], now).unwrap();
}

#[test]
fn reads_what_was_added() {
    let store = MemoryTallies::with_capacity(1 << 12, 1 << 12);
    let mut expected = (Sums::EMPTY, NumberMemory::EMPTY);
    for (hours, change) in
        [(0, SENT), (30, SENT), (31, NumberChange::verified(NOW + 31 * DAY / 24)), (90, SENT)]
    {
        let now = NOW + hours * DAY / 24;
        expected.0.add(0.26, 0.04, now);
        expected.1.apply(change, now);
        let changes = [Change::sums(block(1), 0.26, 0.04), Change::number(person(1), change)];
        store.add(&changes, now).unwrap();
        let read = store.read(&[person(1), block(1), block(2), person(2)], now).unwrap();
        let empty = (Entry::empty(EntryKind::Sums), Entry::empty(EntryKind::Number));
        assert_eq!(read.as_slice(), [Entry::Number(expected.1), Entry::Sums(expected.0), empty.0, empty.1]);
    }
}

#[test]
fn entries_expire() {
    let store = MemoryTallies::with_capacity(8, 8);
    add(&store, block(1), 100.0, NOW);
    assert!(sums(&store, block(1), NOW + KEPT_FOR - Duration::from_millis(1)).unanswered() > 0.0);
    assert_eq!(sums(&store, block(1), NOW + KEPT_FOR).unanswered(), 0.0);
    let verified = NumberChange::verified(NOW);
    store.add(&[Change::number(person(1), verified), Change::number(person(2), SENT)], NOW).unwrap();
    assert_eq!(memory(&store, person(1), NOW + KNOWN_FOR).last_verified(), Some(NOW));
    assert_eq!(memory(&store, person(1), NOW + KNOWN_FOR + DAY), NumberMemory::EMPTY);
    assert_eq!(memory(&store, person(2), NOW + KEPT_FOR + DAY), NumberMemory::EMPTY);
}

#[test]
fn the_time_of_an_entry_never_moves_back() {
    let store = MemoryTallies::with_capacity(8, 8);
    for now in [NOW, NOW - 5 * DAY, NOW - DAY] {
        add(&store, block(1), 1.0, now);
        store.add(&[Change::number(person(1), SENT)], now).unwrap();
    }
    assert_eq!(sums(&store, block(1), Timestamp::EPOCH), Sums::new(3.0, 0.0, NOW).unwrap());
    let memory = memory(&store, person(1), Timestamp::EPOCH);
    assert_eq!((memory.at(), memory.unanswered()), (NOW, 3));
}

#[test]
fn evicts_the_smallest_sums_of_a_set() {
    let store = MemoryTallies::with_capacity(8, 8);
    assert_eq!(store.capacity(), (8, 8));
    for number in 0..8 {
        add(&store, block(number), 10.0 + number as f64, NOW);
    }
    // A day later 3 is worth less than what was small at the time.
    add(&store, block(3), 13.0, NOW + DAY);
    for (new, evicted) in [(8, 0), (9, 8), (10, 9)] {
        add(&store, block(new), 1.0, NOW + DAY);
        assert_eq!(sums(&store, block(evicted), NOW + DAY).unanswered(), 0.0, "{evicted}");
        assert_eq!(sums(&store, block(new), NOW + DAY).unanswered(), 1.0, "{new}");
    }
    for number in 1..8 {
        assert!(sums(&store, block(number), NOW + DAY).unanswered() > 5.0, "{number}");
    }
    add(&store, block(11), 1.0, NOW + 12 * DAY);
    assert_eq!(sums(&store, block(11), NOW + 12 * DAY).unanswered(), 1.0, "in the place of an expired one");
}

#[test]
fn a_flood_evicts_no_verified_number() {
    let store = MemoryTallies::with_capacity(64, 64);
    let people = 0..16;
    for number in people.clone() {
        store.add(&[Change::number(person(number), NumberChange::verified(NOW))], NOW).unwrap();
    }
    for number in 100..5_000 {
        add(&store, block(number), 1.0, NOW);
        for _ in 0..5 {
            store.add(&[Change::number(person(number), SENT)], NOW).unwrap();
        }
    }
    for number in people {
        assert_eq!(memory(&store, person(number), NOW).last_verified(), Some(NOW), "{number}");
    }
}

#[test]
fn evicts_the_number_that_was_verified_longest_ago() {
    let store = MemoryTallies::with_capacity(8, 8);
    let verify = |number: u64, now| {
        store.add(&[Change::number(person(number), NumberChange::verified(now))], now).unwrap();
    };
    (0..8).for_each(|number| verify(number, NOW + (number as u32) * DAY));
    verify(0, NOW + 8 * DAY);
    verify(8, NOW + 9 * DAY);
    for number in 0..=8 {
        let is_kept = memory(&store, person(number), NOW + 9 * DAY).last_verified().is_some();
        assert_eq!(is_kept, number != 1, "{number}");
    }
}

#[test]
fn changes_that_add_nothing_create_no_entry() {
    let store = MemoryTallies::with_capacity(8, 8);
    (0..8).for_each(|number| add(&store, block(number), 1.0, NOW));
    for number in 100..200 {
        add(&store, block(number), -5.0, NOW);
        store.add(&[Change::forgive(block(number))], NOW).unwrap();
    }
    (0..8).for_each(|number| assert_eq!(sums(&store, block(number), NOW).unanswered(), 1.0));
    store.add(&[Change::forgive(block(3))], NOW).unwrap();
    assert_eq!(sums(&store, block(3), NOW).unanswered(), 0.0);
}

#[test]
fn rejects_too_many_keys() {
    let store = MemoryTallies::with_capacity(64, 8);
    let changes: Vec<_> =
        (0..=TALLIES_PER_CALL as u64).map(|key| Change::sums(block(key), 1.0, 0.0)).collect();
    let keys: Vec<_> = changes.iter().map(Change::key).collect();
    assert_eq!(store.read(&keys, NOW).unwrap_err().kind(), StoreErrorKind::TooManyTallies);
    assert_eq!(store.add(&changes, NOW).unwrap_err().kind(), StoreErrorKind::TooManyTallies);
    assert_eq!(sums(&store, keys[0], NOW).unanswered(), 0.0, "nothing was added");
    store.add(&changes[1..], NOW).unwrap();
    assert_eq!(store.read(&keys[1..], NOW).unwrap().as_slice().len(), TALLIES_PER_CALL);
}

#[test]
fn every_capacity_holds_what_is_written() {
    for capacity in [0, 1, 8, 9, 500, 513, 4_000] {
        let store = MemoryTallies::with_capacity(capacity, capacity);
        let room = store.capacity().0;
        assert!(room >= capacity && room < capacity.max(1) + 8, "{capacity}");
        for number in 0..1_000 {
            add(&store, block(number), 1.0, NOW);
            assert_eq!(sums(&store, block(number), NOW).unanswered(), 1.0);
        }
        let kept = (0..1_000).filter(|number| sums(&store, block(*number), NOW).unanswered() > 0.0).count();
        assert!(kept <= room && (kept > room / 2 || kept > 900), "{kept} of {room}");
    }
}

/// Host keys' keys have 8 bytes of a hash, then zeros.
#[test]
fn padded_keys_are_spread_and_distinct() {
    let store = MemoryTallies::with_capacity(1 << 14, 8);
    let padded = |number| {
        let mut bytes = *block(number).as_bytes();
        bytes[8..].fill(0);
        TallyKey::new(EntryKind::Sums, bytes)
    };
    for number in 0..4_000 {
        add(&store, padded(number), 1.0, NOW);
    }
    assert!((0..4_000).all(|number| sums(&store, padded(number), NOW).unanswered() == 1.0));
}

#[test]
fn threads_lose_no_adds() {
    let (store, together) = (MemoryTallies::with_capacity(64, 64), Barrier::new(4));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                together.wait();
                for number in 0..10_000 {
                    add(&store, block(number % 3), 1.0, NOW);
                }
            });
        }
    });
    let total: f64 = (0..3).map(|number| sums(&store, block(number), NOW).unanswered()).sum();
    assert_eq!(total, 40_000.0);
}

/// Both sums of an entry are always written together.
#[test]
fn readers_see_no_partial_writes() {
    let (store, together) = (MemoryTallies::with_capacity(8, 8), Barrier::new(3));
    let keys: [TallyKey; 4] = core::array::from_fn(|number| block(number as u64));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            together.wait();
            for number in 0..50_000 {
                store.add(&[Change::sums(keys[number % 4], 1.0, 1.0)], NOW).unwrap();
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                together.wait();
                let mut before = 0.0;
                for _ in 0..50_000 {
                    let sums = keys.map(|key| sums(&store, key, NOW));
                    assert!(sums.iter().all(|sums| sums.unanswered() == sums.answered()), "{sums:?}");
                    assert!(sums[0].unanswered() >= before, "{sums:?} after {before}");
                    before = sums[0].unanswered();
                }
            });
        }
    });
    assert_eq!(sums(&store, keys[0], NOW).answered(), 12_500.0);
}
