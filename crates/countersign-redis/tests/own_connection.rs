//! The blocking store on the host's connection: database, turns, timeouts and reconnection.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::thread;
use std::time::Duration;

use countersign::store::{Keep, RecordKey, Revision, Store, StoreErrorKind, Swap};
use countersign::testing::{Conformance, Engine, Stopwatch};
use countersign::{Keys, Timestamp, Verifier};
use countersign_engines::rivals::{CHANNEL, number};
use countersign_engines::{Redis, TIMEOUT};
use countersign_redis::redis::{Client, Connection};
use countersign_redis::{BlockingRedisStore, Timeouts, Warning};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

const KEY: RecordKey = RecordKey::from_bytes([0xAB; 16]);

fn connection(redis: &Redis, database: &str, timeouts: Timeouts) -> Connection {
    let client = Client::open(format!("{}{database}", redis.url())).unwrap();
    let connection = client.get_connection_with_timeout(timeouts.connect()).unwrap();
    connection.set_read_timeout(Some(timeouts.answer())).unwrap();
    connection.set_write_timeout(Some(timeouts.answer())).unwrap();
    connection
}

#[test]
fn conforms_in_the_hosts_database() {
    let redis = Redis::start().unwrap();
    let store =
        BlockingRedisStore::on(connection(&redis, "7", LONG_TIMEOUTS), LONG_TIMEOUTS).with_prefix("host:");
    let report = Conformance::of(&store).tallies(&store).run().unwrap();
    println!("countersign-redis, blocking, on the host's connection\n{report}");
    assert_eq!(store.durability().unwrap().warnings(), [] as [Warning; 0]);
    let keyspace = redis.ask("INFO keyspace").unwrap();
    assert!(keyspace.contains("db7:") && !keyspace.contains("db0:"), "{keyspace}");
}

#[test]
fn code_succeeds_once_among_threads_that_take_turns() {
    let redis = Redis::start().unwrap();
    let store = BlockingRedisStore::on(connection(&redis, "", LONG_TIMEOUTS), LONG_TIMEOUTS);
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), store);
    let number = number().unwrap();
    let issued = verifier.start(number, CHANNEL).unwrap();
    let check = || verifier.check(number, issued.handle(), issued.code().as_str()).is_ok();
    let passed = thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(check)).collect();
        threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum::<usize>()
    });
    assert_eq!(passed, 1);
}

/// A call that waits behind one that hangs times out, and writes nothing.
#[test]
fn waiting_for_a_turn_is_bounded_by_the_connect_timeout() {
    let redis = Redis::start().unwrap();
    let (turn, answer) = (Duration::from_millis(300), Duration::from_secs(3));
    let store = BlockingRedisStore::on(
        connection(&redis, "", Timeouts::new(TIMEOUT, answer)),
        Timeouts::new(turn, answer),
    );
    let keep = Keep::new(Timestamp::EPOCH, Timestamp::EPOCH + TIMEOUT);
    let swap = || store.compare_and_swap(&KEY, Revision::ABSENT, b"x", keep);
    redis.pause().unwrap();
    thread::scope(|scope| {
        let hangs = scope.spawn(swap);
        thread::sleep(Duration::from_millis(500));
        let stopwatch = Stopwatch::start();
        let error = swap().unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("other calls hold the connection"), "{cause}");
        assert!(stopwatch.elapsed() < Duration::from_secs(2), "{:?}", stopwatch.elapsed());
        assert_eq!(hangs.join().unwrap().unwrap(), Swap::Unknown);
    });
    redis.resume().unwrap();
}

/// The answer to a call that timed out arrives later, and must not be taken for another call's.
#[test]
fn late_answer_is_not_taken_for_the_next_calls() {
    let redis = Redis::start().unwrap();
    let timeouts = Timeouts::new(TIMEOUT, Duration::from_millis(300));
    let store = BlockingRedisStore::on(connection(&redis, "", timeouts), timeouts);
    let keep = Keep::new(Timestamp::EPOCH, Timestamp::EPOCH + TIMEOUT);
    assert_eq!(store.compare_and_swap(&KEY, Revision::ABSENT, b"x", keep).unwrap(), Swap::Applied);
    let absent = RecordKey::from_bytes([0xAC; 16]);
    redis.pause().unwrap();
    assert!(store.load(&absent).is_err());
    redis.resume().unwrap();
    let stopwatch = Stopwatch::start();
    let loaded = loop {
        match store.load(&KEY) {
            Ok(loaded) => break loaded,
            Err(error) => assert!(stopwatch.elapsed() < TIMEOUT, "{error}"),
        }
    };
    assert_eq!(loaded.record(), b"x");
}

#[test]
fn client_reconnects_but_a_connection_does_not() {
    let redis = Redis::start().unwrap();
    let client = BlockingRedisStore::on(Client::open(redis.url()).unwrap(), LONG_TIMEOUTS);
    let once = BlockingRedisStore::on(connection(&redis, "", LONG_TIMEOUTS), LONG_TIMEOUTS);
    assert!(client.load(&KEY).is_ok() && once.load(&KEY).is_ok());
    redis.restart().unwrap();
    assert!(client.load(&KEY).is_ok());
    assert_eq!(once.load(&KEY).unwrap_err().kind(), StoreErrorKind::Unavailable);
}
