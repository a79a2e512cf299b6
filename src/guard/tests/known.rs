//! Known numbers, the caps of each number, and the vouched.

use super::level::Level;
use super::*;

/// Everything that can refuse a stranger does.
fn flood(world: &World, subject: &Subject) {
    for level in
        [Level::Block100, Level::Block1k, Level::Block10k, Level::Block1M, Level::Region, Level::Purse]
    {
        world.set(subject, level, 1_000.0, 0.0);
    }
    if !subject.tags.as_slice().is_empty() {
        world.set(subject, Level::Host(0), 1_000.0, 0.0);
    }
}

fn keyed(world: &World, subject: Subject) -> Subject {
    subject.with_tags(world.secret.tags(&[HostKey::account("a")], None, Channel::Sms).unwrap())
}

#[test]
fn known_numbers_are_never_refused_by_blocks_or_keys_and_charge_nothing() {
    let world = World::new();
    let subject = keyed(&world, gb(1));
    flood(&world, &subject);
    assert!(!world.explain(&subject).is_allowed());
    assert_eq!(world.explain(&subject.clone().with_known(true)).charge(), Some(Charge::Known));
    world.import(&subject);
    let before = world.sums(&subject, Level::Region);
    let receipt = world.sent(&subject);
    assert_eq!(receipt.last(), Some(Charge::Known));
    assert_eq!(world.sums(&subject, Level::Region), before);
    assert_eq!(world.memory(&subject).owed(), [0.0, 0.0]);
    world.answer(&subject, receipt);
    assert_eq!(world.sums(&subject, Level::Region), before);
}

#[test]
fn a_number_is_known_72_hours_after_its_first_verification() {
    let (mut world, subject) = (World::new(), gb(1));
    let receipt = world.sent(&subject);
    world.answer(&subject, receipt);
    for (after, charge) in [
        (Duration::ZERO, Charge::Purse),
        (72 * HOUR - MS, Charge::Purse),
        (72 * HOUR, Charge::Known),
        (180 * DAY, Charge::Known),
        (180 * DAY + MS, Charge::Purse),
    ] {
        world.now = NOW + after;
        // One answered code earns the region one send; the block of ten thousand too, for a while.
        let known = world.explain(&subject).charge() == Some(Charge::Known);
        assert_eq!(known, charge == Charge::Known, "{after:?}");
    }
}

#[test]
fn known_numbers_become_strangers_after_two_unanswered_sends() {
    let (mut world, subject) = (World::new(), gb(1));
    world.import(&subject);
    for charge in [Charge::Known, Charge::Known, Charge::Purse] {
        assert_eq!(world.send(&subject).charge(), Some(charge));
    }
    world.now = NOW + 5 * DAY;
    assert_eq!(world.explain(&subject).charge(), Some(Charge::Purse), "also when the sends were days ago");
    let receipt = Receipt::EMPTY.with(Charge::Purse);
    world.answer(&subject, receipt);
    assert_eq!(world.explain(&subject).charge(), Some(Charge::Known));
}

#[test]
fn known_numbers_have_fewer_than_three_sends_in_24_hours() {
    let (mut world, subject) = (World::new(), gb(1));
    world.import(&subject);
    for charge in [Charge::Known, Charge::Known, Charge::Known, Charge::Purse] {
        assert_eq!(world.explain(&subject).charge(), Some(charge));
        let receipt = world.sent(&subject);
        world.answer(&subject, receipt);
    }
    world.now = NOW + 48 * HOUR;
    assert_eq!(world.explain(&subject).charge(), Some(Charge::Known));
}

#[test]
fn any_number_gets_five_unanswered_sends_over_all_channels() {
    let (world, number) = (World::new(), number("+447700000001"));
    let (sms, whatsapp) = (Subject::new(number, Channel::Sms), Subject::new(number, Channel::WhatsApp));
    for subject in [&sms, &whatsapp, &sms, &whatsapp, &sms] {
        assert!(world.send(subject).is_allowed());
    }
    for subject in [&sms, &whatsapp, &sms.clone().with_known(true)] {
        let ruling = world.explain(subject);
        assert_eq!(ruling.rule(), Some(Rule::NumberUnanswered));
        assert!(!ruling.may_vouch());
    }
    assert_exact(&world, &whatsapp);
}

#[test]
fn any_number_gets_ten_sends_in_24_hours() {
    let (mut world, subject) = (World::new(), gb(1));
    world.now = NOW + 20 * HOUR;
    world.import(&subject);
    // From the fourth on they are a stranger's, and answers of the settled give nothing back.
    Level::BLOCKS.into_iter().for_each(|level| world.set(&subject, level, 0.0, 10.0));
    for _ in 0..10 {
        let receipt = world.sent(&subject);
        world.answer(&subject, receipt);
    }
    assert_eq!(world.explain(&subject).rule(), Some(Rule::NumberSends));
    assert_exact(&world, &subject);
    world.now = NOW + 25 * HOUR;
    assert_eq!(world.explain(&subject).rule(), Some(Rule::NumberSends));
    assert_exact(&world, &subject);
    world.now = NOW + 40 * HOUR;
    assert!(world.send(&subject).is_allowed());
}

#[test]
fn vouched_strangers_face_small_blocks_and_their_own_tally() {
    let world = World::new();
    let subject = gb(1);
    for level in [Level::Block10k, Level::Block1M, Level::Region, Level::Purse] {
        world.set(&subject, level, 1_000.0, 0.0);
    }
    assert!(world.explain(&subject).may_vouch());
    let vouched = subject.clone().with_vouched(true);
    assert_eq!(world.send(&vouched).charge(), Some(Charge::Vouched));
    assert_eq!(world.sums(&subject, Level::Block10k), (1_001.0, 0.0));
    assert_eq!(world.sums(&subject, Level::Region), (1_000.05, 0.0));
    assert_eq!(world.sums(&subject, Level::Purse), (1_000.0, 0.0));
    assert_eq!(world.sums(&subject, Level::Vouched), (0.05, 0.0));
    world.set(&subject, Level::Vouched, 14.95, 0.0);
    assert!(world.explain(&vouched).is_allowed());
    world.set(&subject, Level::Vouched, 14.96, 0.0);
    assert_eq!(world.explain(&vouched).rule(), Some(Rule::Vouched));
    assert!(!world.explain(&vouched).may_vouch());
    assert_exact(&world, &vouched);
    world.set(&subject, Level::Vouched, 14.96, 0.01);
    assert!(world.explain(&vouched).is_allowed());
    world.set(&subject, Level::Block1k, 6.0, 0.0);
    assert_eq!(world.explain(&vouched).rule(), Some(Rule::Block1000));
    assert!(!world.explain(&subject).may_vouch(), "a small block is not lifted");
}

#[test]
fn neither_shield_nor_vouching_covers_host_keys() {
    let world = World::new();
    let subject = keyed(&world, gb(1));
    world.set(&subject, Level::Block10k, 0.0, 100.0);
    for (unanswered, rule) in [(5.0, None), (5.5, Some(Rule::Account))] {
        world.set(&subject, Level::Host(0), unanswered, 0.0);
        assert_eq!(world.explain(&subject).rule(), rule);
        assert_eq!(world.explain(&subject.clone().with_vouched(true)).rule(), rule);
    }
    assert_exact(&world, &subject);
    world.set(&subject, Level::Block10k, 100.0, 0.0);
    assert!(!world.explain(&subject).may_vouch(), "vouching would not help");
}

#[test]
fn host_keys_have_the_bases_of_their_class() {
    let world = World::new();
    for (key, rule, base) in [
        (HostKey::ip("192.0.2.1".parse().unwrap()), Rule::Ip, 20.0),
        (HostKey::other("device", 3), Rule::Key, 3.0),
    ] {
        let subject = gb(1).with_tags(world.secret.tags(&[key], None, Channel::Sms).unwrap());
        world.set(&subject, Level::Host(0), base - 1.0, 0.0);
        assert!(world.explain(&subject).is_allowed());
        world.set(&subject, Level::Host(0), base, 0.0);
        assert_eq!(world.explain(&subject).rule(), Some(rule));
        world.set(&subject, Level::Host(0), base, 0.5);
        assert!(world.explain(&subject).is_allowed());
    }
}

#[test]
fn email_has_only_host_keys() {
    let world = World::new();
    let address: crate::EmailAddress = "ada@example.com".parse().unwrap();
    let tags = world.secret.tags(&[HostKey::account("a")], None, Channel::Email).unwrap();
    let subject = Subject::new(address, Channel::Email).with_tags(tags);
    assert_eq!(world.question(&subject).keys().len(), 2);
    for _ in 0..6 {
        assert!(world.send(&subject).is_allowed());
    }
    assert_eq!(world.explain(&subject).rule(), Some(Rule::Account));
    world.answer(&subject, Receipt::EMPTY.with(Charge::Stranger));
    assert_eq!(world.sums(&subject, Level::Host(0)), (0.0, 1.0));
}

#[test]
fn known_numbers_are_decided_by_their_memory_alone() {
    let (world, subject) = (World::new(), gb(1));
    let decide = |world: &World, subject: &Subject| {
        let question = world.guard.memory_question(&world.secret, subject);
        assert_eq!(question.keys(), &world.question(subject).keys()[..1]);
        let entry = Entry::Number(world.memory(subject));
        let read = world.tallies.read(question.keys(), world.now).unwrap();
        assert!(question.decide(&world.guard, &read, world.now).is_err(), "not without the tallies");
        question.decide_known(&world.guard, &entry, world.now)
    };
    assert_eq!(decide(&world, &subject), None);
    world.import(&subject);
    for _ in 0..2 {
        assert_eq!(decide(&world, &subject), Some(world.explain(&subject)));
        world.send(&subject);
    }
    assert_eq!(decide(&world, &subject), None);
    let caps = Caps { all: Some(1.0), ..Caps::default() };
    let capped = World::with(Guard::default().with_caps(caps).unwrap());
    capped.import(&subject);
    assert_eq!(decide(&capped, &subject), None, "spend is counted for everybody");
}
