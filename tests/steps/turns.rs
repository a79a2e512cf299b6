//! Replies given by the test itself: lost replies, failing stores, and replies out of turn.

use std::ops::ControlFlow;

use countersign::error::Fault;
use countersign::kernel::{Operation, Reply, Request};
use countersign::store::{Keep, RecordKey, Revision, StoreErrorKind, Swap};
use countersign::{Error, Issued, Refusal, Verified};
use countersign_tests::desk::number;

use super::binding::Ask;
use super::scene::{Faults, Scene};

/// A requested swap.
type Asked = (RecordKey, Revision, Vec<u8>, Keep);

fn swap_of<T>(operation: &Operation<T>) -> Asked {
    match operation.request() {
        Request::Swap { key, expected, record, keep } => (*key, expected, record.to_vec(), keep),
        other => panic!("expected a swap: {other:?}"),
    }
}

fn is_reading<T>(operation: &Operation<T>) -> bool {
    matches!(operation.request(), Request::Read([_]))
}

/// Returns a check of a correct code that has read the record and is about to write.
fn about_to_write() -> (Scene, Issued, Operation<Verified>) {
    let mut scene = Scene::new(7, Faults::None);
    let issued = scene.start();
    let mut operation = scene.check(&issued, issued.code().as_str());
    assert!(is_reading(&operation));
    assert!(scene.turn(&mut operation).is_continue());
    (scene, issued, operation)
}

fn fault<T>(step: ControlFlow<Result<T, Error>>) -> Fault {
    match step {
        ControlFlow::Break(Err(Error::Fault(fault))) => fault,
        ControlFlow::Break(_) => panic!("expected a fault"),
        ControlFlow::Continue(()) => panic!("the operation continues"),
    }
}

fn store_error<T>(step: ControlFlow<Result<T, Error>>) -> StoreErrorKind {
    match step {
        ControlFlow::Break(Err(Error::Store(error))) => error.kind(),
        ControlFlow::Break(_) => panic!("expected a store error"),
        ControlFlow::Continue(()) => panic!("the operation continues"),
    }
}

fn used(scene: &mut Scene, issued: &Issued) -> bool {
    let again = scene.check(issued, issued.code().as_str());
    scene.finish(again).is_err_and(|error| error.refusal() == Some(Refusal::AlreadyUsed))
}

#[test]
fn request_is_stable_until_the_reply() {
    let (_scene, _issued, operation) = about_to_write();
    assert_eq!(swap_of(&operation), swap_of(&operation));
}

/// The write arrived, but its reply did not.
#[test]
fn reply_lost_after_the_write_succeeds_once() {
    let (mut scene, issued, mut operation) = about_to_write();
    let swap = Ask::from(operation.request());
    drop(scene.withhold_reply(swap));
    assert!(operation.answer(scene.verifier(), Reply::Swapped(Ok(Swap::Unknown))).is_continue());
    assert!(is_reading(&operation), "it reads to find its write");
    let end = scene.turn(&mut operation).break_value().unwrap().unwrap();
    assert_eq!(end.recipient(), &number().into());
    assert!(used(&mut scene, &issued));
}

/// Neither the write nor its reply arrived: the same write is sent again.
#[test]
fn reply_lost_before_the_write_repeats_the_same_write() {
    let (mut scene, issued, mut operation) = about_to_write();
    let first = swap_of(&operation);
    assert!(operation.answer(scene.verifier(), Reply::Swapped(Ok(Swap::Unknown))).is_continue());
    assert!(is_reading(&operation));
    assert!(scene.turn(&mut operation).is_continue());
    assert_eq!(swap_of(&operation), first, "byte for byte");
    assert!(scene.turn(&mut operation).break_value().unwrap().is_ok());
    assert!(used(&mut scene, &issued));
}

/// Another write came first: the check is decided anew for the current record.
#[test]
fn conflict_is_decided_anew() {
    let (mut scene, issued, mut operation) = about_to_write();
    let cancel = scene.steps(|at| at.cancel(number(), issued.handle()));
    scene.finish(cancel).unwrap();
    assert!(scene.turn(&mut operation).is_continue(), "the swap conflicts");
    assert!(is_reading(&operation));
    let refused = scene.turn(&mut operation).break_value().unwrap().unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::UnknownHandle));
}

#[test]
fn store_failure_ends_the_operation_without_a_verdict() {
    let mut scene = Scene::new(7, Faults::None);
    let issued = scene.start();
    let mut reading = scene.check(&issued, issued.code().as_str());
    let down = || StoreErrorKind::Unavailable.into();
    assert_eq!(
        store_error(reading.answer(scene.verifier(), Reply::Read(Err(down())))),
        StoreErrorKind::Unavailable
    );

    let mut writing = scene.check(&issued, issued.code().as_str());
    assert!(scene.turn(&mut writing).is_continue());
    let full = || StoreErrorKind::Full.into();
    assert_eq!(
        store_error(writing.answer(scene.verifier(), Reply::Swapped(Err(full())))),
        StoreErrorKind::Full
    );
    let again = scene.check(&issued, issued.code().as_str());
    assert!(scene.finish(again).is_ok(), "nothing was written");
}

/// While the fate of a write is unknown, a store that does not answer is retried three times.
#[test]
fn retries_through_a_short_outage_after_a_lost_reply() {
    let down = || Reply::Read(Err(StoreErrorKind::Unavailable.into()));
    for (outage, is_over) in [(3, false), (4, true)] {
        let (scene, _issued, mut operation) = about_to_write();
        let swap = Ask::from(operation.request());
        drop(scene.withhold_reply(swap));
        assert!(operation.answer(scene.verifier(), Reply::Swapped(Ok(Swap::Unknown))).is_continue());
        for _ in 1..outage {
            assert!(operation.answer(scene.verifier(), down()).is_continue());
            assert!(is_reading(&operation));
        }
        let last = operation.answer(scene.verifier(), down());
        assert_eq!(last.is_break(), is_over);
        if !is_over {
            assert!(scene.turn(&mut operation).break_value().unwrap().is_ok());
        }
    }
}

#[test]
fn mismatched_reply_is_a_fault_without_a_verdict() {
    let mut scene = Scene::new(7, Faults::None);
    let issued = scene.start();
    for swap in [Swap::Applied, Swap::Conflict, Swap::Unknown] {
        let mut reading = scene.check(&issued, issued.code().as_str());
        assert_eq!(fault(reading.answer(scene.verifier(), Reply::Swapped(Ok(swap)))), Fault::OutOfTurn);
    }
    let mut writing = scene.check(&issued, issued.code().as_str());
    assert!(scene.turn(&mut writing).is_continue());
    let records = [countersign::store::Loaded::ABSENT];
    assert_eq!(fault(writing.answer(scene.verifier(), Reply::Read(Ok(&records)))), Fault::OutOfTurn);
    // The operation is over and its verdict discarded: a later reply that the write was applied
    // reveals nothing.
    assert_eq!(fault(writing.answer(scene.verifier(), Reply::Swapped(Ok(Swap::Applied)))), Fault::OutOfTurn);
    let again = scene.check(&issued, issued.code().as_str());
    assert!(scene.finish(again).is_ok(), "nothing was written");
}

/// The write is confirmed and the verdict taken: no later reply gives another.
#[test]
fn reply_after_the_end_is_a_fault() {
    let (mut scene, issued, mut operation) = about_to_write();
    assert!(scene.turn(&mut operation).break_value().unwrap().is_ok());
    for _ in 0..3 {
        let _ = operation.request();
        let late = operation.answer(scene.verifier(), Reply::Swapped(Ok(Swap::Applied)));
        assert_eq!(fault(late), Fault::OutOfTurn);
        let late = operation.answer(scene.verifier(), Reply::Read(Ok(&[])));
        assert_eq!(fault(late), Fault::OutOfTurn);
    }
    assert!(used(&mut scene, &issued));
}

/// Missing records count as absent, so that a write conflicts with an existing record: nothing
/// passes.
#[test]
fn reply_with_too_few_records_passes_nothing() {
    let mut scene = Scene::new(7, Faults::None);
    let issued = scene.start();
    let mut operation = scene.check(&issued, issued.code().as_str());
    let step = operation.answer(scene.verifier(), Reply::Read(Ok(&[])));
    let refused = step.break_value().unwrap().unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::UnknownHandle));

    scene.later(60_000);
    let mut start = scene.steps(|at| at.start(number(), countersign::Channel::Sms));
    assert!(start.answer(scene.verifier(), Reply::Read(Ok(&[]))).is_continue());
    assert_eq!(swap_of(&start).1, Revision::ABSENT);
    assert!(scene.turn(&mut start).is_continue(), "it conflicts with the existing record");
    assert!(scene.finish(start).is_ok());
}
