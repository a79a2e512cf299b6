//! Permits to enrol, and who may have recovery codes issued.

use std::ops::ControlFlow;

use countersign::account::{RecoveryCodes, RecoveryFormat, TotpTerms};
use countersign::error::Fault;
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
        LoginStep::Enrol { permit: Some(permit), .. } => permit,
        step => panic!("{step:?}"),
    }
}

/// Somebody who holds only the first factor must not add recovery codes of their own to what the
/// owner enrolled, before or after the owner confirms it.
#[test]
fn the_permit_of_a_login_yields_no_recovery_codes() {
    let (store, mut rng) = (MemoryStore::new(), Seeded(1));
    let thief = of_login(&store, &mut rng);
    let terms = TotpTerms::new;
    let owner = call!(&store, &mut rng, NOW, enrol_totp(&own_session(&store), terms())).unwrap();
    let codes = |rng: &mut Seeded, permit: &MayEnrol| {
        call!(&store, rng, NOW, issue_recovery_codes(permit, RecoveryFormat::DEFAULT)).map(drop)
    };
    codes(&mut rng, &MayEnrol::from(&owner)).unwrap();
    for is_confirmed in [false, true] {
        if is_confirmed {
            confirm(&store, &mut rng, owner.secret());
        }
        let issued = codes(&mut rng, &thief);
        assert!(matches!(issued, Err(Error::Fault(Fault::ForeignProof))), "{issued:?}");
    }
    assert_eq!(call!(&store, &mut rng, NOW, recovery_codes_left()).unwrap(), 10);
    // The one who enrolled it may, and so may somebody with a session.
    codes(&mut rng, &MayEnrol::from(&owner)).unwrap();
    codes(&mut rng, &own_session(&store)).unwrap();
}

#[test]
fn the_permit_of_an_enrolment_is_for_its_own_recovery_codes_only() {
    let (store, mut rng) = (MemoryStore::new(), Seeded(4));
    let login = of_login(&store, &mut rng);
    let first = call!(&store, &mut rng, NOW, enrol_totp(&login, TotpTerms::new())).unwrap();
    let permit = MayEnrol::from(&first);
    let again = call!(&store, &mut rng, NOW, enrol_totp(&permit, TotpTerms::new()));
    assert!(matches!(again, Err(Error::Fault(Fault::ForeignProof))), "{again:?}");
    let _second = call!(&store, &mut rng, NOW, enrol_totp(&login, TotpTerms::new())).unwrap();
    let issued = call!(&store, &mut rng, NOW, issue_recovery_codes(&permit, RecoveryFormat::DEFAULT));
    assert!(matches!(issued, Err(Error::Refused(Refusal::NotEnrolled))), "{issued:?}");
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
