//! One code, one success: of an authenticator, of the recovery codes, and of a challenge, by any
//! number of concurrent calls on two servers, whatever is lost.

use std::collections::HashMap;

use countersign::totp::TotpSecret;
use countersign::{Challenge, Error, Refusal};
use proptest::prelude::*;

use super::crowd::{Crowd, End, Faults};
use super::scene::Scene;
use crate::cases::cases;

/// Returns how many calls of each code succeeded.
fn successes(ends: &[(String, End)]) -> HashMap<&str, usize> {
    let mut passed = HashMap::new();
    for (code, end) in ends {
        *passed.entry(code.as_str()).or_insert(0) += usize::from(end.is_success());
    }
    passed
}

fn is_used(end: &End) -> bool {
    matches!(end, End::Answered(Err(Error::Refused(Refusal::AlreadyUsed))))
}

#[test]
fn thirty_calls_with_one_totp_code_succeed_once() {
    for seed in 0..20 {
        let mut scene = Scene::new(seed);
        scene.import();
        let (code, mut crowd) = (scene.code(0), Crowd::new(seed, Faults::default()));
        for call in 0..30 {
            crowd.join(code.clone(), call % 2, scene.begin_totp(call % 2, &code));
        }
        let ends = crowd.run(&scene);
        assert_eq!(successes(&ends)[code.as_str()], 1);
        assert_eq!(ends.iter().filter(|(_, end)| is_used(end)).count(), 29);
        assert_eq!((scene.failures(), scene.lock()), (0, None));
    }
}

/// All of them are charged, or refused while ten others are. Afterwards no failure is left, and no
/// lock.
#[test]
fn thirty_calls_with_one_recovery_code_succeed_once_and_leave_no_failure() {
    for seed in 0..40 {
        let mut scene = Scene::new(seed);
        scene.import();
        let (code, mut crowd) = (scene.issue().unwrap().remove(3), Crowd::new(seed, Faults::default()));
        for call in 0..30 {
            crowd.join(code.clone(), call % 2, scene.begin_recovery(call % 2, &code));
        }
        let ends = crowd.run(&scene);
        assert_eq!(successes(&ends)[code.as_str()], 1);
        assert!(ends.iter().all(|(_, end)| end.is_success() || end.is_refusal()), "{ends:?}");
        assert_eq!((scene.failures(), scene.lock()), (0, None));
    }
}

/// The first ten are charged before anything is compared, so that the account is locked for the
/// others. The success and the refunds undo that.
#[test]
fn ten_charges_of_one_recovery_code_leave_no_lock() {
    for seed in 0..20 {
        let mut scene = Scene::new(seed);
        scene.import();
        let (code, mut crowd) = (scene.issue().unwrap().remove(3), Crowd::new(seed, Faults::default()));
        for call in 0..30 {
            let mut operation = scene.begin_recovery(call % 2, &code);
            if call < 10 {
                scene.until_write(call % 2, &mut operation, 1);
                assert!(scene.turn(call % 2, &mut operation).is_continue());
            }
            crowd.join(code.clone(), call % 2, operation);
        }
        assert!(scene.lock().is_some());
        let ends = crowd.run(&scene);
        assert_eq!(successes(&ends)[code.as_str()], 1);
        assert!(ends.iter().all(|(_, end)| end.is_success() || end.is_refusal()), "{ends:?}");
        assert_eq!((scene.failures(), scene.lock()), (0, None));
    }
}

#[test]
fn thirty_calls_with_one_passcode_succeed_once_and_leave_no_failure() {
    for seed in 0..40 {
        let mut scene = Scene::new(seed);
        let sent = scene.start(0).unwrap();
        let mut crowd = Crowd::new(seed, Faults::default());
        for call in 0..30 {
            crowd.join(sent.right(), call % 2, scene.begin_pass(call % 2, &sent, &sent.right()));
        }
        let ends = crowd.run(&scene);
        assert_eq!(successes(&ends)[sent.right().as_str()], 1);
        assert_eq!((scene.failures(), scene.lock()), (0, None));
    }
}

/// What happens between the checks.
#[derive(Clone, Copy, Debug)]
enum Upkeep {
    Remove,
    Enrol,
    Import,
    Issue,
}

proptest! {
    #![proptest_config(cases(60))]

    /// Codes of all factors, each entered many times on two servers, while the authenticator is
    /// removed and the same secret enrolled again, and new recovery codes are issued. Replies are
    /// lost, writes arrive late, and callers crash.
    #[test]
    fn every_code_succeeds_at_most_once(seed in any::<u64>(), at_a_time in 1..12usize) {
        let mut scene = Scene::new(seed);
        scene.import();
        let mut codes = scene.issue().unwrap();
        let sent = scene.start(0).unwrap();
        let mut crowd = Crowd::new(seed, Faults::MANY);
        let mut ends = Vec::new();
        let mut successes_of_totp = 0;
        for call in 0..90_usize {
            let server = call % 2;
            match crowd.dice(12) {
                0..=4 => {
                    let code = scene.code(crowd.dice(3) as i64 - 1);
                    let operation = scene.begin_totp(server, &code);
                    crowd.join(format!("totp {code}"), server, operation);
                }
                5..=8 => {
                    let code = codes[crowd.dice(codes.len() as u64) as usize].clone();
                    let operation = scene.begin_recovery(server, &code);
                    crowd.join(format!("recovery {code}"), server, operation);
                }
                9 | 10 => {
                    let operation = scene.begin_pass(server, &sent, &sent.right());
                    crowd.join("passcode".to_owned(), server, operation);
                }
                _ => {
                    let upkeep = [Upkeep::Remove, Upkeep::Enrol, Upkeep::Import, Upkeep::Issue];
                    match upkeep[crowd.dice(4) as usize] {
                        Upkeep::Remove => scene.remove(),
                        Upkeep::Enrol => drop(scene.enrol(server, 5)),
                        Upkeep::Import => {
                            let (secret, settings) = (scene.secret.clone(), scene.settings);
                            let again = |at: &super::scene::Steps<'_>, account: &countersign::Account| {
                                at.account(account).import_totp(secret, settings)
                            };
                            drop(scene.call(server, again));
                        }
                        // The earlier codes are kept: they must not succeed any more, either.
                        Upkeep::Issue => codes.extend(scene.issue().into_iter().flatten().take(3)),
                    }
                    // The next codes of the authenticator are needed now and then.
                    scene.later(crowd.dice(2) * 10_000);
                }
            }
            while crowd.len() >= at_a_time {
                ends.extend(crowd.step(&scene));
            }
        }
        ends.extend(crowd.run(&scene));
        for (code, passed) in successes(&ends) {
            assert!(passed <= 1, "{code} passed {passed} times");
            successes_of_totp += usize::from(code.starts_with("totp") && passed == 1);
        }
        prop_assume!(successes_of_totp > 0);
    }
}

/// A removed authenticator whose secret is enrolled again, pending or active: what was used before
/// stays used, and only newer codes pass.
#[test]
fn enrolling_a_secret_again_does_not_revive_its_used_code() {
    for is_imported in [true, false] {
        let mut scene = Scene::new(1);
        scene.import();
        let code = scene.code(0);
        scene.totp(&code).unwrap();
        for _ in 0..3 {
            scene.remove();
            if is_imported {
                scene.import()
            } else {
                scene.enrol(0, 60).unwrap()
            }
            assert_eq!(scene.totp(&code).unwrap_err().refusal(), Some(Refusal::AlreadyUsed));
            assert_eq!(scene.totp(&scene.code(-1)).unwrap_err().refusal(), Some(Refusal::AlreadyUsed));
        }
        scene.later(30_000);
        scene.totp(&scene.code(0)).unwrap();
    }
}

/// Others may be enrolled, used and removed in between, again and again.
#[test]
fn another_secret_in_between_does_not_revive_a_used_code() {
    let mut scene = Scene::new(1);
    let (own, other) = (scene.secret.clone(), TotpSecret::from_bytes(&[3; 20]).unwrap());
    scene.import();
    let code = scene.code(0);
    scene.totp(&code).unwrap();
    scene.remove();
    scene.secret = other;
    scene.import();
    scene.totp(&scene.code(0)).unwrap();
    for _ in 0..6 {
        scene.remove();
        scene.import();
    }
    scene.remove();
    scene.secret = own;
    scene.import();
    assert_eq!(scene.totp(&code).unwrap_err().refusal(), Some(Refusal::AlreadyUsed));
}

/// The reply to the write is lost in each way, and the call is made again.
#[test]
fn a_lost_reply_neither_loses_nor_doubles_a_success() {
    use countersign::kernel::{Reply, Request};
    use countersign::store::{Store, Swap};
    for is_applied in [true, false] {
        let mut scene = Scene::new(1);
        scene.import();
        let code = scene.code(0);
        let mut operation = scene.begin_totp(0, &code);
        scene.until_write(0, &mut operation, 1);
        if let (true, Request::Swap { key, expected, record, keep }) = (is_applied, operation.request()) {
            assert_eq!(scene.store.compare_and_swap(key, expected, record, keep).unwrap(), Swap::Applied);
        }
        let lost = operation.answer(&scene.servers[0].verifier, Reply::Swapped(Ok(Swap::Unknown)));
        assert!(lost.is_continue());
        assert!(scene.finish(0, operation).is_ok());
        assert_eq!(scene.totp(&code).unwrap_err().refusal(), Some(Refusal::AlreadyUsed));
    }
}

/// A challenge that passed does not pass again under another account, nor without one.
#[test]
fn a_passcode_that_passed_is_used_for_its_account_and_unknown_to_all_others() {
    let mut scene = Scene::new(1);
    let sent = scene.start(0).unwrap();
    scene.pass(&sent, &sent.right()).unwrap();
    assert_eq!(scene.pass(&sent, &sent.right()).unwrap_err().refusal(), Some(Refusal::AlreadyUsed));
    let alone = scene.call(1, |at, _| {
        at.check(Challenge::new(sent.number), sent.issued.handle(), sent.issued.code().as_str())
    });
    assert_eq!(alone.unwrap_err().refusal(), Some(Refusal::UnknownHandle));
}
