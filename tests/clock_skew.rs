//! Servers with differing clocks: budgets never run backwards, no clock shortens a lock, and none
//! blocks another server.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

mod attacks;
mod ledger;
mod spec;
mod world;
mod wrong_clocks;

use crate::cases::cases;
use spec::{DAY, HOUR, MINUTE, SECOND, SPECS, Spec};
use world::{Edge, Op, World};

proptest! {
    #![proptest_config(cases(400))]

    /// Calls of up to four servers in any order, with pauses of any length.
    #[test]
    fn random_calls_of_several_servers_keep_all_limits(
        spec in select(&SPECS),
        offsets in offsets(),
        seed in any::<u64>(),
        ops in vec(op(), 1..60),
    ) {
        run(spec, &offsets, seed, &ops);
    }

    /// As many sends as possible, by up to four servers in turn.
    #[test]
    fn alternating_servers_keep_the_send_quotas(
        spec in select(&SPECS),
        offsets in offsets(),
        seed in any::<u64>(),
        ops in vec(send(), 1..120),
    ) {
        run(spec, &offsets, seed, &ops);
    }

    /// As many guesses as possible, by up to four servers in turn.
    #[test]
    fn alternating_servers_keep_the_guess_limits(
        spec in select(&SPECS),
        offsets in offsets(),
        seed in any::<u64>(),
        ops in vec(guess(), 1..120),
    ) {
        run(spec, &offsets, seed, &ops);
    }

    /// Whatever the others write, the code passes on the server that issued it.
    #[test]
    fn a_live_code_passes_on_the_issuing_server(
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

/// A status by a clock for which the failure memory has ended: a slower clock still counts the
/// failures.
#[test]
fn status_by_a_fast_clock_forgets_no_failures() {
    let spec = *SPECS.iter().find(|spec| spec.failures == 2 && spec.memory == DAY).unwrap();
    let wrong = |server| Op::Wrong { server, age: 0 };
    let wait = Op::Wait(DAY - 20 * HOUR);
    let ops = [Op::Start { server: 0 }, wrong(0), wait, Op::Status { server: 1 }, Op::Start { server: 0 }];
    run(
        spec,
        &[0, 20 * HOUR as i64],
        0,
        &[&ops[..], &[wrong(0), wrong(0), Op::Start { server: 0 }]].concat(),
    );
}

fn run(spec: Spec, offsets: &[i64], seed: u64, ops: &[Op]) {
    let mut world = World::new(spec, offsets, seed);
    ops.iter().for_each(|op| world.run(op));
}

/// How far each server's clock is ahead of real time, in milliseconds.
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

/// Sends, and calls that might make room for more of them.
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

/// Calls that do not by themselves end a code, within a short time.
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
