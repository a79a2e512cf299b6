//! Awaited calls and calls in steps do what blocking ones do.

use core::ops::ControlFlow;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use countersign::error::Fault;
use countersign::guard::Guard;
use countersign::kernel::{Operation, Reply, Request};
use countersign::store::{Entry, Loaded, MemoryTallies, StoreErrorKind};
use countersign::{Channel, Error, Keys, Limits, MemoryStore, Refusal, Store, Timestamp, Verifier};

use super::scene::number;

fn ready<T>(call: impl Future<Output = T>) -> T {
    let mut call = pin!(call);
    match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store in memory never pends"),
    }
}

#[test]
fn awaited_sends_are_guarded() {
    let verifier =
        Verifier::new(Keys::from_secret([7; 32]).unwrap(), MemoryStore::new()).with_guard(Guard::default());
    for last in 0..5 {
        let issued = ready(verifier.asynchronously().start(number(last), Channel::Sms)).unwrap();
        assert!(issued.ruling().is_some_and(|ruling| ruling.is_allowed()));
    }
    let refused = ready(verifier.asynchronously().start(number(5), Channel::Sms));
    assert!(matches!(refused, Err(Error::Guarded(_))));
    assert!(verifier.start(number(6), Channel::Sms).is_err(), "blocking calls read the same tallies");
    ready(verifier.asynchronously().import(number(5))).unwrap();
    assert!(ready(verifier.asynchronously().start(number(5), Channel::Sms)).is_ok());
}

/// Carries an operation out over a store and tallies that know nothing of each other.
fn carry_out<T>(
    verifier: &Verifier<impl Sized>,
    store: &MemoryStore,
    tallies: &MemoryTallies,
    mut operation: Operation<T>,
) -> Result<T, Error> {
    loop {
        let step = match operation.request() {
            Request::Read(keys) => {
                let loaded: Vec<_> = keys.iter().map(|key| store.load(key).unwrap()).collect();
                operation.answer(verifier, Reply::Read(Ok(&loaded)))
            }
            Request::ReadWithTallies { records, tallies: keys, now } => {
                let loaded: Vec<_> = records.iter().map(|key| store.load(key).unwrap()).collect();
                let entries = tallies.read(keys, now).unwrap();
                operation
                    .answer(verifier, Reply::ReadWithTallies { records: Ok(&loaded), tallies: Ok(&entries) })
            }
            Request::Swap { key, expected, record, keep } => {
                let swap = store.compare_and_swap(key, expected, record, keep);
                operation.answer(verifier, Reply::Swapped(swap))
            }
            Request::Add { changes, now } => {
                let added = tallies.add(changes, now);
                operation.answer(verifier, Reply::Added(added))
            }
            _ => panic!("an unknown request"),
        };
        if let ControlFlow::Break(result) = step {
            return result;
        }
    }
}

#[test]
fn calls_in_steps_are_guarded() {
    let (store, tallies) = (MemoryStore::new(), MemoryTallies::with_capacity(1 << 10, 1 << 10));
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), ()).with_guard(Guard::default());
    let start = |last| {
        let operation = verifier.in_steps().start(number(last), Channel::Sms).unwrap();
        carry_out(&verifier, &store, &tallies, operation)
    };
    let issued: Vec<_> = (0..5).map(|last| start(last).unwrap()).collect();
    assert!(matches!(start(5), Err(Error::Guarded(_))));
    let code = issued[0].code().as_str();
    let check = verifier.in_steps().check(number(0), issued[0].handle(), code).unwrap();
    let _ = carry_out(&verifier, &store, &tallies, check).unwrap();
    assert!(start(5).is_ok(), "one answer pays for two");
}

/// A check finds its code right, but loses the race against a resend: it then fails, and must not
/// be counted as an answer.
#[test]
fn what_a_lost_race_would_have_earned_is_not_counted() {
    let (store, tallies) = (MemoryStore::new(), MemoryTallies::with_capacity(1 << 10, 1 << 10));
    let limits = Limits::default().with_cooldown(Duration::ZERO).unwrap();
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), ())
        .with_limits(limits)
        .with_guard(Guard::default());
    let start = verifier.in_steps().start(number(0), Channel::Sms).unwrap();
    let issued = carry_out(&verifier, &store, &tallies, start).unwrap();
    let (handle, code) = (issued.handle(), issued.code().as_str());
    let mut check = verifier.in_steps().check(number(0), handle, code).unwrap();
    let Request::ReadWithTallies { records, tallies: keys, now } = check.request() else { panic!() };
    let (loaded, entries) = ([store.load(&records[0]).unwrap()], tallies.read(keys, now).unwrap());
    let step =
        check.answer(&verifier, Reply::ReadWithTallies { records: Ok(&loaded), tallies: Ok(&entries) });
    assert!(step.is_continue());
    let resend = verifier.in_steps().resend(number(0), handle).unwrap();
    let _ = carry_out(&verifier, &store, &tallies, resend).unwrap();
    let Request::Swap { key, expected, record, keep } = check.request() else { panic!() };
    let swap = store.compare_and_swap(key, expected, record, keep);
    assert!(check.answer(&verifier, Reply::Swapped(swap)).is_continue());
    let Request::ReadWithTallies { tallies: keys, .. } = check.request() else { panic!() };
    let key = keys[0];
    assert!(matches!(
        carry_out(&verifier, &store, &tallies, check),
        Err(Error::Refused(Refusal::Superseded { .. }))
    ));
    let Entry::Number(memory) = tallies.read(&[key], Timestamp::now()).unwrap().as_slice()[0] else {
        panic!("the first key is that of the memory")
    };
    assert_eq!((memory.last_verified(), memory.unanswered()), (None, 2));
}

#[test]
fn no_reply_without_tallies_gets_past_the_guard() {
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), ()).with_guard(Guard::default());
    let start = || verifier.in_steps().start(number(0), Channel::Sms).unwrap();
    let fault = |step| match step {
        ControlFlow::Break(Err(Error::Fault(fault))) => fault,
        _ => panic!("expected a fault"),
    };
    let mut operation = start();
    assert!(matches!(operation.request(), Request::ReadWithTallies { .. }));
    let step = operation.answer(&verifier, Reply::Read(Ok(&[Loaded::ABSENT])));
    assert_eq!(fault(step), Fault::OutOfTurn);
    let mut operation = start();
    let step = operation.answer(
        &verifier,
        Reply::ReadWithTallies { records: Ok(&[Loaded::ABSENT]), tallies: Ok(&Default::default()) },
    );
    let ControlFlow::Break(Err(Error::Store(error))) = step else { panic!("too few entries") };
    assert_eq!(error.kind(), StoreErrorKind::NotATally);
    let mut operation = start();
    assert_eq!(fault(operation.answer(&verifier, Reply::Added(Ok(())))), Fault::OutOfTurn);
}
