//! The stage after the verdict: a success clears the failures up to its own charge, and a charge is
//! taken back only if nothing was compared because another call changed the factor's record.

use std::time::Duration;

use countersign::kernel::Operation;
use countersign::limits::Lock;
use countersign::{Challenge, Error, Limits, Refusal};

use super::scene::{Scene, Sent};

/// An account with authenticator and recovery codes.
pub fn owner() -> (Scene, Vec<String>) {
    let mut scene = Scene::new(1);
    scene.import();
    let codes = scene.issue().unwrap();
    (scene, codes)
}

pub fn refusal<T>(result: Result<T, Error>) -> Option<Refusal> {
    result.err().and_then(|error| error.refusal())
}

pub fn wrong_totp(scene: &mut Scene, times: u64) {
    for guess in 0..times {
        let entry = scene.wrong_code(guess);
        assert!(matches!(refusal(scene.totp(&entry)), Some(Refusal::WrongCode { .. })));
    }
}

/// Charges a check, and stops before it reads the records for its comparison.
pub fn charged<T>(scene: &Scene, operation: &mut Operation<T>) {
    scene.until_write(0, operation, 1);
    assert!(scene.turn(0, operation).is_continue(), "no verdict follows a charge");
}

/// As [`charged`], but stops before the comparison is written.
pub fn compared<T>(scene: &Scene, operation: &mut Operation<T>) {
    scene.until_write(0, operation, 2);
}

#[test]
fn two_checks_of_one_code_leave_no_failure() {
    let (mut scene, codes) = owner();
    let (mut first, mut second) = (scene.begin_recovery(0, &codes[0]), scene.begin_recovery(0, &codes[0]));
    compared(&scene, &mut first);
    charged(&scene, &mut second);
    assert_eq!(scene.failures(), 2);
    assert!(scene.finish(0, second).is_ok());
    assert_eq!(scene.failures(), 0, "the success clears the failures up to its own charge");
    assert_eq!(refusal(scene.finish(0, first)), Some(Refusal::AlreadyUsed));
    assert_eq!((scene.failures(), scene.lock()), (0, None));
}

/// A success leaves the charges that were made after its own.
#[test]
fn a_success_leaves_later_charges() {
    let (mut scene, codes) = owner();
    let (mut right, mut wrong) =
        (scene.begin_recovery(0, &codes[0]), scene.begin_recovery(0, "aaaa-aaaa-aaaa"));
    charged(&scene, &mut right);
    charged(&scene, &mut wrong);
    assert!(scene.finish(0, right).is_ok());
    assert_eq!(scene.failures(), 1);
    assert!(matches!(refusal(scene.finish(0, wrong)), Some(Refusal::WrongCode { .. })));
    assert_eq!(scene.failures(), 1);
}

/// The charge of the used code is taken back, the failures of other factors are not.
#[test]
fn a_refund_takes_back_one_charge() {
    let (mut scene, codes) = owner();
    wrong_totp(&mut scene, 3);
    assert!(refusal(scene.recover("aaaa-aaaa-aaaa")).is_some());
    let mut late = scene.begin_recovery(0, &codes[0]);
    charged(&scene, &mut late);
    assert_eq!(scene.failures(), 5);
    // Another call uses the code, and crashes before it settles.
    let mut first = scene.begin_recovery(0, &codes[0]);
    scene.until_write(0, &mut first, 3);
    assert_eq!(scene.failures(), 6);
    assert_eq!(refusal(scene.finish(0, late)), Some(Refusal::AlreadyUsed));
    assert_eq!(scene.failures(), 5, "3 of the authenticator, 1 wrong code, 1 of the crash");
}

/// The tenth charge locks. If it is taken back, so is the lock. The same for a right tenth attempt.
#[test]
fn the_lock_of_a_charge_goes_with_it() {
    for is_used_meanwhile in [true, false] {
        let (mut scene, codes) = owner();
        let mut winner = scene.begin_recovery(0, &codes[0]);
        if is_used_meanwhile {
            charged(&scene, &mut winner);
        }
        wrong_totp(&mut scene, if is_used_meanwhile { 8 } else { 9 });
        let mut tenth = scene.begin_recovery(0, &codes[0]);
        charged(&scene, &mut tenth);
        assert!(matches!(scene.lock(), Some(Lock::Until(_))));
        if is_used_meanwhile {
            assert!(scene.finish(0, winner).is_ok());
            assert!(scene.lock().is_some(), "another charge made it");
            assert_eq!(refusal(scene.finish(0, tenth)), Some(Refusal::AlreadyUsed));
        } else {
            assert!(scene.finish(0, tenth).is_ok());
        }
        assert_eq!((scene.failures(), scene.lock()), (if is_used_meanwhile { 8 } else { 9 }, None));
    }
}

/// What another call does between the charge and the comparison of a passcode, what the check then
/// answers, and the failures left in the account.
#[test]
fn passcodes_are_refunded_only_if_nothing_was_compared() {
    type Between = fn(&mut Scene, &Sent);
    type Expected = fn(&Refusal) -> bool;
    let cases: [(&str, Between, Expected, u16); 5] = [
        (
            "cancelled",
            |scene, sent| {
                let (number, handle) = (sent.number, sent.issued.handle());
                scene
                    .call(1, |at, account| at.cancel(Challenge::new(number).with_account(account), handle))
                    .unwrap();
            },
            |refusal| *refusal == Refusal::UnknownHandle,
            0,
        ),
        (
            "passed",
            |scene, sent| scene.pass(sent, &sent.right()).unwrap(),
            |refusal| *refusal == Refusal::AlreadyUsed,
            0,
        ),
        (
            "no attempts are left",
            |scene, sent| (0..5).for_each(|place| assert!(scene.pass(sent, &sent.wrong(place)).is_err())),
            |refusal| *refusal == Refusal::NoTriesLeft,
            5,
        ),
        (
            "resent: the old code is compared",
            |scene, sent| {
                let (number, handle) = (sent.number, sent.issued.handle());
                let resent = |at: &super::scene::Steps<'_>, account: &countersign::Account| {
                    at.resend(Challenge::new(number).with_account(account), handle)
                };
                scene.call(1, resent).map(drop).unwrap();
            },
            |refusal| matches!(refusal, Refusal::Superseded { .. }),
            1,
        ),
        (
            "a wrong attempt: the code is compared",
            |scene, sent| assert!(scene.pass(sent, &sent.wrong(0)).is_err()),
            |refusal| matches!(refusal, Refusal::WrongCode { .. }),
            2,
        ),
    ];
    for (name, between, expected, failures) in cases {
        let limits = Limits::default().with_cooldown(Duration::ZERO).unwrap();
        let mut scene = Scene::with_limits(1, limits);
        let sent = scene.start(0).unwrap();
        let entry = if name.starts_with("a wrong") { sent.wrong(1) } else { sent.right() };
        let mut check = scene.begin_pass(0, &sent, &entry);
        charged(&scene, &mut check);
        assert_eq!(scene.failures(), 1, "{name}");
        between(&mut scene, &sent);
        let refused = refusal(scene.finish(0, check)).unwrap();
        assert!(expected(&refused), "{name}: {refused:?}");
        assert_eq!(scene.failures(), failures, "{name}");
    }
}

/// The authenticator is removed between charge and comparison. If its codes are already erased, the
/// charge is taken back. If only the account has changed, it stays: nobody can tell whether an
/// earlier comparison was seen.
#[test]
fn a_charge_stays_unless_the_factors_record_changed() {
    for is_erased in [true, false] {
        let (mut scene, codes) = owner();
        let mut check = scene.begin_recovery(0, &codes[0]);
        charged(&scene, &mut check);
        let mut remove = scene.begin(1, |at, account| at.account(account).remove_totp());
        if is_erased {
            scene.finish(1, remove).unwrap();
        } else {
            scene.until_write(1, &mut remove, 2);
        }
        assert_eq!(refusal(scene.finish(0, check)), Some(Refusal::NotEnrolled));
        assert_eq!(scene.failures(), u16::from(!is_erased));
    }
}

/// A new set between charge and comparison: the code is compared with it, and the charge stays.
#[test]
fn a_code_of_a_replaced_set_is_compared_and_charged() {
    let (mut scene, codes) = owner();
    let mut check = scene.begin_recovery(0, &codes[0]);
    charged(&scene, &mut check);
    let _new = scene.issue().unwrap();
    assert!(matches!(refusal(scene.finish(0, check)), Some(Refusal::WrongCode { .. })));
    assert_eq!(scene.failures(), 1);
}

/// An operator forgets the account after the charge, and so many failures follow that the last
/// three writers do not name it: the check is contended and reveals nothing.
#[test]
fn a_charge_that_is_gone_is_contended() {
    let (mut scene, codes) = owner();
    let mut check = scene.begin_recovery(0, &codes[0]);
    charged(&scene, &mut check);
    scene.call(1, |at, account| at.account(account).forget()).unwrap();
    scene.import();
    let again = scene.issue().unwrap();
    assert!(matches!(scene.finish(0, check), Err(Error::Contended)));
    assert_eq!(scene.failures(), 0);
    assert!(scene.recover(&again[0]).is_ok());
}
