//! Answers and failed deliveries: what they give back, and how often.

use countersign::guard::{Charge, Guard, Rule};
use countersign::store::{Effect, NumberChange};
use countersign::{Challenge, Refusal};
use countersign_tests::desk::{refusal, wrong};

use super::scene::{DAY, HOUR, Scene, number, spread};

/// The sums that the adds since the last look changed: u and a in all, without the memory.
pub(super) fn sums(scene: &Scene) -> (f64, f64) {
    let changes = scene.store.added().concat();
    changes.iter().fold((0.0, 0.0), |(u, a), change| match change.effect() {
        Effect::Sums { unanswered, answered } => (u + unanswered, a + answered),
        Effect::Number(_) => (u, a),
    })
}

#[test]
fn answered_codes_pay_for_unanswered_ones() {
    let mut scene = Scene::new(Guard::default());
    (0..20).for_each(|last| scene.log_in(number(last)));
    // 20 answered: 40 and the base of 5 may be unanswered.
    (20..65).for_each(|last| drop(scene.sent(number(last))));
    assert_eq!(scene.rule(number(65)), Rule::Block100);
}

#[test]
fn only_the_first_answer_earns() {
    let mut scene = Scene::new(Guard::default());
    scene.log_in(number(0));
    let (unanswered, answered) = sums(&scene);
    assert!(unanswered.abs() < 1e-9 && answered > 4.0, "the charge is back, and it earned");
    for hours in 0..3 {
        scene.later(hours * HOUR);
        scene.log_in(number(0));
        let (unanswered, answered) = sums(&scene);
        assert!(unanswered.abs() < 1e-9 && answered == 0.0, "the charge is back, no more");
    }
}

#[test]
fn wrong_and_superseded_codes_give_nothing_back() {
    let mut scene = Scene::new(Guard::default());
    let first = scene.sent(number(0));
    let second = scene.at().resend(number(0), first.handle()).unwrap();
    scene.store.added();
    for entry in [wrong(second.code().as_str(), 0), first.code().as_str().to_owned()] {
        refusal(scene.at().check(number(0), first.handle(), &entry));
        assert!(scene.store.added().is_empty());
    }
}

#[test]
fn a_failed_delivery_takes_its_charge_back_once() {
    let mut scene = Scene::new(Guard::default());
    let first = scene.sent(number(0));
    let (charged, _) = sums(&scene);
    scene.at().undelivered(number(0), first.handle()).unwrap();
    assert_eq!(sums(&scene), (-charged, 0.0));
    scene.at().undelivered(number(0), first.handle()).unwrap();
    assert_eq!(sums(&scene), (0.0, 0.0), "the second report takes nothing back");
    let _ = scene.at().resend(number(0), first.handle()).unwrap();
    scene.store.added();
    scene.at().undelivered(number(0), first.handle()).unwrap();
    assert_eq!(sums(&scene), (-charged, 0.0), "each send has its own charge");
}

#[test]
fn an_earlier_sends_charge_is_not_taken_back_for_the_last_one() {
    let mut scene = Scene::new(Guard::default());
    let first = scene.sent(number(0));
    let _ = scene.at().resend(number(0), first.handle()).unwrap();
    scene.store.added();
    (0..3).for_each(|_| scene.at().undelivered(number(0), first.handle()).unwrap());
    assert_eq!(scene.store.sends(), -1);
}

#[test]
fn nothing_is_taken_back_after_an_answer() {
    let mut scene = Scene::new(Guard::default());
    let issued = scene.sent(number(0));
    scene.answer(number(0), &issued);
    scene.store.added();
    let reported = scene.at().undelivered(number(0), issued.handle());
    assert!(reported.is_ok() || matches!(refusal(reported), Refusal::AlreadyUsed));
    assert!(scene.store.added().is_empty());
}

#[test]
fn numbers_become_known_after_three_days() {
    let mut scene = Scene::new(Guard::default());
    scene.log_in(number(5));
    scene.later(2 * DAY);
    assert!(scene.sent(number(5)).ruling().unwrap().charge().unwrap().is_charged());
    scene.later(DAY);
    (10..30).for_each(|last| drop(scene.send(number(last))));
    assert_eq!(scene.rule(number(30)), Rule::Block100);
    assert_eq!(scene.sent(number(5)).ruling().unwrap().charge(), Some(Charge::Known));
}

#[test]
fn forgetting_a_recipient_mints_no_trust() {
    let mut scene = Scene::new(Guard::default());
    scene.log_in(number(0));
    sums(&scene);
    for _ in 0..3 {
        scene.at().forget(number(0)).unwrap();
        assert_eq!(sums(&scene), (0.0, 0.0));
        scene.log_in(number(0));
        let (unanswered, answered) = sums(&scene);
        assert!(unanswered.abs() < 1e-9 && answered == 0.0, "it earned already");
    }
}

#[test]
fn an_answer_to_a_known_recipient_changes_its_memory_alone() {
    let mut scene = Scene::new(Guard::default());
    let challenge = Challenge::new(spread(0)).with_known(true);
    let issued = scene.sent(&challenge);
    assert_eq!(scene.store.added().concat().len(), 1);
    scene.answer(&challenge, &issued);
    let [change] = scene.store.added().concat()[..] else { panic!("one change") };
    assert_eq!(change.effect(), Effect::Number(NumberChange::verified(scene.now)));
}
