//! Conformance of both stores, on a real server that is killed and paused and whose replies are
//! lost.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::time::Duration;

use countersign::store::Tallies;
use countersign::testing::{Awaited, BlockOn, Conformance, Engine};
use countersign_engines::{Proxied, Redis, TIMEOUT, Tokio, eventually};
use countersign_redis::{BlockingRedisStore, RedisStore, Timeouts};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

/// For calls to a failing server: they return within 2.4 seconds.
const SHORT_TIMEOUTS: Timeouts = Timeouts::new(Duration::from_secs(1), Duration::from_millis(700));

fn proxied() -> (Proxied<Redis>, String) {
    let redis = Redis::start().unwrap();
    let port = redis.port();
    let proxied = Proxied::new(redis, port).unwrap();
    let url = format!("redis://127.0.0.1:{}/", proxied.port());
    (proxied, url)
}

/// Only calls to a failing server have short timeouts; the bound is twice those.
fn conformance<'a, S: Tallies + Sync>(
    store: &'a S,
    impatient: &'a S,
    engine: &'a dyn Engine,
) -> Conformance<'a> {
    let (longest, bound) = (LONG_TIMEOUTS.longest(), SHORT_TIMEOUTS.longest() * 2);
    Conformance::of(store)
        .engine(engine)
        .longest_wait(longest)
        .impatient(impatient, bound)
        .tallies(store)
        .impatient_tallies(impatient)
}

#[test]
fn async_store_conforms() {
    let (engine, url) = proxied();
    let [store, impatient] = [LONG_TIMEOUTS, SHORT_TIMEOUTS].map(|timeouts| {
        let tokio = Tokio::start().unwrap();
        let store = eventually(|| tokio.block_on(RedisStore::connect(&*url, timeouts))).unwrap();
        Awaited::new(store, tokio)
    });
    let report = conformance(&store, &impatient, &engine).run().unwrap();
    println!("countersign-redis, async\n{report}");
    assert_eq!(report.not_asked(), 0);
}

fn blocking(url: &str) -> [BlockingRedisStore; 2] {
    [LONG_TIMEOUTS, SHORT_TIMEOUTS]
        .map(|timeouts| eventually(|| BlockingRedisStore::connect(url, timeouts)).unwrap())
}

#[test]
fn blocking_store_conforms() {
    let (engine, url) = proxied();
    let [store, impatient] = blocking(&url);
    let report = conformance(&store, &impatient, &engine).run().unwrap();
    println!("countersign-redis, blocking\n{report}");
    assert_eq!(report.not_asked(), 0);
}

/// Redis has no append-only file by default. `durability` warns about it, and the conformance kit
/// detects it.
#[test]
fn conformance_kit_detects_a_missing_append_only_file() {
    let redis = Redis::start_with(&[]).unwrap();
    let [store, impatient] = blocking(&redis.url());
    let broken = conformance(&store, &impatient, &redis).run().unwrap_err();
    println!("countersign-redis, on a server without an append-only file\n{broken}");
    assert_eq!(broken.report().broken(), 1);
    assert!(broken.to_string().contains("BROKEN     a restart loses nothing"));
}
