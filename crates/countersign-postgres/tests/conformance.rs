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
    // A busy machine adds to every wait.
    Conformance::of(store).engine(engine).longest_wait(WAITS.longest() + Duration::from_secs(1))
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
