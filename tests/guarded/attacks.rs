//! What a ring, a stranger or a broken part of the service might try.

mod settings;
mod steps;
mod undelivered;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::error::Fault;
use countersign::events::Event;
use countersign::guard::{Guard, Rule};
use countersign::{Challenge, Channel, Error, Policy, Purpose, Region, Verifier};
use countersign_tests::desk::keys;
use countersign_tests::rng::Seeded;

use super::answers::sums;
use super::scene::{DAY, Scene, number, ruling};

#[test]
fn a_number_has_one_budget_over_all_lanes_channels_and_purposes() {
    let policy = Policy::default().allow(Channel::WhatsApp, [Region::US]).unwrap();
    let mut scene = Scene::new(Guard::default()).with(|verifier| verifier.with_policy(policy));
    let issued = scene.sent(number(0));
    let verified = scene.at().check(number(0), issued.handle(), issued.code().as_str()).unwrap();
    let tokens = [0; 3].map(|_| scene.at().device_token(&verified).unwrap());
    scene.later(4 * DAY);
    let pay = Purpose::new("pay").unwrap();
    let [first, second, third] = tokens.map(|token| Challenge::new(number(0)).with_device(token));
    let _ = scene.sent(&first);
    let _ = scene.sent(second.with_purpose(pay));
    let _ = scene.at().start(&third, Channel::WhatsApp).unwrap();
    let _ = scene.sent(Challenge::new(number(0)).with_known(true));
    let _ = scene.at().start(number(0), Channel::WhatsApp).unwrap();
    for by in [first, third, Challenge::new(number(0)).with_known(true)] {
        assert_eq!(scene.rule(&by), Rule::NumberUnanswered);
        assert_eq!(ruling(scene.at().start(&by, Channel::WhatsApp)).rule(), Some(Rule::NumberUnanswered));
    }
}

/// Whoever asks for codes in somebody's name can use that number's budget up, devices included. An
/// operator, or a host that verified the person otherwise, lifts it with an import.
#[test]
fn an_import_lifts_the_cap_that_a_stranger_used_up() {
    let mut scene = Scene::new(Guard::default());
    scene.log_in(number(0));
    scene.later(4 * DAY);
    (0..5).for_each(|_| drop(scene.sent(number(0))));
    let refused = scene.refused(number(0));
    assert_eq!((refused.rule(), refused.may_vouch()), (Some(Rule::NumberUnanswered), false));
    // 24 h · log2(5/4).
    let wait = refused.retry_at().unwrap().since(scene.now);
    assert!(Duration::from_secs(27_700) < wait && wait < Duration::from_secs(27_900), "{wait:?}");
    scene.at().import(number(0)).unwrap();
    assert!(scene.send(number(0)).is_ok());
}

#[test]
fn an_import_of_a_number_that_owes_gives_nothing_back_and_earns_nothing() {
    let mut scene = Scene::new(Guard::default());
    let issued = scene.sent(number(0));
    sums(&scene);
    scene.at().import(number(0)).unwrap();
    scene.answer(number(0), &issued);
    assert_eq!(sums(&scene), (0.0, 0.0));
}

#[test]
fn a_guard_that_was_switched_on_after_the_send_earns_nothing_from_its_answer() {
    let mut scene = Scene::new(Guard::default());
    let unguarded = Verifier::new(keys(), scene.store).with_instance(2);
    let issued = unguarded.at(scene.now, &mut Seeded(9)).start(number(0), Channel::Sms).unwrap();
    scene.answer(number(0), &issued);
    assert_eq!(sums(&scene), (0.0, 0.0));
}

#[test]
fn an_answer_after_a_clock_went_back_gives_back_no_more_than_was_charged() {
    let mut scene = Scene::new(Guard::default());
    let issued = scene.sent(number(0));
    let (charged, _) = sums(&scene);
    scene.now = scene.now - Duration::from_secs(4);
    scene.answer(number(0), &issued);
    let (back, earned) = sums(&scene);
    assert!((back + charged).abs() < 1e-9 && earned > 0.0);
    // A clock that is a day behind neither decays nor sends.
    scene.now = scene.now - 2 * DAY;
    assert!(matches!(scene.send(number(0)), Err(Error::Fault(Fault::ClockWentBack { .. }))));
    assert!(scene.store.added().is_empty());
}

#[test]
fn monitor_mode_that_ends_between_send_and_answer_charges_and_earns_once() {
    let mut scene = Scene::new(Guard::default().with_monitor(true));
    (0..5).for_each(|last| drop(scene.sent(number(last))));
    let watched = scene.sent(number(5));
    sums(&scene);
    scene.verifier = Verifier::new(keys(), scene.store).with_instance(2).with_guard(Guard::default());
    scene.at().undelivered(number(5), watched.handle()).unwrap();
    assert_eq!(sums(&scene), (0.0, 0.0), "it was not charged");
    scene.answer(number(5), &watched);
    let (unanswered, answered) = sums(&scene);
    assert_eq!(unanswered, 0.0);
    assert!(answered > 4.0, "its answer counts");
}

#[test]
fn texts_of_refusals_and_events_name_no_number() {
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let log = Arc::clone(&events);
    let mut scene = Scene::new(Guard::default())
        .with(|verifier| verifier.with_events(move |event| log.lock().unwrap().push(*event)));
    let digits = &number(0).to_string()[1..];
    let mut texts = Vec::new();
    (0..5).for_each(|_| drop(scene.sent(number(0))));
    let error = scene.send(number(0)).unwrap_err();
    texts.extend([format!("{error}"), format!("{error:?}"), format!("{error:#?}")]);
    let explained = scene.at().explain(number(0), Channel::Sms).unwrap();
    texts.extend([format!("{explained}"), format!("{explained:?}")]);
    texts.extend(events.lock().unwrap().iter().map(|event| format!("{event:?}")));
    for text in texts {
        assert!(!text.contains(digits), "{text}");
    }
}
