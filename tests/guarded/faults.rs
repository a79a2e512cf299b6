//! Faults of the store: each confirmed send is counted exactly once, and nobody with a right code is
//! turned away.

use std::sync::{Arc, Mutex};

use countersign::events::Event;
use countersign::guard::{Guard, WhenBlind};
use countersign::store::StoreErrorKind;
use countersign::{Error, Issued};
use countersign_tests::faulty::StoreFault;
use countersign_tests::tallied::Adds;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::scene::{Scene, number, spread};
use crate::cases::cases;

#[test]
fn without_tallies_nothing_is_sent() {
    let mut scene = Scene::new(Guard::default());
    scene.store.is_blind.set(true);
    let error = scene.send(number(0)).unwrap_err();
    assert!(matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::Unavailable));
    assert_eq!(error.wire_name(), "service_unavailable");
    assert_eq!((scene.store.records.len(), scene.store.added().len()), (0, 0));
}

#[test]
fn a_host_may_send_without_tallies() {
    let mut scene = Scene::new(Guard::default().with_when_blind(WhenBlind::Allow));
    scene.store.is_blind.set(true);
    (0..20).for_each(|last| drop(scene.sent(number(last))));
    assert_eq!(scene.store.sends(), 20, "they are charged nevertheless");
    scene.store.is_blind.set(false);
    assert!(scene.send(number(30)).is_err());
}

#[test]
fn a_right_code_passes_without_tallies() {
    let mut scene = Scene::new(Guard::default());
    let issued = scene.sent(number(0));
    scene.store.added();
    scene.store.is_blind.set(true);
    scene.answer(number(0), &issued);
    assert_eq!(scene.store.added().concat().len(), 1, "it is verified, and earns nothing");
}

#[test]
fn a_failed_add_fails_no_call_and_is_reported() {
    for adds in [Adds::Fail, Adds::LoseReply] {
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let log = Arc::clone(&events);
        let mut scene = Scene::new(Guard::default())
            .with(|verifier| verifier.with_events(move |event| log.lock().unwrap().push(*event)));
        scene.store.adds.set(adds);
        let issued = scene.sent(number(0));
        scene.answer(number(0), &issued);
        assert_eq!(scene.store.added().len(), 2, "one add each, and none again");
        let lost: Vec<_> = events.lock().unwrap().iter().map(|event| event.has_lost_changes).collect();
        assert_eq!(lost, [true, true]);
    }
}

#[test]
fn an_import_that_fails_is_an_error() {
    let mut scene = Scene::new(Guard::default());
    scene.store.adds.set(Adds::Fail);
    assert!(matches!(scene.at().import(number(0)), Err(Error::Store(_))));
}

const FAULTS: [StoreFault; 6] = [
    StoreFault::LoadFails,
    StoreFault::SwapFails,
    StoreFault::Conflict,
    StoreFault::LostBefore,
    StoreFault::LostAfter,
    StoreFault::Late,
];

proptest! {
    #![proptest_config(cases(300))]

    /// Whatever happens to loads and swaps, a call adds at most once, and it adds exactly if it
    /// returns a code, a proof or the confirmation of a failed delivery.
    #[test]
    fn every_confirmed_call_is_counted_once(
        calls in vec((0..4_u8, vec(select(&FAULTS[..]), 0..4)), 1..12),
        is_local: bool,
    ) {
        let mut scene = if is_local { Scene::local(Guard::default()) } else { Scene::new(Guard::default()) };
        let mut issued: Option<Issued> = None;
        let mut is_charged = false;
        for (place, (call, faults)) in (0..).zip(calls) {
            let number = spread(place / 3);
            scene.store.records.scripted.borrow_mut().extend(faults);
            let (before, is_new) = (scene.store.log.borrow().len(), place % 3 == 0);
            if is_new {
                issued = None;
            }
            let expected = match (call, &issued) {
                (0 | 1, None) | (0, Some(_)) => {
                    let sent = scene.send(number);
                    is_charged |= sent.is_ok();
                    sent.map(|one| issued = Some(one)).is_ok()
                }
                (1, Some(one)) => {
                    let handle = one.handle();
                    let sent = scene.at().resend(number, handle);
                    is_charged |= sent.is_ok();
                    sent.map(|one| issued = Some(one)).is_ok()
                }
                (2, Some(one)) => {
                    let (handle, code) = (one.handle(), one.code().as_str().to_owned());
                    scene.at().check(number, handle, &code).is_ok()
                }
                (_, Some(one)) => {
                    let handle = one.handle();
                    let is_reported = scene.at().undelivered(number, handle).is_ok();
                    // A second report takes nothing back.
                    core::mem::take(&mut is_charged) && is_reported
                }
                _ => false,
            };
            scene.store.records.scripted.borrow_mut().clear();
            let adds = scene.store.log.borrow().len() - before;
            prop_assert!(adds <= 1, "call {call}: {adds} adds");
            if call != 3 {
                prop_assert_eq!(adds, usize::from(expected), "call {}", call);
            }
        }
    }
}
