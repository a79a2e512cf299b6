//! The store's behaviour on misconfigured or unreachable servers, sweeping, and index updates.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::{AsyncStore, Keep, RecordKey, Revision, Store, StoreErrorKind, Swap};
use countersign::testing::{Awaited, BlockOn, Conformance, Engine, Stopwatch};
use countersign_engines::{Postgres, TIMEOUT, Tokio};
use countersign_postgres::deadpool_postgres::{Manager, ManagerConfig, Pool};
use countersign_postgres::{BlockingPostgresStore, PostgresStore, Timeouts, Warning};
use tokio_postgres::NoTls;

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

fn key(number: u128) -> RecordKey {
    RecordKey::from_bytes(number.to_be_bytes())
}

fn pool(postgres: &Postgres) -> Pool {
    let manager = Manager::from_config(postgres.url().parse().unwrap(), NoTls, ManagerConfig::default());
    Pool::builder(manager).max_size(8).build().unwrap()
}

#[test]
fn warns_only_if_the_server_can_lose_writes() {
    let good = Postgres::start().unwrap();
    let store = BlockingPostgresStore::connect(&good.url(), LONG_TIMEOUTS).unwrap();
    store.migrate().unwrap();
    assert_eq!(store.durability().unwrap().warnings(), []);
    let tokio = Tokio::start().unwrap();
    let alter = "ALTER TABLE countersign_records SET UNLOGGED";
    tokio.block_on(async { pool(&good).get().await.unwrap().batch_execute(alter).await }).unwrap();
    assert_eq!(store.durability().unwrap().warnings(), [Warning::TableIsUnlogged]);

    let bad = Postgres::start_with(&["synchronous_commit=off", "fsync=off", "full_page_writes=off"]).unwrap();
    let store = BlockingPostgresStore::connect(&bad.url(), LONG_TIMEOUTS).unwrap();
    assert_eq!(
        store.durability().unwrap().warnings(),
        [Warning::CommitsAsynchronously, Warning::DoesNotFlush, Warning::WritesHalfPages]
    );
}

#[test]
fn sweeps_only_rows_that_expired_before_today() {
    let postgres = Postgres::start_with(&["fsync=off"]).unwrap();
    let tokio = Tokio::start().unwrap();
    tokio.block_on(async {
        let store = PostgresStore::on(pool(&postgres), LONG_TIMEOUTS);
        // Several servers may migrate at once.
        let (first, second) = (store.clone(), store.clone());
        let other = tokio::spawn(async move { second.migrate().await });
        first.migrate().await.unwrap();
        other.await.unwrap().unwrap();

        let client = pool(&postgres).get().await.unwrap();
        let rows = "INSERT INTO countersign_records (key, revision, record, keep_until)
            SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), nextval('countersign_revisions'), 'x',
                CASE WHEN n <= 2500 THEN now() - interval '1 day' WHEN n <= 2600 THEN now() ELSE now() + interval '1 hour' END
            FROM generate_series(1, 2700) AS n";
        client.batch_execute(rows).await.unwrap();
        let count = "SELECT count(*) FROM countersign_records";
        let left = async || client.query_one(count, &[]).await.unwrap().get::<_, i64>(0);
        for swept in [1000, 1000, 500, 0] {
            assert_eq!(store.sweep().await.unwrap(), swept);
        }
        assert_eq!(left().await, 200, "rows that expired today are swept tomorrow");
        // Expired rows count as absent before they are swept, and can be replaced.
        assert_eq!(store.load(&key(2600)).await.unwrap().revision(), Revision::ABSENT);
        assert_ne!(store.load(&key(2601)).await.unwrap().revision(), Revision::ABSENT);
        let keep = Keep::new(NOW, NOW + Duration::from_secs(60));
        let swap = store.compare_and_swap(&key(2600), Revision::ABSENT, b"y", keep).await;
        assert_eq!(swap.unwrap(), Swap::Applied);
        assert_eq!(store.load(&key(2600)).await.unwrap().record(), b"y");
        // With nothing left to sweep, a sweeper pauses and keeps running.
        let sweeper = tokio::spawn(store.clone().sweep_every(Duration::from_secs(3600)));
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!sweeper.is_finished());
        sweeper.abort();
        assert_eq!(left().await, 200);
    });
}

/// Writes are heap-only updates: they find room in the row's page and change no index.
#[test]
fn writes_update_no_index() {
    let postgres = Postgres::start_with(&["fsync=off"]).unwrap();
    let store = BlockingPostgresStore::connect(&postgres.url(), LONG_TIMEOUTS).unwrap();
    store.migrate().unwrap();
    for second in 0..200 {
        let revision = store.load(&key(1)).unwrap().revision();
        let now = NOW + Duration::from_secs(second);
        let keep = Keep::new(now, now + Duration::from_secs(3600));
        assert_eq!(store.compare_and_swap(&key(1), revision, &[7; 200], keep).unwrap(), Swap::Applied);
    }
    // PostgreSQL reports statistics when a connection has been idle for a second or closes.
    drop(store);
    let tokio = Tokio::start().unwrap();
    let begun = Instant::now();
    let (updates, without_index) = tokio.block_on(async {
        let client = pool(&postgres).get().await.unwrap();
        let question =
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'countersign_records'";
        loop {
            let row = client.query_one(question, &[]).await.unwrap();
            let (updates, hot): (i64, i64) = (row.get(0), row.get(1));
            if updates == 199 || begun.elapsed() > TIMEOUT {
                return (updates, hot);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    println!("{updates} updates, {without_index} of them heap-only");
    assert_eq!(updates, 199);
    assert!(without_index > 190, "{without_index}");
}

/// With serialisable transactions by default, losing a race is a conflict, not an error.
#[test]
fn conforms_on_a_pool_with_serialisable_transactions() {
    let postgres =
        Postgres::start_with(&["fsync=off", "default_transaction_isolation=serializable"]).unwrap();
    let tokio = Tokio::start().unwrap();
    let store = PostgresStore::on(pool(&postgres), LONG_TIMEOUTS);
    tokio.block_on(store.migrate()).unwrap();
    let store = Awaited::new(store, tokio);
    let report = Conformance::of(&store).tallies(&store).run().unwrap();
    println!("countersign-postgres, serialisable\n{report}");
}

/// Unreachable and unresponsive servers give an error within the timeout, from the first call on.
#[test]
fn unreachable_server_is_unavailable_within_the_timeout() {
    let timeouts = Timeouts::new(Duration::from_millis(500), Duration::from_millis(300));
    let postgres = Postgres::start().unwrap();
    postgres.pause().unwrap();
    let stopwatch = Stopwatch::start();
    let error = BlockingPostgresStore::connect(&postgres.url(), timeouts).unwrap_err();
    assert!(stopwatch.elapsed() < Duration::from_secs(3), "{:?}", stopwatch.elapsed());
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let error = BlockingPostgresStore::connect("not an address", timeouts).unwrap_err();
    assert!(std::error::Error::source(&error).is_some());
    postgres.resume().unwrap();
}

/// A blocking store may be called on a runtime's thread: it blocks the thread, but does not panic.
#[test]
fn blocking_store_works_on_a_runtime_thread() {
    let postgres = Postgres::start_with(&["fsync=off"]).unwrap();
    let (tokio, url) = (Tokio::start().unwrap(), postgres.url());
    tokio.block_on(async move {
        let store = BlockingPostgresStore::connect(&url, LONG_TIMEOUTS).unwrap();
        store.migrate().unwrap();
        assert_eq!(Store::load(&store, &key(1)).unwrap().revision(), Revision::ABSENT);
    });
}

/// Without the `tls` feature, the store does not ignore an `sslmode` that asks for TLS.
#[cfg(not(feature = "tls"))]
#[test]
fn rejects_tls_modes_without_the_feature() {
    for mode in ["require", "verify-full"] {
        let address = format!("postgresql://otp@127.0.0.1:1/otp?sslmode={mode}");
        let error = BlockingPostgresStore::connect(&address, LONG_TIMEOUTS).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "this sslmode needs the `tls` feature of countersign-postgres");
    }
}
