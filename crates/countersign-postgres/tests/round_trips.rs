//! The number of round trips per call, once its statements are prepared.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::array;

use countersign::store::{
    Change, EntryKind, NumberChange, RecordKey, Store, TALLIES_PER_CALL, Tallies, TallyKey,
};
use countersign::{Channel, Keys, PhoneNumber, Timestamp, Verifier};
use countersign_engines::{Postgres, Proxied, TIMEOUT, eventually};
use countersign_postgres::{BlockingPostgresStore, Timeouts};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

#[test]
fn reads_take_one_round_trip_and_writes_two() {
    let postgres = Postgres::start().unwrap();
    let (port, direct) = (postgres.port(), postgres.url());
    let proxied = Proxied::new(postgres, port).unwrap();
    let url = direct.replace(&format!(":{port}/"), &format!(":{}/", proxied.port()));
    let store = eventually(|| BlockingPostgresStore::connect(&url, LONG_TIMEOUTS)).unwrap();
    eventually(|| store.migrate()).unwrap();
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), &store);
    let keys = [1, 2, 3].map(|byte| RecordKey::from_bytes([byte; 16]));
    let number = |text: &str| text.parse::<PhoneNumber>().unwrap();

    // The first iteration prepares the statements on the one connection in use.
    for (text, is_counted) in [("+12025550162", false), ("+12025550163", true)] {
        let counted = |name, expected, call: &dyn Fn()| {
            let before = proxied.round_trips();
            call();
            let took = proxied.round_trips() - before;
            if is_counted {
                println!("{name:<24} {took}");
                assert_eq!(took, expected, "{name}");
            }
        };
        let issued = std::cell::OnceCell::new();
        counted("start", 2, &|| {
            issued.set(verifier.start(number(text), Channel::Sms).unwrap()).unwrap();
        });
        let issued = issued.into_inner().unwrap();
        let (handle, code) = (issued.handle(), issued.code().as_str());
        counted("status", 1, &|| assert!(verifier.status(number(text)).unwrap().challenge.is_some()));
        counted("check", 2, &|| drop(verifier.check(number(text), handle, code).unwrap()));
        counted("check of a used code", 1, &|| assert!(verifier.check(number(text), handle, code).is_err()));
        counted("load_all, three records", 1, &|| {
            assert_eq!(store.load_all(&keys).unwrap().as_slice().len(), 3)
        });
    }
    tallies_take_one_round_trip(&proxied, &store, &keys);
}

fn tallies_take_one_round_trip(proxied: &Proxied<Postgres>, store: &impl Tallies, records: &[RecordKey]) {
    let now = Timestamp::from_unix_seconds(1_800_000_000);
    let keys: [TallyKey; TALLIES_PER_CALL] = array::from_fn(|byte| TallyKey::from_bytes([byte as u8; 16]));
    let changes = keys.map(|key| match key.kind() {
        EntryKind::Sums => Change::sums(key, 1.0, 0.0),
        EntryKind::Number => Change::number(key, NumberChange::sent([1, 0])),
    });
    // The first call prepares its statements. The two queries of a guarded read are sent at once,
    // unless the machine is busy between the two: the least of some calls counts.
    let counted = |name, call: &dyn Fn()| {
        let took = (0..10).map(|_| {
            let before = proxied.round_trips();
            call();
            proxied.round_trips() - before
        });
        let least = took.min().unwrap();
        println!("{name:<24} {least}");
        assert_eq!(least, 1, "{name}");
    };
    counted("add, 24 tallies", &|| store.add(&changes, now).unwrap());
    counted("read, 24 tallies", &|| assert_eq!(store.read(&keys, now).unwrap().as_slice().len(), 24));
    counted("guarded read", &|| {
        let both = store.load_with_tallies(records, &keys, now);
        assert_eq!((both.records.unwrap().as_slice().len(), both.tallies.unwrap().as_slice().len()), (3, 24));
    });
}
