//! Sends: what is refused, by which rule, and what a refusal leaves alone.

use core::net::Ipv4Addr;

use countersign::error::Fault;
use countersign::guard::{Charge, Guard, HostKey, Rule};
use countersign::{Challenge, Channel, EmailAddress, Error, Limits, SendQuota};
use std::time::Duration;

use super::scene::{DAY, HOUR, Scene, number, ruling, spread};

fn network(last: u8) -> HostKey {
    HostKey::ip(Ipv4Addr::new(192, 0, last, 1).into())
}

#[test]
fn a_block_closes_and_opens_again_at_the_time_that_was_said() {
    let mut scene = Scene::new(Guard::default());
    let next = scene.close_a_block();
    let ruling = scene.refused(next);
    let finding = ruling.finding().unwrap();
    assert_eq!(finding.scope.to_string(), "+121255500xx");
    assert_eq!((finding.unanswered, finding.answered, finding.allowance), (5.0, 0.0, 5.0));
    assert_eq!(
        ruling.to_string(),
        "guard:block_100 for +121255500xx: 5.00 unanswered, 0.00 answered, 5.00 allowed"
    );
    assert!(!ruling.may_vouch(), "10² is never lifted");
    let retry_at = ruling.retry_at().unwrap();
    scene.now = retry_at - Duration::from_millis(1);
    assert_eq!(scene.rule(next), Rule::Block100);
    scene.now = retry_at;
    let _ = scene.sent(next);
}

#[test]
fn a_refusal_has_the_names_of_a_limit() {
    let mut scene = Scene::new(Guard::default());
    let next = scene.close_a_block();
    let error = scene.send(next).unwrap_err();
    assert_eq!((error.wire_name(), error.as_str(), error.number()), ("too_many_requests", "block_100", 504));
    assert_eq!(error.retry_at(), ruling(scene.send(next)).retry_at());
    assert_ne!(ruling(Err::<(), _>(error)).fingerprint().to_string(), "0000000000000000");
}

#[test]
fn a_refusal_writes_nothing_and_leaves_the_running_code_good() {
    let mut scene = Scene::new(Guard::default());
    let issued = scene.sent(number(0));
    (1..5).for_each(|last| drop(scene.sent(number(last))));
    let (records, adds) = (scene.store.records.len(), scene.store.added().len());
    assert_eq!((records, adds), (5, 5));
    let calls = scene.store.records.calls.get();
    assert_eq!(scene.rule(number(0)), Rule::Block100);
    assert_eq!(scene.rule(number(7)), Rule::Block100);
    assert_eq!((scene.store.records.len(), scene.store.added().len()), (5, 0));
    assert_eq!(scene.store.records.calls.get() - calls, 2, "one read each, and no write");
    scene.answer(number(0), &issued);
}

#[test]
fn limits_come_before_the_guard() {
    let quota = SendQuota::new(1, DAY).unwrap();
    let mut scene = Scene::new(Guard::default()).with(|verifier| {
        let limits = Limits::default().with_cooldown(Duration::ZERO).unwrap();
        verifier.with_limits(limits.with_send_quotas(&[quota]).unwrap())
    });
    let _ = scene.sent(number(0));
    scene.store.added();
    assert!(matches!(scene.send(number(0)), Err(Error::Refused(_))));
    assert!(scene.store.added().is_empty());
}

#[test]
fn a_number_gets_five_unanswered_sends() {
    let mut scene = Scene::new(Guard::default());
    for _ in 0..3 {
        scene.log_in(number(0));
    }
    scene.later(4 * DAY);
    for place in 0..5 {
        let issued = scene.sent(number(0));
        let charge = issued.ruling().unwrap().charge().unwrap();
        assert_eq!(charge == Charge::Known, place < 2, "send {place}: {charge:?}");
    }
    assert_eq!(scene.rule(number(0)), Rule::NumberUnanswered);
}

#[test]
fn host_keys_are_counted_for_strangers() {
    let mut scene = Scene::new(Guard::default());
    let challenge = |place| Challenge::new(spread(place)).with_key(HostKey::account("ada"));
    (0..6).for_each(|place| drop(scene.sent(challenge(place))));
    let ruling = scene.refused(challenge(6));
    assert_eq!(ruling.rule(), Some(Rule::Account));
    assert!(!ruling.may_vouch(), "vouching does not lift keys");
    assert!(scene.send(spread(6)).is_ok(), "without the key");
    assert!(scene.send(challenge(7).with_known(true)).is_ok(), "a known recipient");
}

#[test]
fn a_resend_is_counted_by_the_keys_of_its_challenge() {
    let mut scene = Scene::new(Guard::default());
    let own = |place| Challenge::new(spread(place)).with_key(HostKey::other("campaign", 3));
    let issued = scene.sent(own(0));
    // The host passes no key, or another one: the record knows better.
    for resend in [Challenge::new(spread(0)), Challenge::new(spread(0)).with_key(network(1))] {
        let _ = scene.at().resend(resend, issued.handle()).unwrap();
    }
    assert_eq!(scene.rule(own(1)), Rule::Key, "three of three are used up");
    assert_eq!(ruling(scene.at().resend(spread(0), issued.handle())).rule(), Some(Rule::Key));
    let mut other = Scene::new(Guard::default());
    let issued = other.sent(own(0));
    other.store.reads.take();
    let _ = other.at().resend(own(0), issued.handle()).unwrap();
    assert_eq!(other.store.reads.take().len(), 1, "with the same keys, one round trip");
    let _ = other.at().resend(spread(0), issued.handle()).unwrap();
    assert_eq!(other.store.reads.take().len(), 2, "else one more");
}

#[test]
fn a_resend_is_charged_by_the_channel_of_its_challenge() {
    let mut scene = Scene::new(Guard::default()).with(|verifier| verifier.with_policy(whatsapp()));
    let issued = scene.at().start(number(0), Channel::WhatsApp).unwrap();
    (0..4).for_each(|_| drop(scene.at().resend(number(0), issued.handle()).unwrap()));
    assert_eq!(ruling(scene.at().start(number(1), Channel::WhatsApp)).rule(), Some(Rule::Block100));
    let _ = scene.sent(number(1));
}

fn whatsapp() -> countersign::Policy {
    countersign::Policy::default().allow(Channel::WhatsApp, [countersign::Region::US]).unwrap()
}

#[test]
fn a_device_token_makes_its_holder_known() {
    let mut scene = Scene::new(Guard::default());
    let issued = scene.sent(number(5));
    let handle = issued.handle();
    let verified = scene.at().check(number(5), handle, issued.code().as_str()).unwrap();
    let token = scene.at().device_token(&verified).unwrap();
    scene.later(HOUR);
    // Answered codes pay for twice as many: 5 + 2 less what decayed.
    let closed = (10..30).find(|last| scene.send(number(*last)).is_err());
    assert!(closed.is_some(), "the block is closed");
    assert_eq!(scene.rule(number(5)), Rule::Block100, "not yet known by its memory");
    let by_device = scene.sent(Challenge::new(number(5)).with_device(token));
    assert_eq!(by_device.ruling().unwrap().charge(), Some(Charge::Known));
}

#[test]
fn vouched_strangers_pass_where_larger_blocks_are_closed() {
    let mut scene = Scene::new(Guard::default());
    // Seven blocks of 10³ in one block of 10⁴.
    (0..7).for_each(|block| drop(scene.sent(number(1000 * block))));
    let ruling = scene.refused(number(8000));
    assert_eq!((ruling.rule(), ruling.may_vouch()), (Some(Rule::Block10000), true));
    let vouched = Challenge::new(number(8000)).with_vouched();
    let issued = scene.sent(&vouched);
    assert_eq!(issued.ruling().unwrap().charge(), Some(Charge::Vouched));
    // The check that the person passed holds for the challenge.
    let again = scene.at().resend(number(8000), issued.handle()).unwrap();
    scene.answer(number(8000), &again);
}

#[test]
fn a_ninth_host_key_is_an_error_that_says_so() {
    let mut scene = Scene::new(Guard::default());
    let eight = (0..8).fold(Challenge::new(number(0)), |one, last| one.with_key(network(last)));
    let again = eight.clone().with_key(network(3));
    let nine = eight.clone().with_key(network(8));
    assert!(scene.send(eight).is_ok());
    assert!(scene.send(again).is_ok(), "the same key counts once");
    let error = scene.send(nine).unwrap_err();
    assert!(matches!(error, Error::Fault(Fault::TooManyHostKeys)));
    assert_eq!(error.to_string(), "a challenge has at most 8 host keys");
}

#[test]
fn email_has_host_keys_only() {
    let mut scene = Scene::new(Guard::default());
    let to = |name: u32| {
        let address: EmailAddress = format!("person{name}@example.com").parse().unwrap();
        Challenge::new(address).with_key(HostKey::account("ada"))
    };
    for name in 0..6 {
        let _ = scene.at().start(to(name), Channel::Email).unwrap();
    }
    assert_eq!(ruling(scene.at().start(to(6), Channel::Email)).rule(), Some(Rule::Account));
}

#[test]
fn a_known_number_reads_one_tally_where_reads_are_local() {
    let mut scene = Scene::local(Guard::default());
    let challenge = Challenge::new(number(0)).with_known(true).with_key(network(1));
    let _ = scene.sent(&challenge);
    assert_eq!(scene.store.reads.take(), [1]);
    let _ = scene.sent(number(1));
    let reads = scene.store.reads.take();
    assert_eq!(reads[0], 1);
    assert!(reads.len() == 2 && reads[1] > 6, "{reads:?}");
}
