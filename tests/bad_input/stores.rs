//! Stores that fail, conflict, lose replies, or are full.

use countersign::store::StoreErrorKind;
use countersign::{Channel, Error, MemoryStore, PhoneNumber, Refusal};
use countersign_tests::desk::{Desk, number, refusal, wrong};
use countersign_tests::faulty::{Faulty, StoreFault};
use countersign_tests::rng::Seeded;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::calls;
use crate::cases::cases;

#[test]
fn unavailable_store_decides_nothing() {
    for fault in [StoreFault::LoadFails, StoreFault::SwapFails] {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        desk.now += 30_000;
        let before = store.only();
        store.always.set(Some(fault));
        for (name, call) in calls::all::<_, Seeded>() {
            let result = call(&mut desk.at(), issued.handle(), issued.code().as_str());
            if fault == StoreFault::SwapFails && name == "status" {
                continue;
            }
            let error = result.unwrap_err();
            let expected =
                matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::Unavailable);
            assert!(expected, "{name}: {error}");
            assert_eq!(error.wire_name(), "service_unavailable");
        }
        assert!(desk.at().forget(number()).is_err());
        store.always.set(None);
        assert_eq!(store.only(), before);
        assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
    }
}

#[test]
fn gives_up_after_endless_conflicts() {
    for fault in [StoreFault::Conflict, StoreFault::LostBefore] {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        desk.now += 30_000;
        let before = store.only();
        store.always.set(Some(fault));
        for (name, call) in calls::all::<_, Seeded>().into_iter().filter(|(name, _)| *name != "status") {
            store.calls.set(0);
            let error = call(&mut desk.at(), issued.handle(), issued.code().as_str()).unwrap_err();
            assert!(matches!(error, Error::Contended), "{name}: {error}");
            assert!(store.calls.get() <= 100, "{name} made {} calls", store.calls.get());
        }
        assert!(matches!(desk.at().forget(number()), Err(Error::Contended)));
        store.always.set(None);
        assert_eq!(store.only(), before);
        assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
    }
}

proptest! {
    #![proptest_config(cases(300))]

    /// Whatever faults occur on the way: a start returns the code in the record, each wrong code
    /// with a verdict is one failure, and a correct code passes once.
    #[test]
    fn store_faults_change_no_outcome(faults in vec(faults(), 8), wrongs in 0..4usize) {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let mut faults = faults.into_iter();
        let mut fault = || *store.scripted.borrow_mut() = faults.next().unwrap_or_default().into();
        fault();
        let first = desk.at().start(number(), Channel::Sms).unwrap();
        desk.now += 30_000;
        fault();
        let newest = desk.at().resend(number(), first.handle()).unwrap();
        let (handle, code) = (newest.handle(), newest.code().as_str());
        for failures in 0..wrongs {
            fault();
            let refused = desk.refused(handle, &wrong(code, failures));
            let tries_left = 4 - failures as u8;
            let expected = if wrong(code, failures) == first.code().as_str() {
                Refusal::Superseded { tries_left, lock: None }
            } else {
                Refusal::WrongCode { tries_left, lock: None }
            };
            prop_assert_eq!(refused, expected);
        }
        prop_assert_eq!(usize::from(desk.failures()), wrongs);
        fault();
        prop_assert!(desk.at().check(number(), handle, code).is_ok());
        fault();
        prop_assert_eq!(refusal(desk.at().check(number(), handle, code)), Refusal::AlreadyUsed);
        fault();
        prop_assert!(desk.at().forget(number()).is_ok());
        fault();
        prop_assert_eq!(refusal(desk.at().check(number(), handle, code)), Refusal::UnknownHandle);
    }
}

fn faults() -> impl Strategy<Value = Vec<StoreFault>> {
    vec(
        select(&[StoreFault::Conflict, StoreFault::LostBefore, StoreFault::LostAfter, StoreFault::Late]),
        0..6,
    )
}

#[test]
fn full_store_refuses_new_records_and_serves_existing_ones() {
    let mut desk = Desk::new(MemoryStore::with_capacity(10));
    let number = |n: usize| format!("+1202555{n:04}").parse::<PhoneNumber>().unwrap();
    let issued: Vec<_> = (0..10).map(|n| desk.at().start(number(n), Channel::Sms).unwrap()).collect();
    let full = |result: Result<(), Error>| matches!(result, Err(Error::Store(error)) if error.kind() == StoreErrorKind::Full);
    for n in 10..20 {
        assert!(
            full(desk.at().start(number(n), Channel::Sms).map(drop)),
            "no record is dropped to make room for a new one"
        );
    }
    for (n, issued) in issued.iter().enumerate() {
        refusal(desk.at().check(number(n), issued.handle(), &wrong(issued.code().as_str(), 0)));
        assert!(desk.at().check(number(n), issued.handle(), issued.code().as_str()).is_ok());
    }
}
