//! The time that a refusal names: the send is allowed then, and not before.

use std::time::Duration;

use countersign::guard::{Bases, Guard, Rule, Ruling};
use countersign::{Challenge, Channel, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use super::scene::{Scene, number, spread};
use crate::cases::cases;

const MS: Duration = Duration::from_millis(1);

#[derive(Clone, Copy, Debug)]
enum Act {
    Send,
    LogIn,
    Undelivered,
}

fn act() -> impl Strategy<Value = (u32, Act, u64)> {
    let act = prop_oneof![4 => Just(Act::Send), 2 => Just(Act::LogIn), 1 => Just(Act::Undelivered)];
    let place = prop_oneof![4 => 0..3_u32, 2 => 3..40_u32, 1 => 40..400_u32];
    let gap = prop_oneof![4 => 1..900_u64, 1 => 900..200_000_u64];
    (place, act, gap)
}

fn explained(scene: &mut Scene, now: Timestamp, challenge: &Challenge<'_>) -> Ruling {
    let then = core::mem::replace(&mut scene.now, now);
    let ruling = scene.at().explain(challenge, Channel::Sms).unwrap();
    scene.now = then;
    ruling
}

/// A block closes while its block of 10⁴ shields it from a closed region. When the small block opens
/// again, the shield is gone.
#[test]
fn the_time_of_a_refusal_counts_shields_that_end() {
    let mut bases = Bases::default();
    bases.block_100 = 1.5;
    let mut scene = Scene::new(Guard::default().with_bases(bases).unwrap().with_stake(0.2).unwrap());
    (1..5).for_each(|block| scene.log_in(number(1000 * block)));
    let closed = (0..40).find(|place| scene.send(spread(13 * place)).is_err());
    assert!(closed.is_some(), "the region is closed");
    (0..7).for_each(|block| drop(scene.sent(number(500 + 1000 * block))));
    let challenge = Challenge::new(number(501));
    let ruling = scene.refused(number(501));
    let rules: Vec<_> = ruling.matched().iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::Block100]);
    let (opens, retry_at) = (ruling.finding().unwrap().retry_at.unwrap(), ruling.retry_at().unwrap());
    assert!(opens < retry_at);
    assert_eq!(explained(&mut scene, opens, &challenge).rule(), Some(Rule::Region));
    assert_eq!(explained(&mut scene, retry_at - 2 * MS, &challenge).rule(), Some(Rule::Region));
    assert!(explained(&mut scene, retry_at, &challenge).is_allowed());
}

/// Decayed counts of a number are kept in steps, and what was read is rounded once more.
#[test]
fn the_time_of_a_number_that_was_sent_five_codes_is_late_enough() {
    let mut scene = Scene::new(Guard::default());
    (0..5).for_each(|_| drop(scene.sent(number(0))));
    for seconds in (0..20_000).step_by(7) {
        let now = scene.now + Duration::from_millis(1_013 * seconds);
        let challenge = Challenge::new(number(0)).with_known(true);
        let ruling = explained(&mut scene, now, &challenge);
        assert_eq!(ruling.rule(), Some(Rule::NumberUnanswered));
        let retry_at = ruling.finding().unwrap().retry_at.unwrap();
        let then = explained(&mut scene, retry_at, &challenge);
        assert!(then.matched().iter().all(|finding| finding.rule != Rule::NumberUnanswered), "{seconds}");
    }
}

proptest! {
    #![proptest_config(cases(400))]

    /// It may be allowed a little earlier: counts are stored in steps, and the time is computed
    /// from the counts as read. `src/guard/tests.rs` checks that it is no later than need be.
    #[test]
    fn a_refused_send_is_allowed_at_the_time_that_was_named(
        acts in vec(act(), 1..120),
        later in 0..100_000_u64,
        asked in 0..3_u32,
        is_poor: bool,
    ) {
        let guard = Guard::default().with_stake(if is_poor { 0.3 } else { 8.0 }).unwrap();
        let mut scene = Scene::new(guard);
        for (place, act, gap) in acts {
            scene.now = scene.now + Duration::from_millis(997 * gap);
            let to = if place < 40 { number(place) } else { spread(place - 40) };
            let Ok(issued) = scene.send(to) else { continue };
            match act {
                Act::Send => {}
                Act::LogIn => scene.answer(to, &issued),
                Act::Undelivered => scene.at().undelivered(to, issued.handle()).unwrap(),
            }
        }
        scene.now = scene.now + Duration::from_secs(later);
        let challenge = Challenge::new(number(asked));
        let now = scene.now;
        let ruling = explained(&mut scene, now, &challenge);
        if let Some(retry_at) = ruling.retry_at() {
            prop_assert!(retry_at > scene.now);
            let then = explained(&mut scene, retry_at, &challenge);
            prop_assert!(then.is_allowed(), "{} until {:?}: {} until {:?}", ruling, retry_at, then, then.retry_at());
        }
    }
}
