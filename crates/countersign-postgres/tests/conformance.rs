//! Both stores keep every promise of `Store`, over a real server that is killed, stopped, and whose replies are lost.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::time::Duration;

use countersign::testing::{Awaited, BlockOn, Conformance, Engine};
use countersign_engines::{PATIENCE, Postgres, Proxied, Tokio, eventually};
use countersign_postgres::{BlockingPostgresStore, PostgresStore, Waits};

/// For what is no test of a timeout: only a call that hangs takes longer.
const PATIENT: Waits = Waits::new(PATIENCE, PATIENCE);

/// For calls to a server that is in trouble: they end within 2.4 seconds.
const IMPATIENT: Waits = Waits::new(Duration::from_secs(1), Duration::from_millis(700));

fn proxied() -> (Proxied<Postgres>, String) {
    let postgres = Postgres::start().unwrap();
    let port = postgres.port();
    let direct = postgres.url();
    let proxied = Proxied::new(postgres, port).unwrap();
    let url = direct.replace(&format!(":{port}/"), &format!(":{}/", proxied.port()));
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
        let store = eventually(|| tokio.block_on(PostgresStore::connect(&url, waits))).unwrap();
        eventually(|| tokio.block_on(store.migrate())).unwrap();
        Awaited::new(store, tokio)
    });
    let report = conformance(&store, &impatient, &engine).run().unwrap();
    println!("countersign-postgres, async\n{report}");
    assert_eq!(report.not_asked(), 0);
}

fn blocking(url: &str) -> [BlockingPostgresStore; 2] {
    [PATIENT, IMPATIENT].map(|waits| {
        let store = eventually(|| BlockingPostgresStore::connect(url, waits)).unwrap();
        eventually(|| store.migrate()).unwrap();
        store
    })
}

#[test]
fn the_blocking_store_keeps_every_promise() {
    let (engine, url) = proxied();
    let [store, impatient] = blocking(&url);
    let report = conformance(&store, &impatient, &engine).run().unwrap();
    println!("countersign-postgres, blocking\n{report}");
    assert_eq!(report.not_asked(), 0);
}

/// With commits that are acknowledged before they are on the disk; the warning at start-up says so, and the kit finds it.
#[test]
fn a_server_that_commits_asynchronously_forgets_what_it_acknowledged() {
    // The longest that it may put off what it owes the disk.
    let postgres = Postgres::start_with(&["synchronous_commit=off", "wal_writer_delay=10s"]).unwrap();
    let [store, impatient] = blocking(&postgres.url());
    let broken = conformance(&store, &impatient, &postgres).run().unwrap_err();
    println!("countersign-postgres, on a server that commits asynchronously\n{broken}");
    assert_eq!(broken.report().broken(), 1);
    assert!(broken.to_string().contains("BROKEN     a restart loses nothing"));
}
