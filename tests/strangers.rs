//! Lockout attacks: what strangers cannot do to a running challenge or a known device, and how an
//! owner without a token recovers.

use crate::cases::cases;
use countersign::limits::Lock;
use countersign::store::StoreErrorKind;
use countersign::{
    Challenge, Channel, DeviceToken, Error, Handle, Issued, KeyId, Keys, Limits, MemoryStore, PhoneNumber,
    Refusal, Timestamp, Verifier,
};
use countersign_tests::desk::{DAY, Desk, HOUR, MINUTE, SECOND, keys, number, refusal, wrong};
use countersign_tests::rng::Seeded;
use proptest::prelude::*;

type Host<'a> = Desk<&'a MemoryStore>;

/// Verifies the owner's number, and returns a device token.
fn remembered(desk: &mut Host<'_>) -> DeviceToken {
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    let verified = desk.at().check(number(), issued.handle(), issued.code().as_str()).unwrap();
    let token = desk.at().device_token(&verified).unwrap();
    desk.now += MINUTE;
    token
}

fn start_with(desk: &mut Host<'_>, token: &DeviceToken) -> Issued {
    let challenge = Challenge::new(number()).with_device(token.clone());
    desk.at().start(&challenge, Channel::Sms).unwrap()
}

/// A stranger starts and fails repeatedly until everything within reach is closed.
fn attack_until_closed(desk: &mut Host<'_>) {
    loop {
        match desk.at().start(number(), Channel::Sms) {
            Ok(issued) => (0..5).for_each(|_| _ = desk.fail(&issued)),
            Err(error) => match error.refusal().unwrap() {
                Refusal::Closed => return,
                refusal => desk.now = refusal.retry_at().unwrap().unix_millis(),
            },
        }
    }
}

#[test]
fn strangers_without_the_handle_cannot_use_up_attempts() {
    let store = MemoryStore::new();
    let mut desk = Desk::new(&store);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    for guess in 0..1000u128 {
        let handle = Handle::from_bytes(guess.to_be_bytes());
        assert_eq!(desk.refused(handle, issued.code().as_str()), Refusal::UnknownHandle);
        let of_some_device: Handle = format!("{handle}{guess:032x}").parse().unwrap();
        assert_eq!(desk.refused(of_some_device, issued.code().as_str()), Refusal::UnknownHandle);
    }
    assert_eq!(desk.failures(), 0);
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

#[test]
fn strangers_cannot_supersede_delay_or_lock_a_known_device() {
    let store = MemoryStore::new();
    let mut desk = Desk::new(&store);
    let token = remembered(&mut desk);

    let running = start_with(&mut desk, &token);
    let strangers = desk.at().start(number(), Channel::Sms).unwrap();
    assert_ne!(strangers.handle().device(), running.handle().device(), "another lane");
    assert!(
        desk.at().check(number(), running.handle(), running.code().as_str()).is_ok(),
        "superseded by a stranger"
    );

    let before = desk.now;
    attack_until_closed(&mut desk);
    assert!(desk.now - before > 5 * DAY, "the attack takes days");
    let issued = start_with(&mut desk, &token);
    assert!(
        desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok(),
        "locked by a stranger"
    );
    assert_eq!(desk.at().status(number()).unwrap().lock, Some(Lock::Closed), "the common lane is closed");
}

#[test]
fn owner_without_a_token_recovers_when_the_lock_ends() {
    let store = MemoryStore::new();
    let mut desk = Desk::new(&store);
    for _ in 0..2 {
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        (0..5).for_each(|_| _ = desk.fail(&issued));
        desk.now += MINUTE;
    }
    let Refusal::Locked { until } = refusal(desk.at().start(number(), Channel::Sms)) else {
        panic!("not locked")
    };
    assert_eq!(until.unix_millis(), desk.now - MINUTE + HOUR);
    desk.now = until.unix_millis() - 1;
    assert_eq!(refusal(desk.at().start(number(), Channel::Sms)), Refusal::Locked { until });
    desk.now = until.unix_millis();
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

/// A forged, foreign or expired token has no effect: the common lane applies, and there is no
/// error.
#[test]
fn invalid_tokens_use_the_common_lane() {
    let store = MemoryStore::new();
    let mut desk = Desk::new(&store);
    let token = remembered(&mut desk);
    let text = token.to_string();
    let tenant = Verifier::new(keys(), &store).with_tenant("another");
    let other: PhoneNumber = "+12025550163".parse().unwrap();
    let mut forged = text.clone().into_bytes();
    forged[50] = if forged[50] == b'0' { b'1' } else { b'0' };
    let forged: DeviceToken = String::from_utf8(forged).unwrap().parse().unwrap();

    let is_common = |issued: &Issued| issued.handle().device().is_none();
    assert!(!is_common(&start_with(&mut desk, &token)), "valid");
    assert!(is_common(&start_with(&mut desk, &forged)), "forged");
    let challenge = Challenge::new(other).with_device(token.clone());
    assert!(is_common(&desk.at().start(&challenge, Channel::Sms).unwrap()), "another recipient's");
    let challenge = Challenge::new(number()).with_device(token.clone());
    let now = Timestamp::from_unix_millis(desk.now);
    assert!(
        is_common(&tenant.at(now, &mut desk.rng).start(&challenge, Channel::Sms).unwrap()),
        "another tenant's"
    );

    let age = Limits::default().with_device_token_age(core::time::Duration::from_secs(3600)).unwrap();
    let strict = Verifier::new(keys(), &store).with_limits(age);
    let known = |now: u64| {
        let mut rng = Seeded(1);
        strict.at(Timestamp::from_unix_millis(now), &mut rng).known_device(number(), &token).is_some()
    };
    let issued_at = desk.now - MINUTE;
    assert!(known(issued_at + HOUR - 1) && !known(issued_at + HOUR), "expired");
    desk.now = issued_at + 91 * DAY;
    assert!(is_common(&start_with(&mut desk, &token)), "older than the default of 90 days");
}

#[test]
fn tokens_rotate_with_the_keys_and_keep_the_lane() {
    let store = MemoryStore::new();
    let mut desk = Desk::new(&store);
    let token = remembered(&mut desk);
    let device = desk.at().known_device(number(), &token).unwrap().id;

    let both = || keys().accept(KeyId::new(1), [8; 32]).unwrap().tag_with(KeyId::new(1)).unwrap();
    let with = |keys: Keys| {
        Desk { now: 1_800_000_000_000 + HOUR, ..Desk::new(&store) }.with(|_| Verifier::new(keys, &store))
    };
    let mut desk = with(both());
    let issued = start_with(&mut desk, &token);
    assert_eq!(issued.handle().device(), Some(device));
    let verified = desk.at().check(number(), issued.handle(), issued.code().as_str()).unwrap();
    let renewed = desk.at().device_token(&verified).unwrap();

    let mut desk = with(both().retire(KeyId::new(0)).unwrap());
    assert!(desk.at().known_device(number(), &token).is_none(), "its key is retired");
    assert_eq!(desk.at().known_device(number(), &renewed).unwrap().id, device);
}

#[test]
fn device_lane_has_separate_limits_and_operator_access() {
    let store = MemoryStore::new();
    let mut desk = Desk::new(&store);
    let token = remembered(&mut desk);
    let device = desk.at().known_device(number(), &token).unwrap().id;
    for _ in 0..2 {
        let issued = start_with(&mut desk, &token);
        (0..5).for_each(|_| _ = desk.fail(&issued));
        desk.now += 30 * SECOND;
    }
    let challenge = Challenge::new(number()).with_device(token.clone());
    assert!(matches!(refusal(desk.at().start(&challenge, Channel::Sms)), Refusal::Locked { .. }));
    assert_eq!(desk.failures(), 0, "the common lane is unaffected");
    assert!(desk.at().start(number(), Channel::Sms).is_ok());

    let status = desk.at().status(Challenge::new(number()).on_device(device)).unwrap();
    assert_eq!((status.failures_in_a_row, status.lock.is_some()), (10, true));
    desk.at().unlock(Challenge::new(number()).on_device(device)).unwrap();
    let issued = start_with(&mut desk, &token);
    let resent = {
        desk.now += 30 * SECOND;
        desk.at().resend(number(), issued.handle()).unwrap()
    };
    assert_eq!(resent.handle(), issued.handle(), "a resend stays in the lane");
    assert!(matches!(desk.refused(issued.handle(), issued.code().as_str()), Refusal::Superseded { .. }));
    desk.at().undelivered(number(), issued.handle()).unwrap();
    desk.at().cancel(number(), issued.handle()).unwrap();
    assert_eq!(desk.refused(issued.handle(), resent.code().as_str()), Refusal::UnknownHandle);
    desk.at().forget(Challenge::new(number()).on_device(device)).unwrap();
    assert_eq!(desk.at().status(Challenge::new(number()).on_device(device)).unwrap().failures_in_a_row, 0);
}

/// `forget` reaches one lane: the common one, or that of a device if it is named.
#[test]
fn forget_reaches_only_the_named_lane() {
    let store = MemoryStore::new();
    let mut desk = Desk::new(&store);
    let token = remembered(&mut desk);
    let device = desk.at().known_device(number(), &token).unwrap().id;
    let own = start_with(&mut desk, &token);
    let common = desk.at().start(number(), Channel::Sms).unwrap();
    desk.fail(&own);
    desk.fail(&common);

    desk.at().forget(number()).unwrap();
    assert_eq!(desk.failures(), 0);
    assert_eq!(desk.refused(common.handle(), common.code().as_str()), Refusal::UnknownHandle);
    assert_eq!(desk.at().status(Challenge::new(number()).on_device(device)).unwrap().failures_in_a_row, 1);
    assert!(desk.at().known_device(number(), &token).is_some(), "the token stays valid");

    desk.now += 30 * SECOND;
    let common = desk.at().start(number(), Channel::Sms).unwrap();
    desk.at().forget(Challenge::new(number()).on_device(device)).unwrap();
    assert_eq!(desk.at().status(Challenge::new(number()).on_device(device)).unwrap().failures_in_a_row, 0);
    assert_eq!(desk.refused(own.handle(), own.code().as_str()), Refusal::UnknownHandle);
    assert!(desk.at().check(number(), common.handle(), common.code().as_str()).is_ok());
}

/// A code of one lane proves nothing in another, whatever handle is made up for it.
#[test]
fn rejects_a_handle_moved_to_another_lane() {
    let store = MemoryStore::new();
    let mut desk = Desk::new(&store);
    let token = remembered(&mut desk);
    let issued = start_with(&mut desk, &token);
    let common = Handle::from_bytes(*issued.handle().as_bytes());
    assert_eq!(desk.refused(common, issued.code().as_str()), Refusal::UnknownHandle);
    let elsewhere: Handle = format!("{common}{:032x}", 1).parse().unwrap();
    assert_eq!(desk.refused(elsewhere, issued.code().as_str()), Refusal::UnknownHandle);
    assert_eq!(issued.handle().to_string().parse(), Ok(issued.handle()), "the text form round-trips");
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

proptest! {
    #![proptest_config(cases(100))]

    /// For any capacity: after strangers' starts have filled the store, known devices still find
    /// room for a challenge each, up to a sixteenth of the capacity.
    #[test]
    fn full_store_keeps_room_for_known_devices(capacity in 16..200_usize, all: bool) {
        let store = MemoryStore::with_capacity(capacity);
        let mut desk = Desk::new(&store);
        let devices = if all { capacity / 16 } else { 1 };
        let of = |n: usize| format!("+1202555{n:04}").parse::<PhoneNumber>().unwrap();
        let mut tokens = vec![];
        for n in 0..devices {
            let issued = desk.at().start(of(n), Channel::Sms).unwrap();
            let verified = desk.at().check(of(n), issued.handle(), issued.code().as_str()).unwrap();
            tokens.push((of(n), desk.at().device_token(&verified).unwrap()));
        }
        let refused = |result: Result<Issued, Error>| match result {
            Err(Error::Store(error)) => error.kind() == StoreErrorKind::Full,
            other => other.map(|_| false).unwrap(),
        };
        let full = (devices..=capacity).find(|&n| refused(desk.at().start(of(n), Channel::Sms))).unwrap();
        prop_assert_eq!(full, capacity - capacity / 16, "strangers get no less");
        for (number, token) in tokens {
            let challenge = Challenge::new(number).with_device(token);
            let issued = desk.at().start(&challenge, Channel::Sms).unwrap();
            prop_assert!(refused(desk.at().start(of(full), Channel::Sms)));
            prop_assert!(desk.at().check(number, issued.handle(), &wrong(issued.code().as_str(), 0)).is_err());
            prop_assert!(desk.at().check(number, issued.handle(), issued.code().as_str()).is_ok());
        }
        if all {
            prop_assert_eq!(store.len(), capacity);
        }
    }

    /// For any two tenant names: a proof belongs to the tenant whose verifier made it, on every
    /// server and after a rotation of keys, and to no other. This includes proofs of the test
    /// number.
    #[test]
    fn proof_belongs_to_its_tenant_only(one in "a?b?|.{0,12}", other in "a?b?|.{0,12}") {
        let store = MemoryStore::new();
        let of = |keys, name: &str| Verifier::new(keys, &store).with_tenant(name);
        let mut desk = Desk::new(&store).with(|verifier| verifier.with_tenant(&one));
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        let verified = desk.at().check(number(), issued.handle(), issued.code().as_str()).unwrap();
        let rotated = keys().accept(KeyId::new(1), [8; 32]).unwrap().tag_with(KeyId::new(1)).unwrap();
        prop_assert_eq!(verified.tenant(), of(rotated, &one).tenant_id());
        prop_assert_eq!(verified.tenant() == of(keys(), &other).tenant_id(), one == other);
        let foreign = Keys::from_secret([9; 32]).unwrap();
        prop_assert_ne!(verified.tenant(), of(foreign, &one).tenant_id());

        let sandbox = of(keys(), &one).with_sandbox_for_tests();
        let test: PhoneNumber = "+10000000000".parse().unwrap();
        let handle = sandbox.start(test, Channel::Sms).unwrap().handle();
        let proof = sandbox.check(test, handle, "000000").unwrap();
        prop_assert_eq!((proof.tenant(), proof.is_from_tests()), (verified.tenant(), true));
    }
}
