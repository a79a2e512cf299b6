//! Servers whose clocks differ: budgets never run backwards, no clock shortens a lock, and none silences another.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

mod attacks;
mod far_out;
mod ledger;
mod spec;
mod world;

use crate::cases::cases;
use spec::{DAY, HOUR, MINUTE, SECOND, SPECS, Spec};
use world::{Edge, Op, World};

proptest! {
    #![proptest_config(cases(400))]

    /// Calls of up to four servers in any order, with pauses of any length.
    #[test]
    fn no_story_breaks_a_law(
        spec in select(&SPECS),
        offsets in offsets(),
        seed in any::<u64>(),
        ops in vec(op(), 1..60),
    ) {
        tell(spec, &offsets, seed, &ops);
    }

    /// Whoever can, sends as much as possible, by up to four servers in turn.
    #[test]
    fn servers_in_turn_send_no_more_than_each_alone(
        spec in select(&SPECS),
        offsets in offsets(),
        seed in any::<u64>(),
        ops in vec(send(), 1..120),
    ) {
        tell(spec, &offsets, seed, &ops);
    }

    /// Whoever can, guesses as much as possible, by up to four servers in turn.
    #[test]
    fn servers_in_turn_take_no_more_guesses_than_each_alone(
        spec in select(&SPECS),
        offsets in offsets(),
        seed in any::<u64>(),
        ops in vec(guess(), 1..120),
    ) {
        tell(spec, &offsets, seed, &ops);
    }

    /// Whatever the others write, the code passes on the server that issued it.
    #[test]
    fn a_live_code_passes_where_it_was_issued(
        spec in select(&SPECS),
        offsets in offsets(),
        seed in any::<u64>(),
        issuer in 0..4usize,
        ops in vec(disturbance(), 0..12),
    ) {
        let mut world = World::new(spec, &offsets, seed);
        world.run(&Op::Start { server: issuer });
        ops.iter().for_each(|op| world.run(op));
        world.run(&Op::Right { server: issuer, age: 0, shows_handle: true });
    }
}

fn tell(spec: Spec, offsets: &[i64], seed: u64, ops: &[Op]) {
    let mut world = World::new(spec, offsets, seed);
    ops.iter().for_each(|op| world.run(op));
}

/// By how much each server's clock is ahead of real time.
fn offsets() -> impl Strategy<Value = Vec<i64>> {
    let minutes_73 = 73 * MINUTE as i64;
    let offset = prop_oneof![
        3 => Just(0),
        3 => select(vec![1, 4999, 5000, 5001, 6000, -4999, -5000, -5001, -6000]),
        3 => select(vec![130_000, -130_000, minutes_73, -minutes_73]),
        2 => -23 * HOUR as i64..=23 * HOUR as i64,
        1 => select(vec![-23 * HOUR as i64, 23 * HOUR as i64]),
    ];
    vec(offset, 1..=4)
}

fn op() -> impl Strategy<Value = Op> {
    let (server, age) = (0..4usize, prop_oneof![8 => Just(0), 1 => 0..4usize]);
    prop_oneof![
        8 => server.clone().prop_map(|server| Op::Start { server }),
        4 => (server.clone(), age.clone()).prop_map(|(server, age)| Op::Resend { server, age }),
        6 => (server.clone(), age.clone(), prop_oneof![5 => Just(true), 1 => Just(false)])
            .prop_map(|(server, age, shows_handle)| Op::Right { server, age, shows_handle }),
        9 => (server.clone(), age.clone()).prop_map(|(server, age)| Op::Wrong { server, age }),
        1 => (server.clone(), age.clone()).prop_map(|(server, age)| Op::Malformed { server, age }),
        1 => (server.clone(), age.clone()).prop_map(|(server, age)| Op::Cancel { server, age }),
        2 => (server.clone(), age).prop_map(|(server, age)| Op::Undelivered { server, age }),
        1 => server.clone().prop_map(|server| Op::Status { server }),
        6 => wait(),
        4 => (server, edge(), -1..=1i64).prop_map(|(server, edge, off)| Op::WaitFor { server, edge, off }),
    ]
}

/// Sends, and what might make room for more of them.
fn send() -> impl Strategy<Value = Op> {
    let server = 0..4usize;
    prop_oneof![
        16 => server.clone().prop_map(|server| Op::Start { server }),
        2 => server.clone().prop_map(|server| Op::Resend { server, age: 0 }),
        1 => server.clone().prop_map(|server| Op::Undelivered { server, age: 0 }),
        1 => server.clone().prop_map(|server| Op::Cancel { server, age: 0 }),
        1 => server.prop_map(|server| Op::Right { server, age: 0, shows_handle: true }),
        3 => (0..20 * SECOND).prop_map(Op::Wait),
        2 => wait(),
    ]
}

/// Guesses, and the sends that they need.
fn guess() -> impl Strategy<Value = Op> {
    let server = 0..4usize;
    prop_oneof![
        5 => server.clone().prop_map(|server| Op::Start { server }),
        12 => server.clone().prop_map(|server| Op::Wrong { server, age: 0 }),
        1 => server.clone().prop_map(|server| Op::Undelivered { server, age: 0 }),
        1 => server.clone().prop_map(|server| Op::Cancel { server, age: 0 }),
        3 => wait(),
        2 => (server, edge(), -1..=1i64).prop_map(|(server, edge, off)| Op::WaitFor { server, edge, off }),
    ]
}

/// Calls that end no code by their nature, within a short time.
fn disturbance() -> impl Strategy<Value = Op> {
    let server = 0..4usize;
    prop_oneof![
        4 => server.clone().prop_map(|server| Op::Start { server }),
        1 => server.clone().prop_map(|server| Op::Wrong { server, age: 0 }),
        2 => server.clone().prop_map(|server| Op::Undelivered { server, age: 0 }),
        1 => server.prop_map(|server| Op::Malformed { server, age: 0 }),
        2 => (0..30 * SECOND).prop_map(Op::Wait),
    ]
}

fn wait() -> impl Strategy<Value = Op> {
    prop_oneof![0..100u64, 0..10 * SECOND, 0..3 * MINUTE, 0..40 * MINUTE, 0..5 * HOUR, 0..2 * DAY,]
        .prop_map(Op::Wait)
}

fn edge() -> impl Strategy<Value = Edge> {
    select(&[Edge::Code, Edge::Cooldown, Edge::Lock, Edge::Lock, Edge::Retention])
}
