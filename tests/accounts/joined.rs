//! Challenges that belong to an account: nobody checks or resends one without the account or for
//! another, a locked account sends nothing, and the later end of two locks is answered.

use std::time::Duration;

use countersign::limits::Lock;
use countersign::{Account, Challenge, Channel, Error, Limits, Refusal, Timestamp};
use countersign_tests::desk::{HOUR, MINUTE};

use super::scene::{Scene, Sent};

fn refusal<T>(result: Result<T, Error>) -> Option<Refusal> {
    result.err().and_then(|error| error.refusal())
}

fn challenge(sent: &Sent, account: Option<&Account>) -> Challenge<'static> {
    let challenge = Challenge::new(sent.number);
    match account {
        Some(account) => challenge.with_account(account),
        None => challenge,
    }
}

/// Checks this entry for this account, without a handle if there is none.
fn check(scene: &mut Scene, sent: &Sent, account: Option<&Account>, has_handle: bool) -> Option<Refusal> {
    let entry = sent.right();
    refusal(scene.call(0, |at, _| match has_handle {
        true => at.check(challenge(sent, account), sent.issued.handle(), &entry),
        false => at.check_without_handle(challenge(sent, account), &entry),
    }))
}

fn resend(scene: &mut Scene, sent: &Sent, account: Option<&Account>) -> Result<(), Error> {
    scene.call(0, |at, _| at.resend(challenge(sent, account), sent.issued.handle())).map(drop)
}

/// Locks the account by ten wrong codes of its authenticator.
fn lock(scene: &mut Scene) -> Timestamp {
    scene.import();
    for guess in 0..10 {
        let entry = scene.wrong_code(guess);
        assert!(scene.totp(&entry).is_err());
    }
    scene.lock().and_then(Lock::until).unwrap()
}

#[test]
fn only_calls_for_the_account_find_the_challenge() {
    let mut scene = Scene::new(1);
    let (own, other) = (scene.account.clone(), Account::new("user-test-8").unwrap());
    let joined = scene.start(0).unwrap();
    let alone = {
        let number = "+12025550162".parse().unwrap();
        let issued = scene.call(0, |at, _| at.start(Challenge::new(number), Channel::Sms)).unwrap();
        Sent { number, issued }
    };
    scene.later(MINUTE);
    for (sent, strangers) in [(&joined, [None, Some(&other)]), (&alone, [Some(&own), Some(&other)])] {
        for account in strangers {
            assert_eq!(check(&mut scene, sent, account, true), Some(Refusal::UnknownHandle));
            assert_eq!(check(&mut scene, sent, account, false), Some(Refusal::UnknownHandle));
            assert_eq!(refusal(resend(&mut scene, sent, account)), Some(Refusal::UnknownHandle));
        }
    }
    for account in [&own, &other] {
        let status = scene.call(0, |at, _| at.account(account).status()).unwrap();
        assert_eq!(status.failures, 0, "nothing was compared");
    }
    for number in [joined.number, alone.number] {
        let status = scene.call(0, |at, _| at.status(number)).unwrap();
        assert_eq!((status.failures_in_a_row, status.challenge.unwrap().tries_left), (0, 5));
    }
    resend(&mut scene, &alone, None).unwrap();
    assert_eq!(check(&mut scene, &joined, Some(&own), true), None);
}

#[test]
fn a_locked_account_neither_starts_nor_resends_nor_checks() {
    let mut scene = Scene::new(1);
    let sent = scene.start(0).unwrap();
    scene.later(MINUTE);
    let (own, until) = (scene.account.clone(), lock(&mut scene));
    let locked = Some(Refusal::Locked { until });
    assert_eq!(refusal(scene.start(0)), locked);
    assert_eq!(refusal(resend(&mut scene, &sent, Some(&own))), locked);
    assert_eq!(check(&mut scene, &sent, Some(&own), true), locked);
    let status = scene.call(0, |at, _| at.status(sent.number)).unwrap();
    assert_eq!(status.challenge.unwrap().tries_left, 5, "nothing was compared");
    // Others may still use the recipient, and the account may cancel.
    let free = "+12025550163".parse::<countersign::PhoneNumber>().unwrap();
    assert!(scene.call(0, |at, _| at.start(Challenge::new(free), Channel::Sms)).is_ok());
    let cancel = scene.call(0, |at, account| {
        at.cancel(Challenge::new(sent.number).with_account(account), sent.issued.handle())
    });
    assert!(cancel.is_ok());
    scene.now = until.unix_millis();
    assert!(scene.start(0).is_ok());
}

/// Unknown challenges are told first: they tell nothing about the account.
#[test]
fn an_unknown_handle_is_told_before_the_lock() {
    let mut scene = Scene::new(1);
    let (sent, other) = (scene.start(0).unwrap(), scene.start(0).unwrap());
    let own = scene.account.clone();
    lock(&mut scene);
    let foreign = Sent { number: sent.number, issued: other.issued };
    assert_eq!(check(&mut scene, &foreign, Some(&own), true), Some(Refusal::UnknownHandle));
}

/// Locks of the recipient that end before and after that of the account.
#[test]
fn the_later_end_of_two_locks_is_answered() {
    for (recipients, accounts) in [(1, 2), (2, 1)] {
        // The recipient is locked at once by a verifier whose locks are of another length.
        let limits = |hours: u64| {
            let limits = Limits::default().with_lock(Duration::from_secs(3600 * hours)).unwrap();
            limits.with_tries_per_code(100).unwrap()
        };
        let mut scene = Scene::with_limits(1, limits(accounts));
        let number = "+12025550162".parse::<countersign::PhoneNumber>().unwrap();
        scene.rekey(1, countersign_tests::desk::keys(), limits(recipients));
        let started =
            |at: &super::scene::Steps<'_>, _: &Account| at.start(Challenge::new(number), Channel::Sms);
        let issued = scene.call(1, started).unwrap();
        let alone = Sent { number, issued };
        for place in 0..10 {
            let (entry, handle) = (alone.wrong(place), alone.issued.handle());
            assert!(scene.call(1, |at, _| at.check(Challenge::new(number), handle, &entry)).is_err());
        }
        let until = lock(&mut scene);
        let later = until.max(scene.clock(0) + Duration::from_millis(recipients * HOUR));
        assert_eq!(later == until, accounts > recipients);
        let refused =
            scene.call(0, |at, account| at.start(Challenge::new(number).with_account(account), Channel::Sms));
        assert_eq!(refusal(refused), Some(Refusal::Locked { until: later }));
    }
}

/// The stricter of both counts: attempts left for the code, and failures left for the account.
#[test]
fn a_wrong_passcode_names_the_fewer_attempts() {
    let mut scene = Scene::new(1);
    let sent = scene.start(0).unwrap();
    let first = refusal(scene.pass(&sent, &sent.wrong(0)));
    assert_eq!(first, Some(Refusal::WrongCode { tries_left: 4, lock: None }));
    scene.import();
    for guess in 0..7 {
        let entry = scene.wrong_code(guess);
        assert!(scene.totp(&entry).is_err());
    }
    let second = refusal(scene.pass(&sent, &sent.wrong(1)));
    assert_eq!(second, Some(Refusal::WrongCode { tries_left: 1, lock: None }));
    let until = scene.clock(0) + Duration::from_millis(HOUR);
    let third = refusal(scene.pass(&sent, &sent.wrong(2)));
    assert_eq!(third, Some(Refusal::WrongCode { tries_left: 0, lock: Some(Lock::Until(until)) }));
}
