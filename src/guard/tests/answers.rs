//! What answers, undelivered sends and imports change.

use super::level::Level;
use super::*;

const BLOCKS: [Level; 4] = Level::BLOCKS;

fn keyed(world: &World, subject: Subject) -> Subject {
    subject.with_tags(world.secret.tags(&[HostKey::account("a")], None, Channel::Sms).unwrap())
}

fn assert_near(one: (f64, f64), two: (f64, f64), what: impl core::fmt::Debug) {
    assert!((one.0 - two.0).abs() < 1e-3 && (one.1 - two.1).abs() < 1e-9, "{one:?} {two:?} {what:?}");
}

#[test]
fn first_answer_refunds_owed_sends_and_earns() {
    let mut world = World::new();
    let subject = keyed(&world, gb(1));
    let neighbour = keyed(&world, gb(2));
    world.send(&neighbour);
    world.send(&subject);
    world.now = NOW + DAY;
    let receipt = world.sent(&subject);
    // The neighbour's 0.5; 0.5 and 1 are given back.
    world.answer(&subject, receipt);
    for level in BLOCKS.into_iter().chain([Level::Host(0)]) {
        assert_near(world.sums(&subject, level), (0.5, 1.0), level);
    }
    for level in [Level::Region, Level::Purse] {
        assert_near(world.sums(&subject, level), (0.025, 0.05), level);
    }
    assert_eq!(world.memory(&subject).first_verified(), Some(world.now));
}

#[test]
fn first_answer_refunds_the_purse_only_for_sends_that_drew_on_it() {
    let (world, subject) = (World::new(), gb(1));
    world.set(&subject, Level::Purse, 3.0, 0.0);
    world.set(&subject, Level::Block10k, 0.0, 10.0);
    let receipt = world.sent(&subject);
    assert_eq!(receipt.last(), Some(Charge::Stranger));
    world.answer(&subject, receipt);
    assert_eq!(world.sums(&subject, Level::Purse), (3.0, 0.05));
    assert_eq!(world.sums(&subject, Level::Region), (0.0, 0.05));
    assert_eq!(world.sums(&subject, Level::Vouched), (0.0, 0.0));
}

#[test]
fn answers_within_72_hours_refund_their_own_send_and_later_ones_nothing() {
    let (mut world, subject) = (World::new(), gb(1));
    let receipt = world.sent(&subject);
    world.answer(&subject, receipt);
    let earned = world.sums(&subject, Level::Block100);
    world.send(&subject);
    let receipt = world.sent(&subject);
    world.answer(&subject, receipt);
    assert_eq!(world.sums(&subject, Level::Block100), (1.0, earned.1), "one of two, and nothing is earned");
    world.now = NOW + 72 * HOUR;
    // Three sends at once, so that the last is a stranger's.
    let receipts: [Receipt; 4] = core::array::from_fn(|_| world.sent(&subject));
    let charged = receipts[3].last();
    assert!(charged.is_some_and(Charge::is_charged));
    let before = world.sums(&subject, Level::Block100);
    world.answer(&subject, receipts[3]);
    assert_eq!(world.sums(&subject, Level::Block100), before);
}

#[test]
fn answers_refund_no_sends_by_other_channels() {
    let (world, number) = (World::new(), number("+447700000001"));
    let (sms, whatsapp) = (Subject::new(number, Channel::Sms), Subject::new(number, Channel::WhatsApp));
    world.send(&sms);
    world.set(&whatsapp, Level::Region, 3.0, 0.0);
    let receipt = world.sent(&whatsapp);
    world.answer(&whatsapp, receipt);
    assert_near(world.sums(&whatsapp, Level::Region), (3.0, 0.05), "its own send alone");
    assert_eq!(world.sums(&sms, Level::Region), (0.05, 0.0));
}

#[test]
fn answers_refund_no_uncharged_sends() {
    let (world, subject) = (World::new(), gb(1));
    let known = subject.clone().with_known(true);
    world.send(&known);
    world.send(&known);
    world.set(&subject, Level::Block100, 3.0, 0.0);
    let receipt = world.sent(&subject);
    world.answer(&subject, receipt);
    assert_eq!(world.sums(&subject, Level::Block100), (3.0, 1.0));
}

#[test]
fn answers_of_numbers_known_to_the_host_earn_nothing() {
    let (world, subject) = (World::new(), gb(1).with_known(true));
    let receipt = world.sent(&subject);
    world.answer(&subject, receipt);
    assert_eq!(world.sums(&subject, Level::Block100), (0.0, 0.0));
    assert!(world.memory(&subject).first_verified().is_some());
}

#[test]
fn undelivered_sends_are_refunded_once() {
    let world = World::new();
    let subject = keyed(&world, gb(1));
    let mut receipt = world.sent(&subject).with(world.send(&subject).charge().unwrap());
    for _ in 0..3 {
        if let Some(charge) = receipt.take_last() {
            world.undelivered(&subject, charge);
        }
        assert_eq!(world.sums(&subject, Level::Block100), (1.0, 0.0));
        assert_eq!(world.sums(&subject, Level::Host(0)), (1.0, 0.0));
        assert_near(world.sums(&subject, Level::Purse), (0.05, 0.0), "purse");
        assert_eq!((world.memory(&subject).unanswered(), world.memory(&subject).owed()), (1, [1.0, 0.0]));
        assert_eq!(world.memory(&subject).sends_in_24h(world.now), 2.0);
    }
    world.answer(&subject, receipt);
    assert_eq!(world.sums(&subject, Level::Block100), (0.0, 1.0));
}

#[test]
fn late_reports_refund_the_decayed_charge() {
    let (mut world, subject) = (World::new(), gb(1));
    world.send(&gb(2));
    let receipts: [Receipt; 2] = core::array::from_fn(|_| world.sent(&subject));
    world.now = NOW + DAY;
    receipts.iter().for_each(|receipt| world.undelivered(&subject, receipt.last().unwrap()));
    assert_near(world.sums(&subject, Level::Block100), (0.5, 0.0), "the neighbour's is left");
}

#[test]
fn answers_of_vouched_strangers_refund_their_tally() {
    let (world, subject) = (World::new(), gb(1).with_vouched(true));
    let receipt = world.sent(&subject);
    assert_eq!(world.sums(&subject, Level::Vouched), (0.05, 0.0));
    world.answer(&subject, receipt);
    assert_eq!(world.sums(&subject, Level::Vouched), (0.0, 0.05));
    assert_eq!(world.sums(&subject, Level::Purse), (0.0, 0.05));
}

#[test]
fn imported_numbers_are_known_and_their_answers_change_no_tally() {
    let (world, subject) = (World::new(), gb(1));
    world.import(&subject);
    let memory = world.memory(&subject);
    assert_eq!((memory.first_verified(), memory.last_verified()), (Some(NOW - 30 * DAY), Some(NOW)));
    let receipt = world.sent(&subject);
    world.answer(&subject, receipt);
    assert_eq!(world.sums(&subject, Level::Block100), (0.0, 0.0));
}

#[test]
fn import_keeps_an_earlier_first_verification() {
    let (mut world, subject) = (World::new(), gb(1));
    world.import(&subject);
    world.now = NOW + 100 * DAY;
    world.import(&subject);
    assert_eq!(world.memory(&subject).first_verified(), Some(NOW - 30 * DAY));
}

#[test]
fn refunds_use_the_price_at_the_time_of_the_answer() {
    let mut world = World::with(Guard::default().with_prices(Prices::from_fn(|_, _| 0.10)));
    let subject = gb(1);
    let receipt = world.sent(&subject);
    world.guard = world.guard.with_prices(Prices::from_fn(|_, _| 0.04));
    world.answer(&subject, receipt);
    assert_near(
        world.sums(&subject, Level::Region),
        (0.06, 0.04),
        "the dearer send is not given back in full",
    );
}
