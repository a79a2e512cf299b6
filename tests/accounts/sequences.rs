//! Any sequence of calls by servers with differing clocks, against plain counts. A success clears
//! its own factor's failures only. Removing and enrolling an authenticator, new recovery codes, new
//! recipients, new devices and rotated keys refill nothing. Budgets never run backwards.

use std::collections::BTreeSet;
use std::time::Duration;

use countersign::Limits;
use countersign_tests::desk::{DAY, HOUR, MINUTE};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::world::{Answer, Entry, Op, World};
use crate::cases::cases;

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn random_calls_match_the_ledger(
        limits in limits(),
        ahead in clocks(),
        seed in any::<u64>(),
        ops in vec(op(), 1..80),
    ) {
        run(limits, &ahead, seed, &ops);
    }
}

/// The sequences are worthwhile: in a few dozen of them, every answer occurs.
#[test]
fn random_calls_reach_every_answer() {
    let mut runner = TestRunner::deterministic();
    let story = (limits(), clocks(), any::<u64>(), vec(op(), 40..80));
    let mut answers = BTreeSet::new();
    for _ in 0..60 {
        let (limits, ahead, seed, ops) = story.new_tree(&mut runner).unwrap().current();
        let world = run(limits, &ahead, seed, &ops);
        answers.extend(world.answers.iter().map(|answer| match answer {
            Answer::Wrong { is_closed, lock, .. } => format!("wrong {is_closed} {}", lock.is_some()),
            Answer::Locked(lock) => format!("locked {}", lock.until().is_some()),
            answer => format!("{answer:?}"),
        }));
    }
    let expected = [
        "Done",
        "Refused(\"already_enrolled\")",
        "Refused(\"already_used\")",
        "Refused(\"malformed_code\")",
        "Refused(\"not_enrolled\")",
        "UnknownKey",
        "WentBack",
        "locked true",
        "wrong false false",
        "wrong false true",
    ];
    let missing: Vec<_> = expected.iter().filter(|answer| !answers.contains(**answer)).collect();
    assert!(missing.is_empty(), "never {missing:?}: {answers:?}");
}

/// A hundred failures of strangers and devices together close the account, for both.
#[test]
fn a_hundred_failures_of_both_groups_close_the_account() {
    let mut world = world(USUAL, &[0, 0], 1);
    world.run(Op::Import { server: 0, secret: 1 });
    let wrong = |is_device| Op::Totp { server: 0, is_device, entry: Entry::Wrong };
    for failure in 0..100 {
        let is_device = failure % 3 == 0;
        world.run(Op::WaitForLock { server: 0, is_device, off: 0 });
        world.run(wrong(is_device));
    }
    let closed = Answer::Locked(countersign::limits::Lock::Closed);
    for is_device in [false, true] {
        world.run(Op::Wait(60 * DAY));
        world.run(wrong(is_device));
        assert_eq!(world.answers.last(), Some(&closed), "it does not end by itself");
    }
    world.run(Op::Unlock { server: 1 });
    world.run(Op::Totp { server: 0, is_device: false, entry: Entry::Right });
    assert_eq!(world.answers.last(), Some(&Answer::Done));
}

/// Whoever holds the first factor passes it between guesses at the second: ten guesses, no more.
#[test]
fn passing_one_factor_refills_no_guesses_at_another() {
    for (guess, pass) in [(Guess::Totp, Guess::Passcode), (Guess::Recovery, Guess::Totp)] {
        let mut world = world(USUAL, &[0, 0], 1);
        world.run(Op::Import { server: 0, secret: 1 });
        world.run(Op::Issue { server: 0 });
        for _ in 0..9 {
            world.run(guess.enter(Entry::Wrong));
            assert!(matches!(world.answers.last(), Some(Answer::Wrong { lock: None, .. })));
            world.run(Op::Wait(30_000));
            world.run(pass.enter(Entry::Right));
            assert_eq!(world.answers.last(), Some(&Answer::Done));
        }
        world.run(guess.enter(Entry::Wrong));
        assert!(matches!(world.answers.last(), Some(Answer::Wrong { lock: Some(_), .. })));
        world.run(pass.enter(Entry::Right));
        assert!(matches!(world.answers.last(), Some(Answer::Locked(_))));
    }
}

#[derive(Clone, Copy)]
enum Guess {
    Totp,
    Recovery,
    Passcode,
}

impl Guess {
    const fn enter(self, entry: Entry) -> Op {
        let (server, is_device) = (0, false);
        match self {
            Self::Totp => Op::Totp { server, is_device, entry },
            Self::Recovery => Op::Recover { server, is_device, entry },
            Self::Passcode => Op::Pass { server, is_device, entry },
        }
    }
}

/// Everything that might refill a budget, between guesses.
#[test]
fn nothing_but_time_a_success_and_an_operator_refills_a_budget() {
    let mut world = world(USUAL, &[0, 0], 1);
    world.run(Op::Import { server: 0, secret: 1 });
    let upkeep: [&[Op]; 5] = [
        &[Op::Remove { server: 0 }, Op::Import { server: 1, secret: 2 }],
        &[Op::Issue { server: 0 }],
        &[Op::Rotate, Op::Rotate],
        &[Op::Remove { server: 1 }, Op::Enrol { server: 0, secret: 1, minutes: 60 }],
        &[Op::Wait(HOUR / 2)],
    ];
    for turn in 0..9 {
        let entry = Entry::Wrong;
        let guesses = [
            Op::Totp { server: turn % 2, is_device: false, entry },
            Op::Pass { server: turn % 2, is_device: false, entry },
        ];
        world.run(guesses[turn % 2]);
        upkeep[turn % 5].iter().for_each(|op| world.run(*op));
        let status = world.scene.status();
        assert_eq!((usize::from(status.failures), status.lock), (turn + 1, None));
    }
    world.run(Op::Pass { server: 0, is_device: false, entry: Entry::Wrong });
    assert!(matches!(world.answers.last(), Some(Answer::Wrong { lock: Some(_), .. })));
}

/// Failures that lock, the duration of the first lock, and of the memory, in milliseconds.
type Numbers = (u8, u64, u64);

const USUAL: Numbers = (10, HOUR, 30 * DAY);

fn world((before, lock, memory): Numbers, ahead: &[i64], seed: u64) -> World {
    let limits = Limits::default()
        .with_failures_before_lock(before)
        .and_then(|limits| limits.with_lock(Duration::from_millis(lock)))
        .and_then(|limits| limits.with_failure_memory(Duration::from_millis(memory)))
        .unwrap();
    World::new(seed, limits, ahead)
}

fn run(limits: Numbers, ahead: &[i64], seed: u64, ops: &[Op]) -> World {
    let mut world = world(limits, ahead, seed);
    ops.iter().for_each(|op| world.run(*op));
    world
}

fn limits() -> impl Strategy<Value = Numbers> {
    select(vec![USUAL, (10, HOUR, DAY), (3, HOUR, 30 * DAY), (2, HOUR, DAY), (2, 3 * DAY, DAY)])
}

/// How far each server's clock is ahead of real time, in milliseconds.
fn clocks() -> impl Strategy<Value = Vec<i64>> {
    let hours = 23 * HOUR as i64;
    let ahead = prop_oneof![
        4 => Just(0),
        2 => select(vec![5000, 5001, -5000, -5001, 30_000, -30_000]),
        2 => -hours..=hours,
    ];
    vec(ahead, 2)
}

fn op() -> impl Strategy<Value = Op> {
    let (server, is_device) = (0..2usize, prop_oneof![3 => Just(false), 1 => Just(true)]);
    let secret = 1..3u8;
    let entry = prop_oneof![
        4 => Just(Entry::Right),
        8 => Just(Entry::Wrong),
        2 => Just(Entry::Again),
        1 => Just(Entry::Malformed),
    ];
    let caller = (server.clone(), is_device.clone(), entry);
    prop_oneof![
        3 => (server.clone(), secret.clone(), select(vec![5u64, 60, 1440]))
            .prop_map(|(server, secret, minutes)| Op::Enrol { server, secret, minutes }),
        2 => (server.clone(), secret).prop_map(|(server, secret)| Op::Import { server, secret }),
        1 => server.clone().prop_map(|server| Op::Remove { server }),
        2 => server.clone().prop_map(|server| Op::Issue { server }),
        9 => caller.clone().prop_map(|(server, is_device, entry)| Op::Totp { server, is_device, entry }),
        6 => caller.clone().prop_map(|(server, is_device, entry)| Op::Recover { server, is_device, entry }),
        6 => caller.prop_map(|(server, is_device, entry)| Op::Pass { server, is_device, entry }),
        1 => server.clone().prop_map(|server| Op::Unlock { server }),
        1 => Just(Op::Rotate),
        6 => wait(),
        4 => (server, is_device, -1..=1i64)
            .prop_map(|(server, is_device, off)| Op::WaitForLock { server, is_device, off }),
    ]
}

fn wait() -> impl Strategy<Value = Op> {
    prop_oneof![0..10_000u64, 0..2 * MINUTE, 0..2 * HOUR, 0..2 * DAY, 20 * DAY..40 * DAY].prop_map(Op::Wait)
}
