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
use countersign_engines::{Postgres, Proxied, TIMEOUT, Tokio, eventually};
use countersign_postgres::{BlockingPostgresStore, PostgresStore, Timeouts};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

/// For calls to a failing server: they return within 2.4 seconds.
const SHORT_TIMEOUTS: Timeouts = Timeouts::new(Duration::from_secs(1), Duration::from_millis(700));

fn proxied() -> (Proxied<Postgres>, String) {
    let postgres = Postgres::start().unwrap();
    let port = postgres.port();
    let direct = postgres.url();
    let proxied = Proxied::new(postgres, port).unwrap();
    let url = direct.replace(&format!(":{port}/"), &format!(":{}/", proxied.port()));
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
        let store = eventually(|| tokio.block_on(PostgresStore::connect(&url, timeouts))).unwrap();
        eventually(|| tokio.block_on(store.migrate())).unwrap();
        Awaited::new(store, tokio)
    });
    let report = conformance(&store, &impatient, &engine).run().unwrap();
    println!("countersign-postgres, async\n{report}");
    assert_eq!(report.not_asked(), 0);
}

fn blocking(url: &str) -> [BlockingPostgresStore; 2] {
    [LONG_TIMEOUTS, SHORT_TIMEOUTS].map(|timeouts| {
        let store = eventually(|| BlockingPostgresStore::connect(url, timeouts)).unwrap();
        eventually(|| store.migrate()).unwrap();
        store
    })
}

#[test]
fn blocking_store_conforms() {
    let (engine, url) = proxied();
    let [store, impatient] = blocking(&url);
    let report = conformance(&store, &impatient, &engine).run().unwrap();
    println!("countersign-postgres, blocking\n{report}");
    assert_eq!(report.not_asked(), 0);
}

/// With `synchronous_commit` off, commits are acknowledged before they are flushed. `durability`
/// warns about it, and the conformance kit detects it.
#[test]
fn conformance_kit_detects_asynchronous_commits() {
    // The longest delay that PostgreSQL allows before a flush.
    let postgres = Postgres::start_with(&["synchronous_commit=off", "wal_writer_delay=10s"]).unwrap();
    let [store, impatient] = blocking(&postgres.url());
    let broken = conformance(&store, &impatient, &postgres).run().unwrap_err();
    println!("countersign-postgres, on a server that commits asynchronously\n{broken}");
    assert_eq!(broken.report().broken(), 1);
    assert!(broken.to_string().contains("BROKEN     a restart loses nothing"));
}
