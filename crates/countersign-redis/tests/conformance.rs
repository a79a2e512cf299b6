//! Both stores keep every promise of `Store`, over a real server that is killed, stopped, and whose replies are lost.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::time::Duration;

use countersign::testing::{Awaited, BlockOn, Conformance};
use countersign_engines::{Proxied, Redis};
use countersign_redis::{BlockingRedisStore, RedisStore, Waits};
use tokio_runtime::Tokio;

#[path = "support/tokio_runtime.rs"]
mod tokio_runtime;

const WAITS: Waits = Waits::new(Duration::from_secs(1), Duration::from_millis(700));
/// The store's own bound is 2.4 seconds; a busy machine adds to every wait.
const LONGEST: Duration = Duration::from_secs(4);

fn proxied() -> (Proxied<Redis>, String) {
    let redis = Redis::start().unwrap();
    let port = redis.port();
    let proxied = Proxied::new(redis, port).unwrap();
    let url = format!("redis://127.0.0.1:{}/", proxied.port());
    (proxied, url)
}

/// The check of a code waits for a load, and gives up; nothing waits for longer than a call of the store.
fn conformance<'a>(
    store: &'a (dyn countersign::Store + Sync),
    engine: &'a Proxied<Redis>,
) -> Conformance<'a> {
    Conformance::of(store).engine(engine).longest_wait(LONGEST)
}

#[test]
fn the_async_store_keeps_every_promise() {
    let (engine, url) = proxied();
    let tokio = Tokio::new();
    let store = tokio.block_on(RedisStore::connect(url, WAITS)).unwrap();
    let store = Awaited::new(store, tokio);
    let report = conformance(&store, &engine).run().unwrap();
    println!("countersign-redis, async\n{report}");
    assert_eq!(report.not_asked(), 0);
}

#[test]
fn the_blocking_store_keeps_every_promise() {
    let (engine, url) = proxied();
    let store = BlockingRedisStore::connect(url, WAITS).unwrap();
    let report = conformance(&store, &engine).run().unwrap();
    println!("countersign-redis, blocking\n{report}");
    assert_eq!(report.not_asked(), 0);
}

/// What Redis does unless it is told otherwise; the warning at start-up says so, and the kit finds it.
#[test]
fn a_server_that_keeps_no_log_forgets_what_it_acknowledged() {
    let redis = Redis::start_with(&[]).unwrap();
    let store = BlockingRedisStore::connect(redis.url(), WAITS).unwrap();
    let broken = Conformance::of(&store).engine(&redis).run().unwrap_err();
    println!("countersign-redis, on a server without a log\n{broken}");
    assert_eq!(broken.report().broken(), 1);
    assert!(broken.to_string().contains("BROKEN     a restart loses nothing"));
}
