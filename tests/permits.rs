//! Recovery codes: who may have them issued, when they go, and what a check of a locked account costs.

use std::ops::ControlFlow;

use countersign::account::{RecoveryCodes, RecoveryFormat, TotpTerms};
use countersign::kernel::{Operation, Reply, Request};
use countersign::mfa::{FirstFactor, LoginRules, LoginStep, MayEnrol, MfaPolicy, Organisation};
use countersign::store::{Loaded, Store};
use countersign::totp::TotpSecret;
use countersign::{Account, Error, MemoryStore, Refusal, Timestamp, Verifier};
use countersign_tests::desk::keys;
use countersign_tests::rng::Seeded;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// Runs a call of the account.
macro_rules! call {
    ($store:expr, $rng:expr, $now:expr, $call:ident($($argument:expr),*)) => {
        Verifier::new(keys(), $store).at($now, $rng).account(&account()).$call($($argument),*)
    };
}

fn account() -> Account {
    Account::new("user-test-7").unwrap()
}

fn enrol(store: &MemoryStore, rng: &mut Seeded, permit: &MayEnrol) -> TotpSecret {
    let enrolled = call!(store, rng, NOW, enrol_totp(permit, TotpTerms::new())).unwrap();
    enrolled.secret().clone()
}

/// Confirms the enrolment.
fn confirm(store: &MemoryStore, rng: &mut Seeded, secret: &TotpSecret) {
    let settings = countersign::totp::TotpSettings::DEFAULT;
    let code = settings.code(secret, settings.step(NOW));
    let verified = call!(store, rng, NOW, check_totp(code.as_str())).unwrap();
    assert!(verified.confirmed_enrolment());
}

fn issue(store: &MemoryStore, rng: &mut Seeded, permit: &MayEnrol) -> RecoveryCodes {
    call!(store, rng, NOW, issue_recovery_codes(permit, RecoveryFormat::DEFAULT)).unwrap()
}

fn own_session(store: &MemoryStore) -> MayEnrol {
    Verifier::new(keys(), store).account(&account()).may_enrol_by_own_session()
}

/// Returns the permit of a login of someone who has only the first factor, as long as the host has
/// no other on record.
fn of_login(store: &MemoryStore, rng: &mut Seeded) -> MayEnrol {
    let organisation = Organisation { policy: MfaPolicy::RequiredForAll, ..Organisation::default() };
    let rules = LoginRules { organisation, ..LoginRules::default() };
    match call!(store, rng, NOW, open_login(FirstFactor::other(), &rules)).unwrap() {
        LoginStep::Enrol { permit, .. } => permit,
        step => panic!("{step:?}"),
    }
}

#[test]
fn the_permit_of_a_login_yields_no_codes_of_an_active_authenticator() {
    let (store, mut rng) = (MemoryStore::new(), Seeded(1));
    let permit = of_login(&store, &mut rng);
    let secret = enrol(&store, &mut rng, &permit);
    assert!(call!(&store, &mut rng, NOW, issue_recovery_codes(&permit, RecoveryFormat::DEFAULT)).is_ok());
    confirm(&store, &mut rng, &secret);
    // An old permit, or one of a host whose record of the member is behind.
    for permit in [permit, of_login(&store, &mut rng)] {
        let issued = call!(&store, &mut rng, NOW, issue_recovery_codes(&permit, RecoveryFormat::DEFAULT));
        assert!(matches!(issued, Err(Error::Refused(Refusal::AlreadyEnrolled))));
    }
    assert_eq!(call!(&store, &mut rng, NOW, recovery_codes_left()).unwrap(), 10);
    let own = own_session(&store);
    assert!(call!(&store, &mut rng, NOW, issue_recovery_codes(&own, RecoveryFormat::DEFAULT)).is_ok());
}

/// Carries out one request of a removal.
fn turn(store: &MemoryStore, removal: &mut Operation<()>) -> ControlFlow<Result<(), Error>> {
    let verifier = Verifier::new(keys(), ());
    match removal.request() {
        Request::Read(keys) => {
            let read: Vec<Loaded> = keys.iter().map(|key| store.load(key).unwrap()).collect();
            removal.answer(&verifier, Reply::Read(Ok(&read)))
        }
        Request::Swap { key, expected, record, keep } => {
            let swap = store.compare_and_swap(key, expected, record, keep);
            removal.answer(&verifier, Reply::Swapped(swap))
        }
        other => panic!("unknown request: {other:?}"),
    }
}

#[test]
fn a_slow_removal_leaves_the_codes_of_the_next_enrolment() {
    // Where the removal stops for the next enrolment: after its first write, and before its second.
    for turns in [2, 3] {
        let (store, mut rng) = (MemoryStore::new(), Seeded(2));
        let own = own_session(&store);
        let secret = enrol(&store, &mut rng, &own);
        issue(&store, &mut rng, &own);
        confirm(&store, &mut rng, &secret);

        let verifier = Verifier::new(keys(), ());
        let mut removal = verifier.at(NOW, &mut rng).in_steps().account(&account()).remove_totp().unwrap();
        (0..turns).for_each(|_| assert!(turn(&store, &mut removal).is_continue()));
        let secret = enrol(&store, &mut rng, &own);
        let codes = issue(&store, &mut rng, &own);
        confirm(&store, &mut rng, &secret);
        let removed = loop {
            if let ControlFlow::Break(removed) = turn(&store, &mut removal) {
                break removed;
            }
        };
        removed.unwrap();
        let code = codes.iter().next().unwrap();
        assert_eq!(call!(&store, &mut rng, NOW, check_recovery_code(code)).unwrap().left(), 9, "{turns}");
    }
}

#[test]
fn a_locked_account_refuses_every_recovery_code() {
    let (store, mut rng) = (MemoryStore::new(), Seeded(3));
    let own = own_session(&store);
    let secret = enrol(&store, &mut rng, &own);
    let codes = issue(&store, &mut rng, &own);
    confirm(&store, &mut rng, &secret);
    let mut check = |entry: &str| call!(&store, &mut rng, NOW, check_recovery_code(entry)).map(drop);
    let used = codes.iter().next().unwrap();
    check(used).unwrap();
    (0..10).for_each(|_| drop(check("aaaa-aaaa-aaaa").unwrap_err()));
    for entry in ["aaaa-aaaa-aaaa", used, codes.iter().last().unwrap(), "malformed"] {
        let refused = check(entry);
        assert!(matches!(refused, Err(Error::Refused(Refusal::Locked { .. }))), "{refused:?}");
    }
}
