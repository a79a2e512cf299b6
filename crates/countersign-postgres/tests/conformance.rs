//! Both stores keep every promise of `Store`, over a real server that is killed, stopped, and whose replies are lost.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::time::Duration;

use countersign::testing::{Awaited, BlockOn, Conformance};
use countersign_engines::{Postgres, Proxied};
use countersign_postgres::{BlockingPostgresStore, PostgresStore, Waits};
use tokio_runtime::Tokio;

#[path = "support/tokio_runtime.rs"]
mod tokio_runtime;

const WAITS: Waits = Waits::new(Duration::from_secs(1), Duration::from_millis(700));
/// The store's own bound is 2.4 seconds; a busy machine adds to every wait.
const LONGEST: Duration = Duration::from_secs(4);

fn proxied() -> (Proxied<Postgres>, String) {
    let postgres = Postgres::start().unwrap();
    let port = postgres.port();
    let direct = postgres.url();
    let proxied = Proxied::new(postgres, port).unwrap();
    let url = direct.replace(&format!(":{port}/"), &format!(":{}/", proxied.port()));
    (proxied, url)
}

fn conformance<'a>(
    store: &'a (dyn countersign::Store + Sync),
    engine: &'a Proxied<Postgres>,
) -> Conformance<'a> {
    Conformance::of(store).engine(engine).longest_wait(LONGEST)
}

#[test]
fn the_async_store_keeps_every_promise() {
    let (engine, url) = proxied();
    let tokio = Tokio::new();
    let store = tokio.block_on(PostgresStore::connect(&url, WAITS)).unwrap();
    tokio.block_on(store.migrate()).unwrap();
    let store = Awaited::new(store, tokio);
    let report = conformance(&store, &engine).run().unwrap();
    println!("countersign-postgres, async\n{report}");
    assert_eq!(report.not_asked(), 0);
}

#[test]
fn the_blocking_store_keeps_every_promise() {
    let (engine, url) = proxied();
    let store = BlockingPostgresStore::connect(&url, WAITS).unwrap();
    store.migrate().unwrap();
    let report = conformance(&store, &engine).run().unwrap();
    println!("countersign-postgres, blocking\n{report}");
    assert_eq!(report.not_asked(), 0);
}

/// With commits that are acknowledged before they are on the disk; the warning at start-up says so, and the kit finds it.
#[test]
fn a_server_that_commits_asynchronously_forgets_what_it_acknowledged() {
    // The longest that it may put off what it owes the disk.
    let postgres = Postgres::start_with(&["synchronous_commit=off", "wal_writer_delay=10s"]).unwrap();
    let store = BlockingPostgresStore::connect(&postgres.url(), WAITS).unwrap();
    store.migrate().unwrap();
    let broken = Conformance::of(&store).engine(&postgres).run().unwrap_err();
    println!("countersign-postgres, on a server that commits asynchronously\n{broken}");
    assert_eq!(broken.report().broken(), 1);
    assert!(broken.to_string().contains("BROKEN     a restart loses nothing"));
}
