//! Stores that fail after the verdict was earned, and writes of other kinds whose replies are lost.

use std::ops::ControlFlow;

use countersign::kernel::{Operation, Reply, Request};
use countersign::limits::Lock;
use countersign::store::{Loaded, Store, StoreErrorKind, Swap};
use countersign::{Error, Refusal};

use super::scene::Scene;
use super::settling::{compared, owner, refusal, wrong_totp};

/// Replies to a removal are lost while others write: it is made again, because it is no charge.
#[test]
fn a_removal_whose_reply_is_lost_is_made_again() {
    for writes in [1, 3] {
        let (mut scene, codes) = owner();
        let mut remove = scene.begin(1, |at, account| at.account(account).remove_totp());
        scene.until_write(1, &mut remove, 1);
        wrong_totp(&mut scene, writes);
        let lost = remove.answer(&scene.servers[1].verifier, Reply::Swapped(Ok(Swap::Unknown)));
        assert!(lost.is_continue());
        assert!(scene.finish(1, remove).is_ok(), "{writes} writes in between");
        assert_eq!(refusal(scene.recover(&codes[0])), Some(Refusal::NotEnrolled));
        assert_eq!(u64::from(scene.failures()), writes);
    }
}

/// The reply to a charge is lost, and so many others write that the record no longer names it. Nobody
/// can tell whether it was charged, so it is not charged again.
#[test]
fn a_charge_that_is_out_of_sight_is_not_repeated() {
    for is_applied in [true, false] {
        let (mut scene, codes) = owner();
        let mut check = scene.begin_recovery(0, &codes[0]);
        scene.until_write(0, &mut check, 1);
        if let (true, Request::Swap { key, expected, record, keep }) = (is_applied, check.request()) {
            scene.store.compare_and_swap(key, expected, record, keep).unwrap();
        }
        wrong_totp(&mut scene, 3);
        let lost = check.answer(&scene.servers[0].verifier, Reply::Swapped(Ok(Swap::Unknown)));
        assert!(lost.is_continue());
        assert!(matches!(scene.finish(0, check), Err(Error::Contended)));
        assert_eq!(scene.failures(), 3 + u16::from(is_applied));
        assert!(scene.recover(&codes[0]).is_ok(), "the code was not used up");
    }
}

/// How the store fails in the last stage.
#[derive(Clone, Copy, Debug)]
enum Outage {
    Read,
    Damaged,
    Write,
    Conflicts,
}

/// Lets the store fail from the last stage on, and returns the result.
fn fails_to_settle<T>(scene: &Scene, mut operation: Operation<T>, outage: Outage) -> Result<T, Error> {
    scene.until_write(0, &mut operation, 2);
    assert!(scene.turn(0, &mut operation).is_continue(), "the verdict waits for the charge");
    let verifier = &scene.servers[0].verifier;
    let down = || StoreErrorKind::Unavailable.into();
    loop {
        let turn = match (operation.request(), outage) {
            (Request::Read(_), Outage::Read) => operation.answer(verifier, Reply::Read(Err(down()))),
            (Request::Read(_), Outage::Damaged) => {
                let damaged = Loaded::new(b"damaged", countersign::store::Revision::from_number(9)).unwrap();
                operation.answer(verifier, Reply::Read(Ok(&[damaged])))
            }
            (Request::Swap { .. }, Outage::Write) => operation.answer(verifier, Reply::Swapped(Err(down()))),
            (Request::Swap { .. }, Outage::Conflicts) => {
                operation.answer(verifier, Reply::Swapped(Ok(Swap::Conflict)))
            }
            _ => scene.turn(0, &mut operation),
        };
        if let ControlFlow::Break(result) = turn {
            return result;
        }
    }
}

#[test]
fn the_verdict_stands_if_settling_fails_and_an_event_tells() {
    for outage in [Outage::Read, Outage::Damaged, Outage::Write, Outage::Conflicts] {
        let (mut scene, codes) = owner();
        wrong_totp(&mut scene, 9);
        scene.events.lock().unwrap().clear();
        let check = scene.begin_recovery(0, &codes[0]);
        assert_eq!(fails_to_settle(&scene, check, outage).unwrap().left(), 9, "{outage:?}");
        let events = std::mem::take(&mut *scene.events.lock().unwrap());
        let [event] = events[..] else { panic!("{events:?}") };
        assert!(event.is_unsettled, "{outage:?}: {event:?}");
        assert_eq!(event.outcome, countersign::events::Outcome::Done);
        assert_eq!(scene.failures(), 10, "{outage:?}: the failure stays counted");
        assert!(matches!(scene.lock(), Some(Lock::Until(_))), "{outage:?}");
    }
}

/// A charge that cannot be taken back: the refusal stands, and the event tells.
#[test]
fn a_refusal_stands_if_its_refund_fails() {
    let (mut scene, codes) = owner();
    let mut late = scene.begin_recovery(0, &codes[0]);
    compared(&scene, &mut late);
    scene.recover(&codes[0]).unwrap();
    assert!(scene.turn(0, &mut late).is_continue(), "the swap conflicts");
    assert!(scene.turn(0, &mut late).is_continue(), "it reads, and settles");
    scene.events.lock().unwrap().clear();
    let verifier = &scene.servers[0].verifier;
    let ended = late.answer(verifier, Reply::Read(Err(StoreErrorKind::Unavailable.into())));
    assert_eq!(refusal(ended.break_value().unwrap()), Some(Refusal::AlreadyUsed));
    assert!(scene.events.lock().unwrap()[0].is_unsettled);
}

/// Undisturbed calls report nothing of the kind.
#[test]
fn settled_calls_are_not_reported_as_unsettled() {
    let (mut scene, codes) = owner();
    scene.recover(&codes[0]).unwrap();
    assert!(scene.recover(&codes[0]).is_err());
    let code = scene.code(0);
    scene.totp(&code).unwrap();
    let sent = scene.start(0).unwrap();
    scene.pass(&sent, &sent.right()).unwrap();
    assert!(scene.events.lock().unwrap().iter().all(|event| !event.is_unsettled));
}
