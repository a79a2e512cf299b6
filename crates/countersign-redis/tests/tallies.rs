//! Tallies as Redis holds them: their bytes, their expiry, and a server without the script.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::time::Duration;

use countersign::Timestamp;
use countersign::store::{
    Change, Entry, EntryKind, KEPT_FOR, KNOWN_FOR, NumberChange, StoreErrorKind, Sums, Tallies, TallyKey,
};
use countersign_engines::{Redis, TIMEOUT};
use countersign_redis::redis::{Client, Commands, cmd};
use countersign_redis::{BlockingRedisStore, Timeouts};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

/// No server's clock says so.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000_000);
const DAY: Duration = Duration::from_secs(86_400);

const TALLY: TallyKey = TallyKey::new(EntryKind::Sums, [0xAB; 16]);
const NUMBER: TallyKey = TallyKey::new(EntryKind::Number, [0xCD; 16]);

fn name(key: &TallyKey) -> String {
    key.as_bytes().iter().fold("countersign:tally:".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

fn started() -> (Redis, BlockingRedisStore) {
    let redis = Redis::start().unwrap();
    let store = BlockingRedisStore::connect(redis.url(), LONG_TIMEOUTS).unwrap();
    (redis, store)
}

/// Time to live, rounded up to seconds.
fn ttl(client: &mut Client, key: &TallyKey) -> Duration {
    let millis: u64 = client.pttl(name(key)).unwrap();
    Duration::from_secs(millis.div_ceil(1000))
}

#[test]
fn entries_are_held_as_their_bytes() {
    let (redis, store) = started();
    let mut client = Client::open(redis.url()).unwrap();
    let verified = NumberChange { sends: 3, ..NumberChange::verified(NOW - 30 * DAY) };
    let changes = [
        Change::sums(TALLY, 0.26, 1e-3),
        Change::number(NUMBER, NumberChange::sent([0, 1])),
        Change::number(NUMBER, verified),
        Change::number(NUMBER, NumberChange::sent([1, 0])),
    ];
    let [mut tally, mut number] = [EntryKind::Sums, EntryKind::Number].map(Entry::empty);
    for (change, hour) in changes.into_iter().zip(0..) {
        let now = NOW + hour * DAY / 24;
        store.add(&[change], now).unwrap();
        let entry = if change.key() == TALLY { &mut tally } else { &mut number };
        entry.apply(change.effect(), now);
    }
    for (key, entry) in [(TALLY, tally), (NUMBER, number)] {
        let held: Vec<u8> = client.get(name(&key)).unwrap();
        assert_eq!(held, entry.to_bytes().as_slice());
        let size: u64 = cmd("MEMORY").arg(&["USAGE", &name(&key)]).query(&mut client).unwrap();
        println!("{:?}: {} bytes, {size} in Redis", entry.kind(), held.len());
    }
}

#[test]
fn sums_decay_as_in_rust_to_the_bit() {
    let (_redis, store) = started();
    let mut millis = 1;
    while millis < KEPT_FOR.as_millis() as u64 {
        let now = NOW + Duration::from_millis(millis);
        let mut expected = Sums::EMPTY;
        for (added, now) in [(0.3, NOW), (0.1, now)] {
            expected.add(added, added, now);
        }
        let key = TallyKey::new(EntryKind::Sums, (u128::from(millis) << 8).to_be_bytes());
        store.add(&[Change::sums(key, 0.3, 0.3)], NOW).unwrap();
        store.add(&[Change::sums(key, 0.1, 0.1)], now).unwrap();
        assert_eq!(store.read(&[key], now).unwrap().as_slice(), [Entry::Sums(expected)], "{millis}");
        millis += millis / 40 + 7;
    }
}

/// Redis measures a time to live from its own now, whatever the callers' clocks say.
#[test]
fn expiry_is_relative_to_the_entrys_own_time() {
    let (redis, store) = started();
    let mut client = Client::open(redis.url()).unwrap();
    let expires_in = |client: &mut Client, key, expected: Duration, when: &str| {
        let given = ttl(client, &key);
        let rounding = Duration::from_secs(1);
        assert!(given <= expected + rounding && given + TIMEOUT > expected, "{when}: {given:?}");
    };
    let sent = Change::number(NUMBER, NumberChange::sent([1, 0]));
    let add = |changes: &[Change], now| store.add(changes, now).unwrap();
    add(&[Change::sums(TALLY, 1.0, 0.0), sent], NOW);
    expires_in(&mut client, TALLY, KEPT_FOR, "new");
    expires_in(&mut client, NUMBER, KEPT_FOR, "new");
    // The next caller's clock is a day behind: the entry's own time still counts.
    add(&[Change::sums(TALLY, 1.0, 0.0), sent], NOW - DAY);
    expires_in(&mut client, TALLY, KEPT_FOR + DAY, "by a clock that is behind");
    expires_in(&mut client, NUMBER, KEPT_FOR + DAY, "by a clock that is behind");
    add(&[Change::number(NUMBER, NumberChange::verified(NOW))], NOW);
    expires_in(&mut client, NUMBER, KNOWN_FOR, "verified");
    add(&[sent], NOW + 100 * DAY);
    expires_in(&mut client, NUMBER, KNOWN_FOR - 100 * DAY, "verified 100 days ago");
    add(&[sent], NOW + 175 * DAY);
    expires_in(&mut client, NUMBER, KEPT_FOR, "verified 175 days ago");
    add(&[Change::sums(TALLY, 1.0, 0.0)], Timestamp::MAX);
    expires_in(&mut client, TALLY, KEPT_FOR, "at the end of time");
    add(&[Change::sums(TALLY, 1.0, 0.0)], Timestamp::EPOCH);
    expires_in(&mut client, TALLY, Timestamp::MAX.since(Timestamp::EPOCH) + KEPT_FOR, "at its beginning");
}

#[test]
fn adds_that_change_nothing_create_no_entry() {
    let (redis, store) = started();
    let never = NumberChange { unanswered: -1, ..NumberChange::default() };
    store.add(&[Change::forgive(TALLY), Change::number(NUMBER, never)], NOW).unwrap();
    store.add(&[Change::sums(TALLY, -1.0, f64::NAN)], NOW).unwrap();
    assert_eq!(redis.ask("DBSIZE").unwrap(), ":0\r\n");
}

/// A server that restarted or was told to forget scripts applies each change once.
#[test]
fn script_is_sent_again_to_a_server_without_it() {
    let (redis, store) = started();
    for number in 1..=3 {
        assert_eq!(redis.ask("SCRIPT FLUSH").unwrap(), "+OK\r\n");
        for _ in 0..2 {
            store.add(&[Change::sums(TALLY, 1.0, 0.5), Change::sums(NUMBER, 1.0, 0.0)], NOW).unwrap();
        }
        let sums = Sums::new(2.0 * f64::from(number), f64::from(number), NOW).unwrap();
        assert_eq!(store.read(&[TALLY], NOW).unwrap().as_slice(), [Entry::Sums(sums)]);
    }
}

#[test]
fn full_server_refuses_adds_and_still_reads() {
    let (redis, store) = started();
    store.add(&[Change::sums(TALLY, 1.0, 0.0)], NOW).unwrap();
    assert_eq!(redis.ask("CONFIG SET maxmemory 1").unwrap(), "+OK\r\n");
    let error = store.add(&[Change::sums(TALLY, 1.0, 0.0)], NOW).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Full);
    assert_eq!(store.read(&[TALLY], NOW).unwrap().as_slice().len(), 1);
}
