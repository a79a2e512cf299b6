//! The number of round trips per call, once its statements are prepared.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use countersign::store::{RecordKey, Store};
use countersign::{Channel, Keys, PhoneNumber, Verifier};
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
}
