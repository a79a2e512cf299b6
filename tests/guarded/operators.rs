//! What operators do: import, explain, forgive, override, monitor, cap.

use std::sync::{Arc, Mutex};

use countersign::error::Fault;
use countersign::events::{Event, Outcome};
use countersign::guard::{Caps, Charge, Guard, Override, Rule, Scope, Treatment};
use countersign::{Channel, Error, PhoneNumber, Region, Timestamp};

use super::scene::{HOUR, Scene, number, spread};

#[test]
fn imported_numbers_are_known() {
    let mut scene = Scene::new(Guard::default());
    let next = scene.close_a_block();
    scene.at().import(next).unwrap();
    assert_eq!(scene.sent(next).ruling().unwrap().charge(), Some(Charge::Known));
}

#[test]
fn forgiving_opens_a_block() {
    let mut scene = Scene::new(Guard::default());
    let next = scene.close_a_block();
    let scope = scene.refused(next).finding().unwrap().scope;
    scene.at().forgive(Channel::WhatsApp, scope).unwrap();
    assert_eq!(scene.rule(next), Rule::Block100, "of another channel");
    scene.at().forgive(Channel::Sms, scope).unwrap();
    assert!(scene.send(next).is_ok());
    let error = scene.at().forgive(Channel::Sms, Scope::All).unwrap_err();
    assert!(matches!(error, Error::Fault(Fault::NoTallyOfScope)), "{error}");
}

#[test]
fn explaining_names_all_rules_in_order_and_changes_nothing() {
    let mut scene = Scene::new(Guard::default());
    let next = scene.close_a_block();
    scene.store.added();
    let rules = |scene: &mut Scene, number: PhoneNumber| -> Vec<String> {
        let ruling = scene.at().explain(number, Channel::Sms).unwrap();
        ruling.matched().iter().map(|finding| finding.rule.to_string()).collect()
    };
    assert_eq!(rules(&mut scene, next), ["guard:block_100"]);
    let french: PhoneNumber = "+33612345678".parse().unwrap();
    assert_eq!(rules(&mut scene, french), ["policy:country_not_allowed"]);
    assert_eq!(rules(&mut scene, spread(1)), [""; 0]);
    let mut scene = scene.with(|verifier| verifier.with_limits(countersign::Limits::default()));
    assert_eq!(rules(&mut scene, number(0)), ["limit:cooling_down", "guard:block_100"]);
    assert!(scene.store.added().is_empty());
    let explained = scene.at().explain(next, Channel::Sms).unwrap();
    assert_eq!(explained, *scene.refused(next), "the same as the refusal");
}

#[test]
fn monitor_mode_sends_and_names_the_rule() {
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let log = Arc::clone(&events);
    let mut scene = Scene::new(Guard::default().with_monitor(true))
        .with(|verifier| verifier.with_events(move |event| log.lock().unwrap().push(*event)));
    (0..5).for_each(|last| drop(scene.sent(number(last))));
    scene.store.added();
    events.lock().unwrap().clear();
    let issued = scene.sent(number(5));
    let ruling = issued.ruling().unwrap();
    assert!(ruling.is_monitored() && ruling.is_allowed());
    assert_eq!((ruling.rule(), ruling.charge()), (Some(Rule::Block100), Some(Charge::Watched)));
    assert!(scene.store.added().is_empty(), "it charges nothing");
    let event = events.lock().unwrap()[0];
    assert_eq!((event.outcome, event.finding.unwrap().rule), (Outcome::Done, Rule::Block100));
    scene.answer(number(5), &issued);
    assert!(!scene.store.added().is_empty(), "its answer counts");
    // One answer pays for two sends: decided as if enforced.
    assert_eq!(scene.sent(number(6)).ruling().unwrap().rule(), None);
}

#[test]
fn overrides_allow_and_refuse_until_they_end() {
    let until = Timestamp::from_unix_seconds(1_800_000_000) + HOUR;
    let prefix = "+1212".parse().unwrap();
    let guard = Guard::default()
        .with_override(Override::region(Region::US, Treatment::Refuse, until))
        .and_then(|guard| guard.with_override(Override::prefix(prefix, Treatment::Allow, until)))
        .unwrap();
    let mut scene = Scene::new(guard);
    (0..30).for_each(|last| drop(scene.sent(number(last))));
    let refused = scene.refused(spread(0));
    assert_eq!(
        (refused.rule(), refused.retry_at(), refused.may_vouch()),
        (Some(Rule::Override), Some(until), false)
    );
    scene.later(HOUR);
    assert!(scene.send(spread(0)).is_ok());
    assert_eq!(scene.rule(number(50)), Rule::Block100, "what was sent was charged");
}

#[test]
fn caps_stop_strangers_and_raise_alarms() {
    let mut caps = Caps::default();
    caps.all = Some(0.5);
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let log = Arc::clone(&events);
    let mut scene = Scene::new(Guard::default().with_caps(caps).unwrap())
        .with(|verifier| verifier.with_events(move |event| log.lock().unwrap().push(*event)));
    // Ten sends at 0.05.
    (0..10).for_each(|place| drop(scene.sent(spread(place))));
    let parts: Vec<_> = events
        .lock()
        .unwrap()
        .iter()
        .flat_map(|event| event.alarms)
        .flatten()
        .map(|alarm| alarm.part)
        .collect();
    assert_eq!(parts, [0.5, 0.9]);
    assert_eq!(scene.rule(spread(10)), Rule::SpendAll);
    let known = countersign::Challenge::new(spread(11)).with_known(true);
    assert!(scene.send(known).is_ok(), "known recipients stop at twice the cap");
}

#[test]
fn tenants_have_tallies_of_their_own_unless_they_share() {
    for (is_shared, expected) in [(false, true), (true, false)] {
        let mut scene = Scene::new(Guard::default().with_shared_tallies(is_shared));
        let next = scene.close_a_block();
        let mut other = scene.with(|verifier| verifier.with_tenant("other"));
        assert_eq!(other.send(next).is_ok(), expected, "shared: {is_shared}");
    }
}
