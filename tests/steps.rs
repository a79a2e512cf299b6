//! Step-by-step operations, used as a binding for another language would: requests are copied into
//! messages of raw bytes, the store runs in another thread, and an operation moves to a new thread
//! with each reply.

use countersign::error::Fault;
use countersign::kernel::{Operation, Reply, Request};
use countersign::otp::Status;
use countersign::store::{Revision, Swap};
use countersign::{Channel, Error, Issued, Refusal, Verified};
use countersign_tests::desk::{number, wrong};
use countersign_tests::rng::Seeded;
use proptest::prelude::*;
use scene::{Faults, Mode, Op, Scene, ops};

use crate::cases::cases;

mod binding;
mod scene;
mod turns;
mod unreliable;

#[test]
fn operations_are_send_and_static() {
    fn assert_send<T: Send + 'static>() {}
    assert_send::<Operation<Issued>>();
    assert_send::<Operation<Verified>>();
    assert_send::<Operation<Status>>();
    assert_send::<Operation<()>>();
}

/// One sequence with every call, step by step with the store in another thread, and blocking: the
/// same answers.
#[test]
fn stepwise_calls_answer_as_blocking_ones() {
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
    let (mut blocking, mut stepwise) = (Scene::new(1, Faults::None), Scene::new(1, Faults::None));
    let mut said = Vec::new();
    for op in story {
        let answer = stepwise.play(op, Mode::Steps);
        assert_eq!(answer, blocking.play(op, Mode::Blocking), "{op:?}");
        said.push(answer);
    }
    for expected in ["Issued", "Verified", "Status {", "Ok(())", "WrongCode", "UnknownHandle", "AlreadyUsed"]
    {
        assert!(said.iter().any(|answer| answer.contains(expected)), "{expected} in {said:#?}");
    }
}

proptest! {
    #![proptest_config(cases(100))]

    /// Over stores with the same faults (lost replies, written or not, conflicts, no answers): word
    /// for word the same answers, codes and handles included.
    #[test]
    fn stepwise_calls_answer_as_blocking_ones_under_store_faults(
        seed in any::<u64>(),
        ops in prop::collection::vec(ops(), 1..30),
    ) {
        let (mut blocking, mut stepwise) = (Scene::new(seed, Faults::Random), Scene::new(seed, Faults::Random));
        for op in ops {
            prop_assert_eq!(stepwise.play(op, Mode::Steps), blocking.play(op, Mode::Blocking), "{:?}", op);
        }
    }
}

/// Two interleaved operations on one record: each failure is counted once, and a conflict is
/// decided anew.
#[test]
fn interleaved_operations_are_both_counted() {
    let mut scene = Scene::new(3, Faults::None);
    let issued = scene.start();
    let entry = wrong(issued.code().as_str(), 0);
    let (mut one, mut other) = (scene.check(&issued, &entry), scene.check(&issued, &entry));
    // Both have read the same revision.
    assert!(scene.turn(&mut one).is_continue() && scene.turn(&mut other).is_continue());
    let first = scene.turn(&mut one).break_value().unwrap();
    assert_eq!(first.unwrap_err().refusal(), Some(Refusal::WrongCode { tries_left: 4, lock: None }));
    assert!(scene.turn(&mut other).is_continue(), "the swap conflicts");
    assert!(matches!(other.request(), Request::Read(keys) if keys.len() == 1), "then it reads again");
    let second = scene.finish(other).unwrap_err();
    assert_eq!(second.refusal(), Some(Refusal::WrongCode { tries_left: 3, lock: None }));
}

/// A value that is not a record can be forgotten step by step too: the binding's reply contains its
/// revision.
#[test]
fn a_value_that_is_not_a_record_can_be_forgotten() {
    let mut scene = Scene::new(4, Faults::None);
    let mut operation = scene.steps(|at| at.forget(number()));
    let Request::Read([_]) = operation.request() else { panic!("forget reads one record") };
    let too_long = countersign::store::Loaded::new(&[7; 4096], Revision::from_number(9));
    let step = operation.answer(scene.verifier(), Reply::Read(Err(too_long.unwrap_err())));
    assert!(step.is_continue());
    let Request::Swap { expected, record, .. } = operation.request() else {
        panic!("forget replaces the value")
    };
    assert_eq!((expected.number(), record.len()), (9, 1 + 1 + 8 + 6 + 16));
    let step = operation.answer(scene.verifier(), Reply::Swapped(Ok(Swap::Applied)));
    assert!(matches!(step.break_value(), Some(Ok(()))));
}

#[test]
fn denial_needs_no_store() {
    let scene = Scene::new(5, Faults::None);
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
fn out_of_turn_fault_names_the_cause() {
    let fault = Fault::OutOfTurn;
    assert_eq!(fault.to_string(), "the operation was given a reply that does not match its request");
    assert_eq!(Error::from(fault).wire_name(), "internal_server_error");
}
