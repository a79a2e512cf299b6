//! Tallies as PostgreSQL holds them: their columns, sweeping, and a server that lacks their tables.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::{
    Change, Entry, EntryError, EntryKind, KEPT_FOR, KNOWN_FOR, NumberChange, RecordKey, StoreErrorKind, Sums,
    Tallies, TallyKey,
};
use countersign_engines::{Postgres, TIMEOUT};
use countersign_postgres::{BlockingPostgresStore, Timeouts};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

/// No server's clock says so.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000_000);
const DAY: Duration = Duration::from_secs(86_400);

const TALLY: TallyKey = TallyKey::new(EntryKind::Sums, [0xAB; 16]);
const NUMBER: TallyKey = TallyKey::new(EntryKind::Number, [0xCD; 16]);

fn started() -> (Postgres, BlockingPostgresStore) {
    let postgres = Postgres::start_with(&["fsync=off"]).unwrap();
    let store = BlockingPostgresStore::connect(&postgres.url(), LONG_TIMEOUTS).unwrap();
    store.migrate().unwrap();
    (postgres, store)
}

#[test]
fn entries_are_held_in_columns() {
    let (postgres, store) = started();
    let verified = NumberChange { sends: 3, ..NumberChange::verified(NOW - 30 * DAY) };
    store.add(&[Change::sums(TALLY, 0.25, 2.0), Change::number(NUMBER, verified)], NOW).unwrap();
    store.add(&[Change::number(NUMBER, NumberChange::sent([1, 0]))], NOW + DAY).unwrap();
    let tally = postgres.ask("SELECT at, unanswered, answered FROM countersign_tallies").unwrap();
    assert_eq!(tally, "1000000000000|0.25|2\n");
    let columns = "at, first_verified, last_verified, unanswered, sends, sends_before, outstanding, owed_sms, owed_whatsapp";
    let number = postgres.ask(&format!("SELECT {columns} FROM countersign_recipients")).unwrap();
    assert_eq!(number, "1000086400000|997408000000|1000000000000|1|1|3|262144|262144|0\n");
    for table in ["countersign_tallies", "countersign_recipients"] {
        let size = postgres.ask(&format!("SELECT pg_column_size({table}.*) FROM {table}")).unwrap();
        println!("{table}: {} bytes a row", size.trim());
    }
}

#[test]
fn sums_decay_as_in_rust_to_the_bit() {
    let (postgres, _store) = started();
    let question = "SELECT n, countersign_decay(n) FROM (
        SELECT (1.02 ^ i)::bigint + i AS n FROM generate_series(1, 1100) AS i) AS times";
    let said = postgres.ask(question).unwrap();
    let mut compared = 0;
    for line in said.lines() {
        let (millis, given) = line.split_once('|').unwrap();
        let elapsed = Duration::from_millis(millis.parse().unwrap());
        let given: f64 = given.parse().unwrap();
        if elapsed < KEPT_FOR {
            let left = Sums::new(1.0, 0.0, NOW).unwrap().decayed(NOW + elapsed).unanswered();
            assert_eq!(given.to_bits(), left.to_bits(), "{millis}");
            compared += 1;
        }
    }
    assert!(compared > 900, "{compared}");
}

#[test]
fn adds_that_change_nothing_create_no_row() {
    let (postgres, store) = started();
    let never = NumberChange { unanswered: -1, ..NumberChange::default() };
    store.add(&[Change::forgive(TALLY), Change::number(NUMBER, never)], NOW).unwrap();
    store.add(&[Change::sums(TALLY, -1.0, f64::NAN)], NOW).unwrap();
    let rows =
        "SELECT (SELECT count(*) FROM countersign_tallies) + (SELECT count(*) FROM countersign_recipients)";
    assert_eq!(postgres.ask(rows).unwrap(), "0\n");
}

/// Rows are kept for the time that an entry has left when it is changed, whatever the callers'
/// clocks say.
#[test]
fn expired_rows_are_swept() {
    let (postgres, store) = started();
    let last_day = |table: &str| {
        let question = format!("SELECT last_day - (now() AT TIME ZONE 'UTC')::date FROM countersign_{table}");
        let days: u64 = postgres.ask(&question).unwrap().trim().parse().unwrap();
        Duration::from_secs(days * 86_400)
    };
    let sent = Change::number(NUMBER, NumberChange::sent([1, 0]));
    store.add(&[Change::sums(TALLY, 1.0, 0.0), sent], NOW).unwrap();
    assert_eq!((last_day("tallies"), last_day("recipients")), (KEPT_FOR, KEPT_FOR));
    store.add(&[Change::sums(TALLY, 1.0, 0.0), sent], NOW - DAY).unwrap();
    assert_eq!((last_day("tallies"), last_day("recipients")), (KEPT_FOR + DAY, KEPT_FOR + DAY));
    store.add(&[Change::number(NUMBER, NumberChange::verified(NOW))], NOW).unwrap();
    assert_eq!(last_day("recipients"), KNOWN_FOR);
    store.add(&[Change::sums(TALLY, 1.0, 0.0)], Timestamp::MAX).unwrap();
    assert_eq!(last_day("tallies"), KEPT_FOR);
    store.add(&[Change::sums(TALLY, 1.0, 0.0)], Timestamp::EPOCH).unwrap();

    assert_eq!(store.sweep().unwrap(), 0);
    for (table, rows) in [("tallies", 1_500), ("recipients", 300)] {
        let others = if table == "tallies" { "0, 1, 1" } else { "0, 0, 0, 1, 0, 0, 0, 0, 0" };
        let insert = format!(
            "INSERT INTO countersign_{table} SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), {others},
             (now() AT TIME ZONE 'UTC')::date - 1 FROM generate_series(1, {rows}) AS n"
        );
        postgres.ask(&insert).unwrap();
    }
    assert_eq!(store.sweep().unwrap(), 1_300);
    assert_eq!((store.sweep().unwrap(), store.sweep().unwrap()), (500, 0));
    let entries = store.read(&[TALLY, NUMBER], NOW).unwrap();
    assert!(entries.as_slice().iter().all(|entry| *entry != Entry::empty(entry.kind())));
}

/// The tables' indexes change once a day at most.
#[test]
fn adds_update_no_index() {
    let (postgres, store) = started();
    for second in 0..200 {
        let changes = [Change::sums(TALLY, 1.0, 0.0), Change::number(NUMBER, NumberChange::sent([1, 0]))];
        store.add(&changes, NOW + Duration::from_secs(second)).unwrap();
    }
    // PostgreSQL reports statistics when a connection has been idle for a second or closes.
    drop(store);
    let begun = Instant::now();
    for table in ["countersign_tallies", "countersign_recipients"] {
        let question =
            format!("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = '{table}'");
        let (updates, hot): (u64, u64) = loop {
            let said = postgres.ask(&question).unwrap();
            let (updates, hot) = said.trim().split_once('|').unwrap();
            if updates == "199" || begun.elapsed() > TIMEOUT {
                break (updates.parse().unwrap(), hot.parse().unwrap());
            }
            sleep(Duration::from_millis(100));
        };
        println!("{table}: {updates} updates, {hot} of them heap-only");
        assert_eq!(updates, 199);
        assert!(hot > 190, "{hot}");
    }
}

/// A host that has applied only the first migration keeps its records.
#[test]
fn records_are_read_without_the_tables_of_tallies() {
    let (postgres, store) = started();
    postgres.ask("DROP TABLE countersign_tallies").unwrap();
    let both = store.load_with_tallies(&[RecordKey::from_bytes([1; 16])], &[TALLY], NOW);
    assert_eq!(both.records.unwrap().as_slice().len(), 1);
    assert_eq!(both.tallies.unwrap_err().kind(), StoreErrorKind::Unavailable);
    let error = store.add(&[Change::sums(TALLY, 1.0, 0.0)], NOW).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}

#[test]
fn damaged_row_is_named_by_the_cause_of_the_error() {
    let (postgres, store) = started();
    store.add(&[Change::sums(TALLY, 1.0, 0.0)], NOW).unwrap();
    postgres.ask("UPDATE countersign_tallies SET answered = 'NaN'").unwrap();
    let error = store.read(&[TALLY], NOW).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.downcast_ref(), Some(&EntryError::NotFinite));
}

/// Writes of records wait for the disk, adds do not.
#[test]
fn only_adds_commit_asynchronously() {
    let postgres = Postgres::start().unwrap();
    let store = BlockingPostgresStore::connect(&postgres.url(), LONG_TIMEOUTS).unwrap();
    store.migrate().unwrap();
    let statement = "BEGIN; SELECT countersign_add(0, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
        SHOW synchronous_commit; COMMIT; SHOW synchronous_commit";
    let said = postgres.ask(statement).unwrap();
    assert!(said.contains("off\n") && said.ends_with("on\n"), "{said}");
    assert_eq!(store.durability().unwrap().warnings(), []);
}
