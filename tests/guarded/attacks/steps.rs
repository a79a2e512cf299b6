//! Callers that drop an operation, or answer it with nonsense.

use core::ops::ControlFlow;

use countersign::error::Fault;
use countersign::guard::Guard;
use countersign::kernel::{Reply, Request};
use countersign::store::{Entries, Entry, EntryKind, Loaded, Swap};
use countersign::{Channel, Error, MemoryStore, Store, Verifier};
use countersign_tests::desk::keys;

use super::super::scene::number;

/// A right code passes whatever a store says of the tallies, and earns nothing if that is nonsense.
#[test]
fn a_right_code_passes_with_entries_of_another_kind_or_none() {
    let one = |kind| {
        let mut entries = Entries::new();
        entries.push(Entry::empty(kind)).unwrap();
        entries
    };
    for (entries, changes) in [(one(EntryKind::Sums), 1), (Entries::new(), 1), (one(EntryKind::Number), 7)] {
        let store = MemoryStore::new();
        let verifier = Verifier::new(keys(), ()).with_guard(Guard::default());
        let mut start = verifier.in_steps().start(number(0), Channel::Sms).unwrap();
        let mut issued = None;
        while issued.is_none() {
            let step = match start.request() {
                Request::ReadWithTallies { tallies, .. } => {
                    let tallies = Entries::absent(tallies).unwrap();
                    start.answer(
                        &verifier,
                        Reply::ReadWithTallies { records: Ok(&[Loaded::ABSENT]), tallies: Ok(&tallies) },
                    )
                }
                Request::Swap { key, expected, record, keep } => {
                    let swap = store.compare_and_swap(key, expected, record, keep);
                    start.answer(&verifier, Reply::Swapped(swap))
                }
                _ => start.answer(&verifier, Reply::Added(Ok(()))),
            };
            if let ControlFlow::Break(result) = step {
                issued = Some(result.unwrap());
            }
        }
        let issued = issued.unwrap();
        let mut check =
            verifier.in_steps().check(number(0), issued.handle(), issued.code().as_str()).unwrap();
        let Request::ReadWithTallies { records, .. } = check.request() else { panic!("a read") };
        let loaded = [store.load(&records[0]).unwrap()];
        let step =
            check.answer(&verifier, Reply::ReadWithTallies { records: Ok(&loaded), tallies: Ok(&entries) });
        assert!(step.is_continue());
        assert!(check.answer(&verifier, Reply::Swapped(Ok(Swap::Applied))).is_continue());
        let Request::Add { changes: made, .. } = check.request() else { panic!("an add") };
        assert_eq!(made.len(), changes);
        let ControlFlow::Break(Ok(_)) = check.answer(&verifier, Reply::Added(Ok(()))) else {
            panic!("the code is right")
        };
    }
}

/// A call that is dropped between the swap and the change of the tallies reveals no code, so that
/// nothing is sent that was not counted.
#[test]
fn a_dropped_call_reveals_no_code_that_was_not_counted() {
    let store = MemoryStore::new();
    let verifier = Verifier::new(keys(), ()).with_guard(Guard::default());
    let mut start = verifier.in_steps().start(number(0), Channel::Sms).unwrap();
    let Request::ReadWithTallies { tallies, .. } = start.request() else { panic!("a read") };
    let tallies = Entries::absent(tallies).unwrap();
    let both = Reply::ReadWithTallies { records: Ok(&[Loaded::ABSENT]), tallies: Ok(&tallies) };
    assert!(start.answer(&verifier, both).is_continue());
    let Request::Swap { key, expected, record, keep } = start.request() else { panic!("a swap") };
    let swap = store.compare_and_swap(key, expected, record, keep);
    assert!(start.answer(&verifier, Reply::Swapped(swap)).is_continue(), "no code yet");
    assert!(matches!(start.request(), Request::Add { .. }));
    drop(start);
    assert_eq!(store.len(), 1);
}

/// An operation asks for nothing twice that it should do once, whatever it is told.
#[test]
fn an_operation_that_is_answered_out_of_turn_adds_nothing_more() {
    let verifier = Verifier::new(keys(), ()).with_guard(Guard::default());
    let mut start = verifier.in_steps().start(number(0), Channel::Sms).unwrap();
    let Request::ReadWithTallies { tallies, .. } = start.request() else { panic!("a read") };
    let tallies = Entries::absent(tallies).unwrap();
    let both = || Reply::ReadWithTallies { records: Ok(&[Loaded::ABSENT]), tallies: Ok(&tallies) };
    assert!(start.answer(&verifier, both()).is_continue());
    // A reply to a request that was not made.
    let ControlFlow::Break(Err(Error::Fault(Fault::OutOfTurn))) =
        start.answer(&verifier, Reply::Added(Ok(())))
    else {
        panic!("out of turn")
    };
    for reply in [both(), Reply::Swapped(Ok(Swap::Applied)), Reply::Added(Ok(()))] {
        let ControlFlow::Break(Err(Error::Fault(Fault::OutOfTurn))) = start.answer(&verifier, reply) else {
            panic!("it is over")
        };
    }
}
