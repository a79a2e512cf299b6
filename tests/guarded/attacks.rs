//! What a ring, a stranger or a broken part of the service might try.

use core::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::error::Fault;
use countersign::events::Event;
use countersign::guard::{Bases, Caps, Charge, Guard, HostKey, Override, Prices, Rule, Treatment, WhenBlind};
use countersign::kernel::{Reply, Request};
use countersign::store::{Effect, Entries, Entry, EntryKind, Loaded, Swap};
use countersign::{
    Challenge, Channel, Error, MemoryStore, Policy, Purpose, Region, Store, Timestamp, Verifier,
};
use countersign_tests::desk::{keys, refusal};
use countersign_tests::rng::Seeded;

use super::scene::{DAY, HOUR, Scene, number, ruling, spread};

/// The sums that the adds since the last look changed: u and a in all, without the memory.
fn sums(scene: &Scene) -> (f64, f64) {
    let changes = scene.store.added().concat();
    changes.iter().fold((0.0, 0.0), |(u, a), change| match change.effect() {
        Effect::Sums { unanswered, answered } => (u + unanswered, a + answered),
        Effect::Number(_) => (u, a),
    })
}

#[test]
fn an_undelivered_vouched_send_needs_no_second_check_by_the_host() {
    let mut scene = Scene::new(Guard::default());
    (0..7).for_each(|block| drop(scene.sent(number(1000 * block))));
    let issued = scene.sent(Challenge::new(number(8000)).with_vouched());
    scene.at().undelivered(number(8000), issued.handle()).unwrap();
    let again = scene.at().resend(number(8000), issued.handle()).unwrap();
    assert_eq!(again.ruling().unwrap().charge(), Some(Charge::Vouched));
    sums(&scene);
    scene.answer(number(8000), &again);
    let (unanswered, _) = sums(&scene);
    assert!((unanswered + 4.0 + 2.0 * 0.05).abs() < 1e-3, "blocks, region and vouched: {unanswered}");
}

#[test]
fn an_undelivered_send_to_a_known_recipient_earns_nothing() {
    let mut scene = Scene::new(Guard::default());
    let challenge = Challenge::new(spread(0)).with_known(true);
    let issued = scene.sent(&challenge);
    scene.at().undelivered(&challenge, issued.handle()).unwrap();
    sums(&scene);
    scene.answer(&challenge, &issued);
    assert_eq!(sums(&scene), (0.0, 0.0));
}

#[test]
fn an_undelivered_send_is_not_taken_back_after_an_answer_elsewhere() {
    let mut scene = Scene::new(Guard::default().with_shared_tallies(true));
    let first = scene.sent(number(0));
    let mut scene = scene.with(|verifier| verifier.with_tenant("other"));
    scene.later(Duration::from_secs(10));
    scene.log_in(number(0));
    scene.later(Duration::from_secs(10));
    let _ = scene.sent(number(0));
    let mut scene = scene.with(|verifier| verifier.with_tenant(""));
    sums(&scene);
    scene.at().undelivered(number(0), first.handle()).unwrap();
    assert_eq!(sums(&scene), (0.0, 0.0), "the answer gave it back already");
}

#[test]
fn an_undelivered_report_needs_the_handle_of_the_running_challenge() {
    let mut scene = Scene::new(Guard::default());
    let replaced = scene.sent(number(0));
    let cancelled = scene.sent(number(0));
    let report = |scene: &mut Scene, handle| refusal(scene.at().undelivered(number(0), handle));
    sums(&scene);
    report(&mut scene, replaced.handle());
    scene.at().cancel(number(0), cancelled.handle()).unwrap();
    report(&mut scene, cancelled.handle());
    let forgotten = scene.sent(number(0));
    scene.at().forget(number(0)).unwrap();
    scene.store.added();
    report(&mut scene, forgotten.handle());
    let other = scene.sent(Challenge::new(number(0)).with_purpose(Purpose::new("pay").unwrap()));
    scene.store.added();
    report(&mut scene, other.handle());
    assert!(scene.store.added().is_empty());
}

#[test]
fn an_undelivered_report_of_an_expired_code_takes_back_one_charge() {
    let mut scene = Scene::new(Guard::default());
    let issued = scene.sent(number(0));
    let (charged, _) = sums(&scene);
    scene.later(Duration::from_secs(400));
    (0..3).for_each(|_| scene.at().undelivered(number(0), issued.handle()).unwrap());
    let (back, _) = sums(&scene);
    assert!(-charged <= back && back < -0.99 * charged, "{back} of {charged}");
}

#[test]
fn changes_by_operators_need_a_working_clock() {
    for now in [Timestamp::MAX, Timestamp::EPOCH, Timestamp::from_unix_seconds(1_500_000_000)] {
        let mut scene = Scene::new(Guard::default());
        let next = scene.close_a_block();
        let scope = scene.refused(next).finding().unwrap().scope;
        let then = core::mem::replace(&mut scene.now, now);
        scene.store.added();
        let faults = [
            scene.at().forgive(Channel::Sms, scope).unwrap_err(),
            scene.at().import(number(9)).unwrap_err(),
            scene.at().explain(next, Channel::Sms).unwrap_err(),
            scene.send(next).unwrap_err(),
        ];
        for error in faults {
            assert!(matches!(error, Error::Fault(Fault::ClockOutOfRange)), "{error}");
        }
        assert!(scene.store.added().is_empty());
        // The tally still decays.
        scene.now = then + DAY;
        assert!(scene.send(next).is_ok());
    }
}

#[test]
fn each_cap_raises_its_alarm_even_if_one_send_uses_up_all() {
    let mut caps = Caps::default();
    (caps.region, caps.tenant, caps.all) = (Some(0.05), Some(0.05), Some(0.05));
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let log = Arc::clone(&events);
    let mut scene = Scene::new(Guard::default().with_caps(caps).unwrap())
        .with(|verifier| verifier.with_events(move |event| log.lock().unwrap().push(*event)));
    let issued = scene.sent(spread(0));
    let event = events.lock().unwrap()[0];
    let scopes: Vec<_> = event.alarms.iter().flatten().map(|alarm| alarm.scope.to_string()).collect();
    assert_eq!(scopes, ["US", "tenant", "all"]);
    assert!(event.alarms.iter().flatten().all(|alarm| alarm.part == 0.9), "the larger part");
    assert_eq!(issued.ruling().unwrap().alarms().len(), 3);
}

#[test]
fn every_setting_changes_the_fingerprint() {
    let until = Timestamp::from_unix_seconds(2_000_000_000);
    let prefix = "+1212".parse().unwrap();
    let with_bases = |change: fn(&mut Bases)| {
        let mut bases = Bases::default();
        change(&mut bases);
        Guard::default().with_bases(bases).unwrap()
    };
    let with_caps = |change: fn(&mut Caps)| {
        let mut caps = Caps::default();
        change(&mut caps);
        Guard::default().with_caps(caps).unwrap()
    };
    let with_override = |one| Guard::default().with_override(one).unwrap();
    let csv = |csv| Guard::default().with_prices(Prices::from_csv(csv).unwrap());
    let guards = [
        Guard::default(),
        Guard::default().with_stake(8.5).unwrap(),
        with_bases(|bases| bases.block_100 = 5.5),
        with_bases(|bases| bases.block_1000 = 6.5),
        with_bases(|bases| bases.block_10000 = 7.5),
        with_bases(|bases| bases.block_1000000 = 16.5),
        with_bases(|bases| bases.ip = 20.5),
        with_bases(|bases| bases.account = 6.5),
        Guard::default().with_vouched_base(15.5).unwrap(),
        with_caps(|caps| caps.region = Some(0.0)),
        with_caps(|caps| caps.tenant = Some(0.0)),
        with_caps(|caps| caps.all = Some(0.0)),
        Guard::default().with_monitor(true),
        Guard::default().with_shared_tallies(true),
        Guard::default().with_when_blind(WhenBlind::Allow),
        Guard::default().with_prices(Prices::from_fn(|_, _| 0.05)),
        csv("region,channel,price\nUS,sms,0.05\n"),
        csv("region,channel,price\nUS,sms,0.06\n"),
        csv("region,channel,price\nUS,whatsapp,0.06\n"),
        with_override(Override::region(Region::US, Treatment::Allow, until)),
        with_override(Override::region(Region::US, Treatment::Refuse, until)),
        with_override(Override::region(Region::US, Treatment::Scale(2.0), until)),
        with_override(Override::region(Region::US, Treatment::Scale(2.0), until + HOUR)),
        with_override(Override::region(Region::CA, Treatment::Allow, until)),
        with_override(Override::prefix(prefix, Treatment::Allow, until)),
    ];
    let policies = [
        Policy::default(),
        Policy::default().allow(Channel::Sms, [Region::FR]).unwrap(),
        Policy::default().allow(Channel::WhatsApp, [Region::FR]).unwrap(),
        Policy::default().deny(Channel::Sms, [Region::US]).unwrap(),
        Policy::default().allow_unallocated(Channel::Sms, true).unwrap(),
    ];
    let all: std::collections::BTreeSet<_> = guards
        .iter()
        .flat_map(|guard| policies.iter().map(|policy| guard.fingerprint(policy).to_bytes()))
        .collect();
    assert_eq!(all.len(), guards.len() * policies.len());
}

#[test]
fn forgiving_a_region_forgives_its_vouched_strangers() {
    let mut scene = Scene::new(Guard::default().with_vouched_base(0.05).unwrap());
    let vouched = |place| Challenge::new(spread(place)).with_vouched();
    let _ = scene.sent(vouched(0));
    let refused = scene.refused(vouched(1));
    assert_eq!(refused.rule(), Some(Rule::Vouched));
    scene.at().forgive(Channel::Sms, refused.finding().unwrap().scope).unwrap();
    assert!(scene.send(vouched(1)).is_ok());
}

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
fn absurd_prices_and_a_tiny_stake_refuse_without_a_time() {
    for price in [f64::NAN, f64::INFINITY, f64::MAX, -1.0] {
        let prices = Prices::from_fn(move |_, _| price);
        assert_eq!(prices.of(Some(Region::US), Channel::Sms), Prices::UNLISTED);
    }
    let guard = Guard::default().with_stake(f64::MIN_POSITIVE).unwrap();
    let mut scene = Scene::new(guard);
    let refused = scene.refused(number(0));
    assert_eq!((refused.rule(), refused.retry_at()), (Some(Rule::Region), None));
    let mut free = Scene::new(
        Guard::default().with_stake(f64::MIN_POSITIVE).unwrap().with_prices(Prices::from_fn(|_, _| 0.0)),
    );
    assert!(free.send(number(0)).is_ok());
    let dear = Guard::default().with_prices(Prices::from_fn(|_, _| 1e9));
    let mut dear = Scene::new(dear.with_stake(1e9).unwrap());
    (0..1).for_each(|place| drop(dear.sent(spread(place))));
    assert_eq!(dear.rule(spread(1)), Rule::Region);
}

#[test]
fn all_keys_caps_and_a_voucher_fit_into_one_call() {
    let mut caps = Caps::default();
    (caps.region, caps.tenant, caps.all) = (Some(1.0), Some(1.0), Some(1.0));
    let mut scene = Scene::new(Guard::default().with_caps(caps).unwrap());
    let challenge = (0..8_u8)
        .fold(Challenge::new(number(0)).with_vouched(), |one, last| one.with_key(HostKey::account([last])));
    let issued = scene.sent(&challenge);
    let changes = scene.store.added().concat();
    // The memory, four blocks, the region, the vouched, eight keys, three caps.
    assert_eq!(changes.len(), 1 + 4 + 1 + 1 + 8 + 3);
    scene.answer(&challenge, &issued);
    let changes = scene.store.added().concat();
    assert_eq!(changes.len(), 1 + 4 + 1 + 1 + 1 + 8, "the purse counts what was answered");
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
