//! Blocks, region and purse, and the order in which they are asked.

use super::level::Level;
use super::*;
use alloc::string::ToString;

/// What is unanswered just before each tally refuses, and just after.
fn assert_bound(level: Level, rule: Rule, weight: f64, base: f64) {
    for answered in [0.0, 3.0] {
        let world = World::new();
        let subject = gb(1);
        // Larger tallies would be asked first to refuse, or not at all.
        let most = base + 2.0 * answered - weight;
        world.set(&subject, level, most, answered);
        let others: alloc::vec::Vec<_> = world.explain(&subject).matched().to_vec();
        assert!(others.is_empty(), "{others:?}");
        world.set(&subject, level, most + 0.001, answered);
        let ruling = world.explain(&subject);
        assert_eq!(ruling.rule(), Some(rule));
        let finding = ruling.finding().unwrap();
        assert_eq!((finding.answered, finding.allowance), (answered, base + 2.0 * answered));
        assert_exact(&world, &subject);
    }
}

#[test]
fn each_tally_refuses_past_its_base_plus_twice_its_answers() {
    assert_bound(Level::Block100, Rule::Block100, 1.0, 5.0);
    assert_bound(Level::Block1k, Rule::Block1000, 1.0, 6.0);
    assert_bound(Level::Block10k, Rule::Block10000, 1.0, 7.0);
    assert_bound(Level::Block1M, Rule::Block1000000, 1.0, 16.0);
    assert_bound(Level::Region, Rule::Region, 0.05, 8.0);
}

#[test]
fn pace_bounds_blocks_even_if_everybody_answers() {
    for (level, rule, most) in [
        (Level::Block100, Rule::Pace100, 100.0),
        (Level::Block1k, Rule::Pace1000, 100.0),
        (Level::Block10k, Rule::Pace10000, 120.0),
    ] {
        let (world, subject) = (World::new(), gb(1));
        world.set(&subject, level, 9.0, most - 10.0);
        assert!(world.explain(&subject).is_allowed());
        world.set(&subject, level, 9.0, most - 9.9);
        assert_eq!(world.explain(&subject).rule(), Some(rule));
        assert_exact(&world, &subject);
    }
}

#[test]
fn the_smallest_block_wins_and_all_matches_are_listed() {
    let (world, subject) = (World::new(), gb(90_123));
    for level in [Level::Block1M, Level::Block10k, Level::Block100] {
        world.set(&subject, level, 50.0, 0.0);
    }
    let ruling = world.explain(&subject);
    let rules: alloc::vec::Vec<_> = ruling.matched().iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::Block100, Rule::Block10000, Rule::Block1000000]);
    let scopes: alloc::vec::Vec<_> =
        ruling.matched().iter().map(|finding| finding.scope.to_string()).collect();
    assert_eq!(scopes, ["+4477000901xx", "+44770009xxxx", "+447700xxxxxx"]);
    assert_eq!(
        ruling.to_string(),
        "guard:block_100 for +4477000901xx: 50.00 unanswered, 0.00 answered, 5.00 allowed"
    );
    assert_eq!(ruling.retry_at(), ruling.matched()[0].retry_at, "the last of them");
    assert_exact(&world, &subject);
}

#[test]
fn earned_blocks_shield_from_larger_blocks_region_and_purse() {
    for shield in [Level::Block10k, Level::Block1M] {
        let (world, subject) = (World::new(), gb(1));
        world.set(&subject, Level::Region, 500.0, 0.0);
        world.set(&subject, Level::Purse, 500.0, 0.0);
        if shield == Level::Block10k {
            world.set(&subject, Level::Block1M, 500.0, 0.0);
        }
        assert!(!world.explain(&subject).is_allowed());
        world.set(&subject, shield, 1.0, 0.9);
        assert!(!world.explain(&subject).is_allowed(), "not earned yet");
        world.set(&subject, shield, 1.0, 1.0);
        assert_eq!(world.send(&subject).charge(), Some(Charge::Stranger));
        assert_eq!(world.sums(&subject, Level::Region), (500.05, 0.0), "still charged");
        assert_eq!(world.sums(&subject, Level::Purse), (500.0, 0.0));
        assert_eq!(world.sums(&subject, shield), (2.0, 1.0));
    }
}

#[test]
fn blocks_below_ten_thousand_do_not_shield() {
    let (world, subject) = (World::new(), gb(1));
    world.set(&subject, Level::Block100, 0.0, 20.0);
    world.set(&subject, Level::Block1k, 0.0, 20.0);
    world.set(&subject, Level::Block10k, 10.0, 0.0);
    assert_eq!(world.explain(&subject).rule(), Some(Rule::Block10000));
}

#[test]
fn regions_that_have_not_earned_their_traffic_share_a_purse() {
    let (world, subject) = (World::new(), gb(1));
    world.set(&subject, Level::Purse, 11.95, 0.0);
    assert_eq!(world.explain(&subject).charge(), Some(Charge::Purse), "1.5 stakes");
    world.set(&subject, Level::Purse, 11.96, 0.0);
    assert_eq!(world.explain(&subject).rule(), Some(Rule::Purse));
    assert_exact(&world, &subject);
    world.set(&subject, Level::Purse, 11.96, 1.0);
    assert!(world.explain(&subject).is_allowed(), "and 3 % of what was answered");
    world.set(&subject, Level::Purse, 500.0, 0.0);
    world.set(&subject, Level::Region, 1.0, 0.525);
    assert_eq!(world.explain(&subject).charge(), Some(Charge::Stranger), "an earned region draws nothing");
    world.set(&subject, Level::Region, 1.0, 0.524);
    assert_eq!(world.explain(&subject).rule(), Some(Rule::Purse));
}

#[test]
fn a_send_charges_every_tally_that_covers_it() {
    let world = World::new();
    let subject = gb(1).with_tags(world.secret.tags(&[HostKey::account("a")], None, Channel::Sms).unwrap());
    assert_eq!(world.send(&subject).charge(), Some(Charge::Purse));
    for level in [Level::Block100, Level::Block1k, Level::Block10k, Level::Block1M, Level::Host(0)] {
        assert_eq!(world.sums(&subject, level), (1.0, 0.0), "{level:?}");
    }
    assert_eq!(world.sums(&subject, Level::Region), (0.05, 0.0));
    assert_eq!(world.sums(&subject, Level::Purse), (0.05, 0.0));
    assert_eq!(world.sums(&subject, Level::Vouched), (0.0, 0.0));
    assert_eq!(world.memory(&subject).owed(), [1.0, 0.0]);
}

#[test]
fn a_refusal_charges_nothing() {
    let (world, subject) = (World::new(), gb(1));
    world.set(&subject, Level::Block100, 5.0, 0.0);
    assert!(world.question(&subject).sent(&world.explain(&subject)).is_empty());
}

#[test]
fn channels_and_tenants_have_separate_tallies_unless_shared() {
    use crate::keys::TenantId;
    let tenant = |byte| TenantId::from_bytes([byte; 16]);
    for shared in [false, true] {
        let world = World::with(Guard::default().with_shared_tallies(shared));
        let first = gb(1).with_tenant(tenant(1));
        world.set(&first, Level::Block100, 50.0, 0.0);
        world.set(&first, Level::Purse, 50.0, 0.0);
        assert!(!world.explain(&first).is_allowed());
        let second = world.explain(&gb(1).with_tenant(tenant(2)));
        assert_eq!(second.is_allowed(), !shared);
        let whatsapp = Subject::new(number("+447700000001"), Channel::WhatsApp).with_tenant(tenant(1));
        assert_eq!(world.explain(&whatsapp).rule(), Some(Rule::Purse), "the purse spans channels");
    }
}

#[test]
fn decay_is_the_half_open_probe() {
    let (mut world, subject) = (World::new(), gb(1));
    world.set(&subject, Level::Block10k, 12.0, 0.0);
    assert_eq!(world.explain(&subject).retry_at(), Some(NOW + DAY + MS));
    world.now = NOW + DAY + MS;
    assert!(world.send(&subject).is_allowed());
    assert!(!world.explain(&gb(2)).is_allowed(), "one at a time");
}

#[test]
fn a_clock_that_jumps_back_decays_nothing() {
    let (mut world, subject) = (World::new(), gb(1));
    world.set(&subject, Level::Block10k, 6.5, 0.0);
    let retry_at = world.explain(&subject).retry_at();
    for now in [NOW - 300 * DAY, Timestamp::EPOCH] {
        world.now = now;
        assert!(!world.explain(&subject).is_allowed());
        assert_eq!(world.explain(&subject).retry_at(), retry_at);
    }
}

#[test]
fn sends_above_the_stake_are_never_allowed_and_free_ones_always_fit_the_region() {
    let prices = |price| Guard::default().with_prices(Prices::from_fn(move |_, _| price));
    let world = World::with(prices(8.01));
    assert_eq!(world.explain(&gb(1)).rule(), Some(Rule::Region));
    assert_eq!(world.explain(&gb(1)).retry_at(), None);
    let world = World::with(prices(8.0));
    assert!(world.explain(&gb(1)).is_allowed());
    world.set(&gb(1), Level::Region, 1e-9, 0.0);
    assert_eq!(world.explain(&gb(1)).retry_at(), Some(NOW + crate::store::KEPT_FOR), "as the tally expires");
    let world = World::with(prices(0.0));
    world.set(&gb(1), Level::Region, 7.0, 0.0);
    world.set(&gb(1), Level::Purse, 12.0, 0.0);
    assert!(world.explain(&gb(1)).is_allowed());
}

#[test]
fn entries_of_other_keys_are_an_error() {
    let (world, subject) = (World::new(), gb(1));
    let question = world.question(&subject);
    let decide = |entries: &crate::store::Entries| question.decide(&world.guard, entries, NOW).unwrap_err();
    let fewer = world.tallies.read(&question.keys()[1..], NOW).unwrap();
    assert_eq!(decide(&fewer), crate::store::EntryError::Length);
    let mut reversed = alloc::vec::Vec::from(question.keys());
    reversed.reverse();
    assert_eq!(decide(&world.tallies.read(&reversed, NOW).unwrap()), crate::store::EntryError::Kind);
}
