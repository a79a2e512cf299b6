//! The passcode state machine against a plain model: random sequences of operations are run on a
//! verifier and on the model.

use std::collections::BTreeSet;

use countersign_tests::machine::{Asked, CAST, Edge, Entry, Op, SPECS, Shown, World};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::cases::cases;

proptest! {
    #![proptest_config(cases(300))]

    /// A check succeeds if and only if the code is the live one, in time, not locked, not used,
    /// with attempts left. Every other answer is the documented one.
    #[test]
    fn random_operations_match_the_model(spec in select(&SPECS), seed in any::<u64>(), ops in vec(op(), 1..80)) {
        let mut world = World::new(spec, seed);
        ops.iter().for_each(|op| world.run(op));
    }
}

/// The sequences are worthwhile: in a few hundred of them, every answer of a healthy store occurs.
#[test]
fn random_operations_reach_every_answer() {
    let mut runner = TestRunner::deterministic();
    let story = (select(&SPECS), any::<u64>(), vec(op(), 1..80));
    let mut answers = BTreeSet::new();
    for _ in 0..300 {
        let (spec, seed, ops) = story.new_tree(&mut runner).unwrap().current();
        let mut world = World::new(spec, seed);
        ops.iter().for_each(|op| world.run(op));
        answers.extend(world.answers.iter().map(|answer| format!("{answer:?}")));
    }
    let expected = [
        "AlreadyUsed",
        "ClockWentBack",
        "Closed",
        "CoolingDown",
        "CountryNotAllowed",
        "DeadlinePassed",
        "Done",
        "Expired",
        "Issued",
        "Locked",
        "MalformedCode",
        "NoTriesLeft",
        "NotATelephoneChannel",
        "Passed",
        "QuotaExceeded",
        "Superseded",
        "UnknownHandle",
        "UnknownKey",
        "WrongCode",
    ];
    for name in expected {
        assert!(answers.iter().any(|answer| answer.contains(name)), "{name}");
    }
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => (who(), asked()).prop_map(|(who, terms)| Op::Start { who, terms }),
        11 => (who(), shown(), purpose())
            .prop_map(|(who, handle, purpose)| Op::Resend { who, handle, purpose }),
        20 => (who(), shown(), purpose(), entry(), any::<bool>())
            .prop_map(|(who, handle, purpose, entry, small)| Op::Check { who, handle, purpose, entry, small }),
        2 => (who(), prop_oneof![5 => 2..12usize, 1 => Just(100)]).prop_map(|(who, times)| Op::Guess { who, times }),
        1 => (who(), shown(), purpose())
            .prop_map(|(who, handle, purpose)| Op::Cancel { who, handle, purpose }),
        2 => (who(), shown(), purpose())
            .prop_map(|(who, handle, purpose)| Op::Undelivered { who, handle, purpose }),
        1 => who().prop_map(|who| Op::Unlock { who }),
        1 => who().prop_map(|who| Op::Forget { who }),
        3 => wait().prop_map(Op::Wait),
        10 => (who(), edge(), -1..=1i64).prop_map(|(who, edge, off)| Op::WaitFor { who, edge, off }),
        2 => (0..=5000u64).prop_map(Op::Back),
        1 => prop_oneof![Just(5001), 5001..100_000_000_000u64].prop_map(Op::Back),
        1 => (1..=3usize).prop_map(Op::Rotate),
        1 => Just(Op::RaiseEpoch),
    ]
}

/// Mostly one recipient, so that the operations of a sequence interact.
fn who() -> impl Strategy<Value = usize> {
    prop_oneof![8 => Just(0), 4 => 0..CAST]
}

fn asked() -> impl Strategy<Value = Asked> {
    let lifetime = prop_oneof![4 => Just(120), 1 => 60..=600u64];
    let deadline = prop_oneof![4 => Just(None), 1 => (0..900u64).prop_map(Some)];
    (0..64usize, 0..3usize, 0..8usize, lifetime, deadline).prop_map(
        |(channel, purpose, format, lifetime, deadline)| Asked {
            channel,
            purpose,
            format,
            lifetime,
            deadline,
        },
    )
}

fn shown() -> impl Strategy<Value = Shown> {
    prop_oneof![
        20 => Just(Shown::Last),
        2 => Just(Shown::None),
        1 => Just(Shown::Before),
        1 => Just(Shown::Foreign),
        1 => any::<u64>().prop_map(Shown::Random),
    ]
}

fn purpose() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![9 => Just(None), 1 => (0..3usize).prop_map(Some)]
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        4 => Just(Entry::Newest),
        4 => (0..4usize).prop_map(Entry::Older),
        6 => (0..10usize).prop_map(Entry::Near),
        1 => "[0-9]{6}".prop_map(Entry::Text),
        1 => "\\PC{0,12}".prop_map(Entry::Text),
    ]
}

fn wait() -> impl Strategy<Value = u64> {
    prop_oneof![0..2000u64, 0..60_000u64, 0..700_000u64, 0..100_000_000u64, 0..3_000_000_000u64]
}

fn edge() -> impl Strategy<Value = Edge> {
    select(&[
        Edge::Code,
        Edge::Cooldown,
        Edge::Cooldown,
        Edge::Quota,
        Edge::Quota,
        Edge::Lock,
        Edge::Deadline,
        Edge::Token,
    ])
}
