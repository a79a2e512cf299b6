//! The store's behaviour on servers that are misconfigured, full or unreachable, and on foreign
//! values.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::thread;
use std::time::{Duration, Instant};

use countersign::store::{AsyncStore, Keep, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap};
use countersign::testing::{BlockOn, Engine, Stopwatch};
use countersign::{Keys, PhoneNumber, Timestamp, Verifier};
use countersign_engines::{Redis, TIMEOUT, Tokio};
use countersign_redis::redis::aio::{ConnectionLike, MultiplexedConnection};
use countersign_redis::redis::{Client, Cmd, Pipeline, RedisFuture, Value};
use countersign_redis::{BlockingRedisStore, RedisStore, Timeouts, Warning};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const KEY: RecordKey = RecordKey::from_bytes([0xAB; 16]);
const NAME: &str = "countersign:abababababababababababababababab";

fn blocking(redis: &Redis) -> BlockingRedisStore {
    BlockingRedisStore::connect(redis.url(), LONG_TIMEOUTS).unwrap()
}

fn put(store: &BlockingRedisStore, number: u128) -> Result<Swap, StoreError> {
    let key = RecordKey::from_bytes(number.to_be_bytes());
    let keep = Keep::new(NOW, NOW + Duration::from_secs(3600));
    store.compare_and_swap(&key, Revision::ABSENT, &[7; 200], keep)
}

#[test]
fn no_warnings_if_the_server_keeps_every_write() {
    let redis = Redis::start().unwrap();
    assert_eq!(blocking(&redis).durability().unwrap().warnings(), []);
    let tokio = Tokio::start().unwrap();
    let store = tokio.block_on(RedisStore::connect(redis.url(), LONG_TIMEOUTS)).unwrap();
    assert_eq!(tokio.block_on(store.durability()).unwrap().warnings(), []);
}

#[test]
fn warns_if_the_server_can_lose_writes() {
    let redis = Redis::start_with(&[]).unwrap();
    let warnings = blocking(&redis).durability().unwrap();
    assert_eq!(warnings.warnings(), [Warning::NoAppendOnlyFile, Warning::NotFlushed("everysec".into())]);

    let evicts = ["--appendonly", "yes", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"];
    let redis = Redis::start_with(&evicts).unwrap();
    let warnings = blocking(&redis).durability().unwrap();
    assert_eq!(
        warnings.warnings(),
        [Warning::NotFlushed("everysec".into()), Warning::Evicts("allkeys-lru".into())]
    );

    let hosted = ["--appendonly", "yes", "--appendfsync", "always", "--rename-command", "CONFIG", ""];
    let redis = Redis::start_with(&hosted).unwrap();
    let warnings = blocking(&redis).durability().unwrap();
    assert_eq!(warnings.warnings(), [Warning::DoesNotSay("appendfsync")]);
}

#[test]
fn warns_of_replicas_and_on_replicas() {
    let primary = Redis::start().unwrap();
    let of = ["--appendonly", "yes", "--appendfsync", "always", "--replicaof", "127.0.0.1"];
    let replica = Redis::start_with(&[&of[..], &[&primary.port().to_string()]].concat()).unwrap();
    assert!(blocking(&replica).durability().unwrap().warnings().contains(&Warning::IsAReplica));
    let error = put(&blocking(&replica), 1).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let begun = Instant::now();
    while blocking(&primary).durability().unwrap().warnings() != [Warning::FailsOverAsynchronously] {
        assert!(begun.elapsed() < TIMEOUT, "the replica did not connect in time");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn full_server_refuses_writes_and_evicts_nothing() {
    let full = ["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"];
    let redis = Redis::start_with(&full).unwrap();
    let store = blocking(&redis);
    let refused = (0..50_000).find_map(|number| Some((number, put(&store, number).err()?)));
    let (number, error) = refused.unwrap();
    assert_eq!(error.kind(), StoreErrorKind::Full);
    for kept in 0..number {
        let key = RecordKey::from_bytes(kept.to_be_bytes());
        assert_eq!(store.load(&key).unwrap().record(), [7; 200], "record {kept} of {number}");
    }
}

#[test]
fn foreign_values_are_not_records() {
    let redis = Redis::start().unwrap();
    let store = blocking(&redis);
    for command in
        [format!("LPUSH {NAME} x"), format!("SET {NAME} short"), format!("SET {NAME} {}", "x".repeat(600))]
    {
        redis.ask(&format!("DEL {NAME}")).unwrap();
        redis.ask(&command).unwrap();
        assert_eq!(store.load(&KEY).unwrap_err().kind(), StoreErrorKind::NotARecord, "{command}");
        let (here, nowhere) = (KEY, RecordKey::from_bytes([0xAC; 16]));
        let batch = [nowhere, here, nowhere];
        assert_eq!(store.load_all(&batch).unwrap_err().kind(), StoreErrorKind::NotARecord, "{command}");
        let tokio = Tokio::start().unwrap();
        let awaited = tokio.block_on(async {
            RedisStore::connect(redis.url(), LONG_TIMEOUTS).await?.load_all(&batch).await
        });
        assert_eq!(awaited.unwrap_err().kind(), StoreErrorKind::NotARecord, "{command}");
    }
    // Any value in the place of a record can be deleted with `forget`.
    let number: PhoneNumber = "+12025550162".parse().unwrap();
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), &store);
    let _ = verifier.start(number, countersign::Channel::Sms).unwrap();
    let keys = redis.ask("KEYS countersign:*").unwrap();
    let own = keys.lines().find(|line| line.starts_with("countersign:") && *line != NAME).unwrap();
    redis.ask(&format!("SET {own} {}", "x".repeat(600))).unwrap();
    assert!(verifier.status(number).is_err());
    verifier.forget(number).unwrap();
    assert_eq!(verifier.status(number).unwrap().failures_in_a_row, 0);
}

/// A record as an operator sees it: one key with a time to live.
#[test]
fn record_is_one_key_that_expires() {
    let redis = Redis::start().unwrap();
    let store = blocking(&redis);
    let (begun, keep) = (Instant::now(), Keep::new(NOW, NOW + Duration::from_secs(100)));
    store.compare_and_swap(&KEY, Revision::ABSENT, b"x", keep).unwrap();
    assert_eq!(redis.ask(&format!("STRLEN {NAME}")).unwrap(), ":9\r\n");
    let ttl = redis.ask(&format!("PTTL {NAME}")).unwrap();
    let ttl = Duration::from_millis(ttl.trim_matches([':', '\r', '\n']).parse().unwrap());
    let least = Duration::from_secs(100) - begun.elapsed() - Duration::from_millis(1);
    assert!((least..=Duration::from_secs(100)).contains(&ttl), "{ttl:?}");
    let revision = store.load(&KEY).unwrap().revision();
    store.compare_and_swap(&KEY, revision, b"x", Keep::new(NOW, Timestamp::MAX)).unwrap();
    assert_eq!(redis.ask(&format!("TTL {NAME}")).unwrap(), ":-1\r\n");
}

/// A client that sends every command twice, as one may that retries after a lost reply.
#[derive(Clone)]
struct Twice(MultiplexedConnection);

impl ConnectionLike for Twice {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            self.0.req_packed_command(command).await?;
            self.0.req_packed_command(command).await
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.0.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.0.get_db()
    }
}

#[test]
fn repeated_swap_is_applied_once() {
    let redis = Redis::start().unwrap();
    let tokio = Tokio::start().unwrap();
    tokio.block_on(async {
        let client = Client::open(redis.url()).unwrap();
        let connection = client.get_multiplexed_async_connection().await.unwrap();
        // Cache the script on the server first, or the first copy of the command would only load
        // it.
        let warmed_up = RedisStore::on(connection.clone(), LONG_TIMEOUTS);
        let keep = Keep::new(NOW, NOW + Duration::from_secs(100));
        assert_eq!(
            warmed_up.compare_and_swap(&KEY, Revision::ABSENT, b"x", keep).await.unwrap(),
            Swap::Applied
        );
        let store = RedisStore::on(Twice(connection), LONG_TIMEOUTS);
        for record in [b"y", b"z"] {
            let revision = store.load(&KEY).await.unwrap().revision();
            assert_eq!(store.compare_and_swap(&KEY, revision, record, keep).await.unwrap(), Swap::Applied);
            let stale = store.compare_and_swap(&KEY, revision, b"stale", keep).await;
            assert_eq!(stale.unwrap(), Swap::Conflict);
            assert_eq!(store.load(&KEY).await.unwrap().record(), record);
        }
    });
}

/// Unreachable and unresponsive servers give an error within the timeout, from the first call on.
#[test]
fn unreachable_server_is_unavailable_within_the_timeout() {
    let timeouts = Timeouts::new(Duration::from_millis(300), Duration::from_millis(300));
    let tokio = Tokio::start().unwrap();
    let redis = Redis::start().unwrap();
    redis.pause().unwrap();
    let stopwatch = Stopwatch::start();
    let [blocking, awaited] = [
        BlockingRedisStore::connect(redis.url(), timeouts).unwrap_err(),
        tokio.block_on(RedisStore::connect(redis.url(), timeouts)).unwrap_err(),
    ];
    assert!(stopwatch.elapsed() < Duration::from_secs(4), "{:?}", stopwatch.elapsed());
    assert_eq!((blocking.kind(), awaited.kind()), (StoreErrorKind::Unavailable, StoreErrorKind::Unavailable));
    let error = BlockingRedisStore::connect("not an address", timeouts).unwrap_err();
    assert_eq!(error.to_string(), "the store does not answer");
    assert!(std::error::Error::source(&error).is_some());
}
