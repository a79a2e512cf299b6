//! Both stores keep every promise of `Store`, over a real server that is killed, stopped, and whose replies are lost.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::time::Duration;

use countersign::testing::{Awaited, BlockOn, Conformance, Engine};
use countersign_engines::{PATIENCE, Proxied, Redis, Tokio, eventually};
use countersign_redis::{BlockingRedisStore, RedisStore, Waits};

/// For what is no test of a timeout: only a call that hangs takes longer.
const PATIENT: Waits = Waits::new(PATIENCE, PATIENCE);

/// For calls to a server that is in trouble: they end within 2.4 seconds.
const IMPATIENT: Waits = Waits::new(Duration::from_secs(1), Duration::from_millis(700));

fn proxied() -> (Proxied<Redis>, String) {
    let redis = Redis::start().unwrap();
    let port = redis.port();
    let proxied = Proxied::new(redis, port).unwrap();
    let url = format!("redis://127.0.0.1:{}/", proxied.port());
    (proxied, url)
}

/// Only calls to a server that is in trouble have short timeouts, and twice these is the bound.
fn conformance<'a>(
    store: &'a (dyn countersign::Store + Sync),
    impatient: &'a (dyn countersign::Store + Sync),
    engine: &'a dyn Engine,
) -> Conformance<'a> {
    let (longest, bound) = (PATIENT.longest(), IMPATIENT.longest() * 2);
    Conformance::of(store).engine(engine).longest_wait(longest).impatient(impatient, bound)
}

#[test]
fn the_async_store_keeps_every_promise() {
    let (engine, url) = proxied();
    let [store, impatient] = [PATIENT, IMPATIENT].map(|waits| {
        let tokio = Tokio::start().unwrap();
        let store = eventually(|| tokio.block_on(RedisStore::connect(&*url, waits))).unwrap();
        Awaited::new(store, tokio)
    });
    let report = conformance(&store, &impatient, &engine).run().unwrap();
    println!("countersign-redis, async\n{report}");
    assert_eq!(report.not_asked(), 0);
}

fn blocking(url: &str) -> [BlockingRedisStore; 2] {
    [PATIENT, IMPATIENT].map(|waits| eventually(|| BlockingRedisStore::connect(url, waits)).unwrap())
}

#[test]
fn the_blocking_store_keeps_every_promise() {
    let (engine, url) = proxied();
    let [store, impatient] = blocking(&url);
    let report = conformance(&store, &impatient, &engine).run().unwrap();
    println!("countersign-redis, blocking\n{report}");
    assert_eq!(report.not_asked(), 0);
}

/// What Redis does unless it is told otherwise; the warning at start-up says so, and the kit finds it.
#[test]
fn a_server_that_keeps_no_log_forgets_what_it_acknowledged() {
    let redis = Redis::start_with(&[]).unwrap();
    let [store, impatient] = blocking(&redis.url());
    let broken = conformance(&store, &impatient, &redis).run().unwrap_err();
    println!("countersign-redis, on a server without a log\n{broken}");
    assert_eq!(broken.report().broken(), 1);
    assert!(broken.to_string().contains("BROKEN     a restart loses nothing"));
}
