//! Settings and clocks at the ends of their ranges.

use std::sync::{Arc, Mutex};

use countersign::error::Fault;
use countersign::events::Event;
use countersign::guard::{Bases, Caps, Guard, HostKey, Override, Prices, Rule, Treatment, WhenBlind};
use countersign::{Challenge, Channel, Error, Policy, Region, Timestamp};

use super::super::scene::{DAY, HOUR, Scene, number, spread};

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
