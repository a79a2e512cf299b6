//! Monitor mode, overrides, caps, alarms, amnesties and fingerprints.

use super::level::Level;
use super::*;
use crate::{Policy, Region};
use alloc::vec::Vec;

#[test]
fn monitor_mode_allows_with_the_rule_named_and_charges_nothing() {
    let world = World::with(Guard::default().with_monitor(true));
    let subject = gb(1);
    world.set(&subject, Level::Block100, 10.0, 0.0);
    let ruling = world.send(&subject);
    assert!(ruling.is_allowed() && ruling.is_monitored());
    assert_eq!((ruling.rule(), ruling.charge()), (Some(Rule::Block100), Some(Charge::Watched)));
    assert_eq!(world.sums(&subject, Level::Block100), (10.0, 0.0));
    assert_eq!(world.memory(&subject), NumberMemory::EMPTY);
    assert!(
        world
            .question(&subject)
            .undelivered(Charge::Watched, &Entry::Number(NumberMemory::EMPTY), NOW)
            .is_empty()
    );
    world.answer(&subject, Receipt::EMPTY.with(Charge::Watched));
    assert_eq!(world.sums(&subject, Level::Block100), (10.0, 1.0), "answers count");
    let other = world.send(&gb(100_000));
    assert!(!other.is_monitored());
    assert_eq!(world.sums(&gb(100_000), Level::Block100), (1.0, 0.0), "allowed sends are charged");
}

#[test]
fn overrides_apply_until_their_end() {
    let end = NOW + HOUR;
    let scale = |factor| Treatment::Scale(factor);
    for (treatment, allowed) in
        [(Treatment::Allow, true), (scale(3.0), true), (scale(1.0), false), (Treatment::Refuse, false)]
    {
        for rule in [
            Override::region(Region::GB, treatment, end),
            Override::prefix("+4477".parse().unwrap(), treatment, end),
        ] {
            let world = World::with(Guard::default().with_override(rule).unwrap());
            world.set(&gb(1), Level::Block10k, 10.0, 0.0);
            assert_eq!(world.explain(&gb(1)).is_allowed(), allowed, "{treatment:?}");
            assert!(!world.explain_at(&gb(1), end).is_allowed(), "{treatment:?} is over");
        }
        let elsewhere = Override::region(Region::FR, treatment, end);
        let world = World::with(Guard::default().with_override(elsewhere).unwrap());
        world.set(&gb(1), Level::Block10k, 10.0, 0.0);
        assert!(!world.explain(&gb(1)).is_allowed());
    }
}

#[test]
fn refusing_overrides_end_and_spare_known_numbers() {
    let rule = Override::region(Region::GB, Treatment::Refuse, NOW + HOUR);
    let world = World::with(Guard::default().with_override(rule).unwrap());
    let ruling = world.explain(&gb(1));
    assert_eq!((ruling.rule(), ruling.retry_at()), (Some(Rule::Override), Some(NOW + HOUR)));
    assert!(!ruling.may_vouch() && !world.explain(&gb(1).with_vouched(true)).is_allowed());
    assert!(world.explain(&gb(1).with_known(true)).is_allowed());
}

#[test]
fn the_longest_prefix_wins() {
    let end = Timestamp::MAX;
    let guard = Guard::default()
        .with_override(Override::prefix("+447700".parse().unwrap(), Treatment::Allow, end))
        .unwrap()
        .with_override(Override::prefix("+4477".parse().unwrap(), Treatment::Refuse, end))
        .unwrap()
        .with_override(Override::region(Region::GB, Treatment::Refuse, end))
        .unwrap();
    let world = World::with(guard);
    assert!(world.explain(&gb(1)).is_allowed());
    let other = Subject::new(number("+447701000001"), Channel::Sms);
    assert_eq!(world.explain(&other).rule(), Some(Rule::Override));
    assert_eq!(world.explain(&other).retry_at(), None);
}

fn capped(caps: Caps) -> World {
    World::with(Guard::default().with_caps(caps).unwrap())
}

#[test]
fn caps_stop_strangers_and_twice_the_cap_stops_everybody() {
    for (caps, level, rule) in [
        (Caps { region: Some(10.0), ..Caps::default() }, Level::SpendRegion, Rule::SpendRegion),
        (Caps { tenant: Some(10.0), ..Caps::default() }, Level::SpendTenant, Rule::SpendTenant),
        (Caps { all: Some(10.0), ..Caps::default() }, Level::SpendAll, Rule::SpendAll),
    ] {
        let (world, stranger, known) = (capped(caps), gb(1), gb(2).with_known(true));
        world.set(&stranger, level, 9.95, 0.0);
        assert!(world.explain(&stranger).is_allowed());
        world.set(&stranger, level, 9.96, 0.0);
        assert_eq!(world.explain(&stranger).rule(), Some(rule));
        assert!(!world.explain(&stranger).may_vouch());
        assert_exact(&world, &stranger);
        assert!(world.send(&known).is_allowed());
        assert!((world.sums(&known, level).0 - 10.01).abs() < 1e-9, "everybody is counted");
        world.set(&known, level, 19.96, 0.0);
        assert_eq!(world.explain(&known).rule(), Some(rule));
    }
}

#[test]
fn alarms_at_half_and_nine_tenths_of_a_cap() {
    let world = capped(Caps { all: Some(10.0), ..Caps::default() });
    let subject = gb(1).with_known(true);
    for (spent, parts) in [(4.90, &[][..]), (4.96, &[0.5]), (5.0, &[]), (8.99, &[0.9]), (9.0, &[])] {
        world.set(&subject, Level::SpendAll, spent, 0.0);
        let ruling = world.explain(&subject);
        let raised: Vec<_> = ruling.alarms().iter().map(|alarm| alarm.part).collect();
        assert_eq!(raised, parts, "{spent}");
    }
}

#[test]
fn counts_no_spend_without_caps() {
    let world = World::new();
    assert!(
        world
            .question(&gb(1))
            .tallies()
            .all(|(level, _)| !matches!(level, Level::SpendRegion | Level::SpendTenant | Level::SpendAll))
    );
}

#[test]
fn forgive_clears_unanswered_sends() {
    for (scope, level) in [
        (Scope::Block { prefix: 4_477_000_901, hidden: 2 }, Level::Block100),
        (Scope::Block { prefix: 44_770_009, hidden: 4 }, Level::Block10k),
        (Scope::Region(Some(Region::GB)), Level::Region),
        (Scope::Purse, Level::Purse),
    ] {
        let (world, subject) = (World::new(), gb(90_123));
        world.set(&subject, level, 50.0, 1.0);
        assert!(!world.explain(&subject).is_allowed());
        let changes = world.guard.forgive(&world.secret, None, Channel::Sms, scope);
        world.tallies.add(&changes, NOW).unwrap();
        assert_eq!(world.sums(&subject, level), (0.0, 1.0));
        assert!(world.explain(&subject).is_allowed());
    }
    let world = World::new();
    for scope in [Scope::Tenant, Scope::Recipient(None), Scope::Block { prefix: 44, hidden: 5 }] {
        assert!(world.guard.forgive(&world.secret, None, Channel::Sms, scope).is_empty());
    }
}

#[test]
fn rejects_settings_out_of_range() {
    let guard = Guard::default;
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e10] {
        assert_eq!(guard().with_stake(bad).unwrap_err().setting(), "stake");
        assert!(guard().with_bases(Bases { ip: bad, ..Bases::DEFAULT }).is_err());
        let rule = Override::region(Region::GB, Treatment::Scale(bad), NOW);
        assert!(guard().with_override(rule).is_err());
    }
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(guard().with_vouched_base(bad).is_err());
        assert!(guard().with_caps(Caps { all: Some(bad), ..Caps::default() }).is_err());
    }
    assert!(guard().with_vouched_base(0.0).is_ok());
    assert!(guard().with_caps(Caps { all: Some(0.0), ..Caps::default() }).is_ok());
}

#[test]
fn fingerprints_distinguish_guards_and_policies() {
    let (guard, policy) = (Guard::default, Policy::default());
    let list = |text| Prices::from_csv(text).unwrap();
    let end = NOW + HOUR;
    let guards = [
        guard(),
        guard().with_stake(9.0).unwrap(),
        guard().with_vouched_base(9.0).unwrap(),
        guard().with_monitor(true),
        guard().with_shared_tallies(true),
        guard().with_bases(Bases { ip: 9.0, ..Bases::DEFAULT }).unwrap(),
        guard().with_caps(Caps { all: Some(9.0), ..Caps::default() }).unwrap(),
        guard().with_caps(Caps { tenant: Some(9.0), ..Caps::default() }).unwrap(),
        guard().with_override(Override::region(Region::GB, Treatment::Allow, end)).unwrap(),
        guard().with_override(Override::region(Region::GB, Treatment::Allow, end + MS)).unwrap(),
        guard().with_override(Override::prefix("+44".parse().unwrap(), Treatment::Allow, end)).unwrap(),
        guard().with_prices(list("region,channel,price\nGB,sms,0.04\n")),
        guard().with_prices(list("region,channel,price\nGB,sms,0.05\n")),
        guard().with_prices(Prices::from_fn(|_, _| 0.04)),
    ];
    let mut prints: Vec<_> = guards.iter().map(|guard| guard.fingerprint(&policy)).collect();
    let allowed = policy.allow(Channel::Sms, [Region::FR]).unwrap();
    let denied = policy.deny(Channel::Sms, [Region::FR]).unwrap();
    let kinds = policy.allow_unallocated(Channel::Sms, true).unwrap();
    let whatsapp = policy.allow(Channel::WhatsApp, [Region::FR]).unwrap();
    prints.extend([allowed, denied, kinds, whatsapp].iter().map(|policy| guard().fingerprint(policy)));
    for (place, print) in prints.iter().enumerate() {
        assert!(!prints[..place].contains(print), "{place}");
    }
    assert_eq!(guard().fingerprint(&policy), prints[0]);
    let ruling = World::new().explain(&gb(1)).with_fingerprint(prints[0]);
    assert_eq!(ruling.fingerprint(), prints[0]);
}

#[test]
fn one_type_of_ruling_for_policy_limits_and_guard() {
    use crate::policy::Reason;
    use crate::refusal::Refusal;
    use alloc::string::ToString;
    let policy = Ruling::policy(Reason::CountryDenied, Scope::Region(Some(Region::GB)));
    assert_eq!(policy.to_string(), "policy:country_denied for GB");
    assert_eq!((policy.retry_at(), policy.wire_name()), (None, "invalid_phone_number_country_code"));
    let limit = Ruling::limit(Refusal::CoolingDown { retry_at: NOW }, Scope::Recipient(None));
    assert_eq!(limit.to_string(), "limit:cooling_down for recipient");
    assert_eq!((limit.retry_at(), limit.may_vouch()), (Some(NOW), false));
    let world = World::new();
    world.set(&gb(1), Level::Block100, 10.0, 0.0);
    assert_eq!(world.explain(&gb(1)).wire_name(), "too_many_requests");
}
