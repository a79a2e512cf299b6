//! Reports of failed deliveries, true or not.

use std::time::Duration;

use countersign::guard::{Charge, Guard};
use countersign::{Challenge, Purpose};
use countersign_tests::desk::refusal;

use super::super::answers::sums;
use super::super::scene::{Scene, number, spread};

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
