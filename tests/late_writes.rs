//! Writes that arrive again long after their call has ended: they never revive a code that was
//! used, cancelled or forgotten.

use std::sync::Arc;
use std::time::Duration;

use countersign::{Challenge, Channel, Handle, Lifetime, Limits};
use countersign_tests::desk::{Desk, MINUTE, number, wrong};
use countersign_tests::engine::Engine;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::cases::cases;

#[derive(Clone, Debug)]
enum Op {
    Start,
    Resend,
    Right,
    Wrong,
    Cancel,
    Forget,
    Unlock,
    /// A copy of an earlier write arrives.
    Late(Index),
    /// A copy of the first write arrives.
    FirstAgain,
    Wait(u64),
}

struct World {
    desk: Desk<Arc<Engine>>,
    engine: Arc<Engine>,
    lifetime: Lifetime,
    /// The handle and the newest code of each challenge.
    sent: Vec<(Handle, String)>,
    /// Which of them must not pass any more.
    invalid: Vec<bool>,
}

impl World {
    fn new(limits: Limits, lifetime: Lifetime) -> Self {
        let engine = Arc::new(Engine::default());
        let desk = Desk::new(Arc::clone(&engine)).with(|verifier| verifier.with_limits(limits));
        engine.set_time(desk.now);
        Self { desk, engine, lifetime, sent: Vec::new(), invalid: Vec::new() }
    }

    fn run(&mut self, op: &Op) {
        let last = self.sent.last().cloned();
        match (op, last) {
            (Op::Start, _) => {
                let challenge = Challenge::new(number()).with_lifetime(self.lifetime);
                if let Ok(issued) = self.desk.at().start(&challenge, Channel::Sms) {
                    self.invalid.fill(true);
                    self.invalid.push(false);
                    self.sent.push((issued.handle(), issued.code().as_str().to_owned()));
                }
            }
            (Op::Forget, _) => {
                self.desk.at().forget(number()).unwrap();
                self.invalid.fill(true);
            }
            (Op::Unlock, _) => self.desk.at().unlock(number()).unwrap(),
            (Op::Late(write), _) => {
                if self.engine.writes() > 0 {
                    self.engine.arrives_again(write.index(self.engine.writes()));
                }
            }
            (Op::FirstAgain, _) => {
                if self.engine.writes() > 0 {
                    self.engine.arrives_again(0);
                }
            }
            (Op::Wait(millis), _) => {
                self.desk.now += millis;
                self.engine.set_time(self.desk.now);
            }
            (_, None) => {}
            (Op::Resend, Some((handle, _))) => {
                // A challenge that a late write revived may be sent a new code, which was never
                // invalid.
                if let Ok(issued) = self.desk.at().resend(number(), handle) {
                    *self.invalid.last_mut().unwrap() = false;
                    *self.sent.last_mut().unwrap() = (handle, issued.code().as_str().to_owned());
                }
            }
            (Op::Right, Some((handle, code))) => {
                if self.desk.at().check(number(), handle, &code).is_ok() {
                    assert!(!self.invalid.pop().unwrap(), "an invalid code passed");
                    self.invalid.push(true);
                }
            }
            (Op::Wrong, Some((handle, code))) => {
                let _ = self.desk.at().check(number(), handle, &wrong(&code, 0));
            }
            (Op::Cancel, Some((handle, _))) => {
                if self.desk.at().cancel(number(), handle).is_ok() {
                    self.invalid.fill(true);
                }
            }
        }
        for ((handle, code), invalid) in self.sent.iter().zip(&self.invalid) {
            let passes = *invalid && self.desk.at().check(number(), *handle, code).is_ok();
            assert!(!passes, "a code that was used, cancelled or forgotten passed");
        }
    }
}

fn limits(quotas: bool) -> Limits {
    let limits = Limits::default().with_cooldown(Duration::ZERO).unwrap();
    if quotas { limits } else { limits.with_send_quotas(&[]).unwrap() }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn late_writes_revive_no_code(
        quotas in any::<bool>(),
        minutes in select(&[1, 2, 10]),
        ops in vec(op(), 1..40),
    ) {
        let mut world = World::new(limits(quotas), Lifetime::from_minutes(minutes).unwrap());
        ops.iter().for_each(|op| world.run(op));
    }
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::Start),
        2 => Just(Op::Resend),
        5 => Just(Op::Right),
        3 => Just(Op::Wrong),
        3 => Just(Op::Cancel),
        4 => Just(Op::Forget),
        1 => Just(Op::Unlock),
        6 => any::<Index>().prop_map(Op::Late),
        3 => Just(Op::FirstAgain),
        3 => prop_oneof![0..MINUTE, 0..10 * MINUTE, 9 * MINUTE..12 * MINUTE, 0..100 * MINUTE]
            .prop_map(Op::Wait),
    ]
}

#[test]
fn a_used_code_stays_used_after_a_forget() {
    for wait in [0, 1, MINUTE, 9 * MINUTE, 10 * MINUTE - 1, 10 * MINUTE, 11 * MINUTE] {
        let mut world = World::new(limits(true), Lifetime::from_minutes(10).unwrap());
        for op in [Op::Start, Op::Right, Op::Forget, Op::Wait(wait), Op::FirstAgain] {
            world.run(&op);
        }
    }
}

#[test]
fn a_cancelled_code_stays_cancelled_without_quotas() {
    for wait in [0, 1, MINUTE, 9 * MINUTE, 10 * MINUTE - 1, 10 * MINUTE, 11 * MINUTE] {
        let mut world = World::new(limits(false), Lifetime::from_minutes(10).unwrap());
        for op in [Op::Start, Op::Cancel, Op::Wait(wait), Op::FirstAgain] {
            world.run(&op);
        }
    }
}

/// `forget` leaves a marker that something was there, and after ten minutes not even that.
#[test]
fn forget_marker_expires_after_ten_minutes() {
    let mut world = World::new(limits(true), Lifetime::DEFAULT);
    [Op::Start, Op::Wrong, Op::Forget].iter().for_each(|op| world.run(op));
    assert_eq!(world.desk.failures(), 0);
    world.run(&Op::Wait(11 * MINUTE));
    assert_eq!(world.engine.len(), 0);
    world.desk.at().forget(number()).unwrap();
    assert_eq!(world.engine.len(), 0, "forgetting an absent record leaves no marker");
}
