//! Operations carried out by hand, as a binding for another language would: requests are copied into messages of raw
//! bytes, the store is in another thread, and an operation is moved to a new thread with each answer.

use countersign::error::Fault;
use countersign::kernel::{Operation, Reply, Request};
use countersign::otp::Status;
use countersign::store::{Revision, Swap};
use countersign::{Channel, Error, Issued, Refusal, Verified};
use countersign_tests::desk::{number, wrong};
use countersign_tests::rng::Seeded;
use proptest::prelude::*;
use scene::{Hand, Op, Scene, Way, ops};

use crate::cases::cases;

mod binding;
mod scene;
mod troubled;
mod turns;

#[test]
fn operations_can_be_moved_between_threads_and_kept() {
    fn assert_send<T: Send + 'static>() {}
    assert_send::<Operation<Issued>>();
    assert_send::<Operation<Verified>>();
    assert_send::<Operation<Status>>();
    assert_send::<Operation<()>>();
}

/// One story with every call, step by step with the store in another thread, and blocking: the same answers.
#[test]
fn every_call_by_hand_answers_as_the_blocking_one() {
    let story = [
        Op::Status,
        Op::Start,
        Op::Status,
        Op::Start,
        Op::Wrong,
        Op::Undelivered,
        Op::Resend,
        Op::ForAnotherPurpose,
        Op::WithoutHandle,
        Op::Right,
        Op::Unlock,
        Op::Later(60_000),
        Op::Start,
        Op::Right,
        Op::Right,
        Op::Later(60_000),
        Op::Start,
        Op::Cancel,
        Op::Cancel,
        Op::Forget,
        Op::Forget,
        Op::Status,
        Op::Right,
    ];
    let (mut blocking, mut by_hand) = (Scene::new(1, Way::Untroubled), Scene::new(1, Way::Untroubled));
    let mut said = Vec::new();
    for op in story {
        let answer = by_hand.play(op, Hand::Steps);
        assert_eq!(answer, blocking.play(op, Hand::Blocking), "{op:?}");
        said.push(answer);
    }
    for expected in ["Issued", "Verified", "Status {", "Ok(())", "WrongCode", "UnknownHandle", "AlreadyUsed"]
    {
        assert!(said.iter().any(|answer| answer.contains(expected)), "{expected} in {said:#?}");
    }
}

proptest! {
    #![proptest_config(cases(100))]

    /// Over stores with the same trouble (lost replies, written or not, conflicts, no answers): word for word the same
    /// answers, codes and handles included.
    #[test]
    fn every_story_by_hand_goes_as_the_blocking_one(
        seed in any::<u64>(),
        ops in prop::collection::vec(ops(), 1..30),
    ) {
        let (mut blocking, mut by_hand) = (Scene::new(seed, Way::Troubled), Scene::new(seed, Way::Troubled));
        for op in ops {
            prop_assert_eq!(by_hand.play(op, Hand::Steps), blocking.play(op, Hand::Blocking), "{:?}", op);
        }
    }
}

/// A failure is counted once, and a lost conflict is decided anew: two operations on one record, in steps of each other.
#[test]
fn two_operations_on_one_record_take_turns() {
    let mut scene = Scene::new(3, Way::Untroubled);
    let issued = scene.start();
    let entry = wrong(issued.code().as_str(), 0);
    let (mut one, mut other) = (scene.check(&issued, &entry), scene.check(&issued, &entry));
    // Both have read the same revision.
    assert!(scene.turn(&mut one).is_continue() && scene.turn(&mut other).is_continue());
    let first = scene.turn(&mut one).break_value().unwrap();
    assert_eq!(first.unwrap_err().refusal(), Some(Refusal::WrongCode { tries_left: 4, lock: None }));
    assert!(scene.turn(&mut other).is_continue(), "the swap conflicts");
    assert!(matches!(other.request(), Request::Read(keys) if keys.len() == 1), "and reads again");
    let second = scene.finish(other).unwrap_err();
    assert_eq!(second.refusal(), Some(Refusal::WrongCode { tries_left: 3, lock: None }));
}

/// What is no record at all can be forgotten by hand too: the revision is in the binding's answer.
#[test]
fn what_is_no_record_can_be_forgotten_by_hand() {
    let mut scene = Scene::new(4, Way::Untroubled);
    let mut operation = scene.steps(|at| at.forget(number()));
    let Request::Read([_]) = operation.request() else { panic!("forget reads one record") };
    let too_long = countersign::store::Loaded::new(&[7; 4096], Revision::from_number(9));
    let step = operation.answer(scene.verifier(), Reply::Read(Err(too_long.unwrap_err())));
    assert!(step.is_continue());
    let Request::Swap { expected, record, .. } = operation.request() else { panic!("and replaces it") };
    assert_eq!((expected.number(), record.len()), (9, 1 + 1 + 8 + 6 + 16));
    let step = operation.answer(scene.verifier(), Reply::Swapped(Ok(Swap::Applied)));
    assert!(matches!(step.break_value(), Some(Ok(()))));
}

#[test]
fn a_denial_needs_no_store() {
    let scene = Scene::new(5, Way::Untroubled);
    let abroad: countersign::PhoneNumber = "+447400123456".parse().unwrap();
    let mut rng = Seeded(1);
    let now = countersign::Timestamp::from_unix_seconds(1_800_000_000);
    let denied = scene.verifier().at(now, &mut rng).in_steps().start(abroad, Channel::Sms);
    match denied {
        Err(Error::Denied(_)) => {}
        Ok(mut operation) => {
            assert!(matches!(operation.request(), Request::Read([])), "nothing is read");
            let step = operation.answer(scene.verifier(), Reply::Read(Ok(&[])));
            assert!(matches!(step.break_value(), Some(Err(Error::Denied(_)))));
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn out_of_turn_has_a_name() {
    let fault = Fault::OutOfTurn;
    assert_eq!(fault.to_string(), "the operation was given an answer that it did not ask for");
    assert_eq!(Error::from(fault).wire_name(), "internal_server_error");
}
