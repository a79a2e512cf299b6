//! Codes of one account, entered by thirty threads over two connections, one with each store: one
//! code, one success, and at most ten verdicts for three hundred guesses.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::limits::Lock;
use countersign::testing::BlockOn;
use countersign::{Keys, Verifier};
use countersign_engines::account_races::{LIMIT, Owner, Told, race};
use countersign_engines::{Redis, TIMEOUT, Tokio};
use countersign_redis::{BlockingRedisStore, RedisStore, Timeouts};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

/// Two servers, and the charges that they could not take back.
struct Servers {
    blocking: Verifier<BlockingRedisStore>,
    awaited: Verifier<RedisStore>,
    unsettled: Arc<AtomicUsize>,
    tokio: Tokio,
    _engine: Redis,
}

impl Servers {
    fn start() -> Self {
        let (engine, tokio) = (Redis::start().unwrap(), Tokio::start().unwrap());
        let unsettled = Arc::new(AtomicUsize::new(0));
        let blocking = BlockingRedisStore::connect(engine.url(), LONG_TIMEOUTS).unwrap();
        let awaited = tokio.block_on(RedisStore::connect(engine.url(), LONG_TIMEOUTS)).unwrap();
        let (blocking, awaited) = (verifier(blocking, &unsettled), verifier(awaited, &unsettled));
        Self { blocking, awaited, unsettled, tokio, _engine: engine }
    }

    fn totp(&self, owner: &Owner, entries: &[String]) -> Told {
        let blocking = |entry: &str| self.blocking.account(&owner.account).check_totp(entry).map(drop);
        let awaited = |entry: &str| {
            let verifier = self.awaited.asynchronously();
            self.tokio.block_on(verifier.account(&owner.account).check_totp(entry)).map(drop)
        };
        race([&blocking, &awaited], entries)
    }

    fn recovery(&self, owner: &Owner, entries: &[String]) -> Told {
        let blocking =
            |entry: &str| self.blocking.account(&owner.account).check_recovery_code(entry).map(drop);
        let awaited = |entry: &str| {
            let verifier = self.awaited.asynchronously();
            self.tokio.block_on(verifier.account(&owner.account).check_recovery_code(entry)).map(drop)
        };
        race([&blocking, &awaited], entries)
    }

    fn status(&self, owner: &Owner) -> (usize, Option<Lock>) {
        let status = self.blocking.account(&owner.account).status().unwrap();
        (status.failures.into(), status.lock)
    }
}

fn verifier<S>(store: S, unsettled: &Arc<AtomicUsize>) -> Verifier<S> {
    let unsettled = Arc::clone(unsettled);
    Verifier::new(Keys::from_secret([7; 32]).unwrap(), store).with_events(move |event| {
        unsettled.fetch_add(event.is_unsettled.into(), Ordering::Relaxed);
    })
}

#[test]
fn one_totp_code_succeeds_once() {
    let servers = Servers::start();
    let owner = Owner::enrolled(&servers.blocking).unwrap();
    let told = servers.totp(&owner, &vec![owner.totp(); 30]);
    println!("30 times the same code of an authenticator: {told:?}");
    assert_eq!(told, Told { passed: 1, refused: 29, ..Told::default() });
    assert_eq!(servers.status(&owner), (0, None));
}

#[test]
fn one_recovery_code_succeeds_once_and_leaves_no_failure() {
    let servers = Servers::start();
    let owner = Owner::enrolled(&servers.blocking).unwrap();
    for code in &owner.codes[..5] {
        let told = servers.recovery(&owner, &vec![code.clone(); 30]);
        let (failures, lock) = servers.status(&owner);
        println!("30 times the same recovery code: {told:?}, {failures} failures left");
        assert_eq!(told, Told { passed: 1, refused: 29, ..Told::default() });
        // What could not be taken back was reported.
        assert!(failures <= servers.unsettled.load(Ordering::Relaxed), "{failures}");
        assert!(lock.is_none() || failures > 0, "{lock:?}");
    }
}

#[test]
fn three_hundred_guesses_get_ten_verdicts() {
    let servers = Servers::start();
    let owner = Owner::enrolled(&servers.blocking).unwrap();
    let told = servers.totp(&owner, &owner.wrong_totps(300));
    println!("300 guesses at an authenticator: {told:?}");
    assert_eq!(told, Told { wrong: LIMIT, refused: 300 - LIMIT, ..Told::default() });
    let (failures, lock) = servers.status(&owner);
    assert_eq!((failures, lock.is_some()), (LIMIT, true));
}

/// Guesses at recovery codes, whose charges and comparisons are separate writes.
#[test]
fn three_hundred_guesses_at_recovery_codes_get_ten_verdicts() {
    let servers = Servers::start();
    let owner = Owner::enrolled(&servers.blocking).unwrap();
    let guesses: Vec<String> = (0..300).map(|guess| format!("{guess:012}")).collect();
    let told = servers.recovery(&owner, &guesses);
    println!("300 guesses at recovery codes: {told:?}");
    assert!(told.wrong <= LIMIT && told.passed == 0 && told.failed == 0, "{told:?}");
    let (failures, lock) = servers.status(&owner);
    assert_eq!((failures, lock.is_some()), (LIMIT, true));
}
