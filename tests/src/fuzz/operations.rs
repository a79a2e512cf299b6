//! Sequences of operations on a verifier, compared with the model of `tests/machine.rs`: a check
//! succeeds if and only if the code is the live one.

use super::bytes::Bytes;
use crate::machine::{Asked, CAST, Edge, Entry, Op, SPECS, Shown, World};

/// Takes the limits, a seed for the codes, and operations.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut world = World::new(SPECS[bytes.below(SPECS.len())], bytes.byte().into());
    for _ in 0..64 {
        if bytes.is_empty() {
            break;
        }
        world.run(&op(&mut bytes));
    }
}

fn op(bytes: &mut Bytes<'_>) -> Op {
    let what = bytes.below(16);
    match what {
        0 => return Op::Wait(bytes.wide(5_000_000_000)),
        1 => return Op::Back(bytes.below(51) as u64 * 100),
        2 => return Op::Back(bytes.wide(100_000_000_000)),
        3 => return Op::Rotate(bytes.below(4)),
        4 => return Op::RaiseEpoch,
        _ => {}
    }
    let who = bytes.below(CAST);
    match what {
        5 => Op::Start { who, terms: asked(bytes) },
        6 => {
            let (handle, purpose) = shown_for(bytes);
            Op::Resend { who, handle, purpose }
        }
        7 => Op::Guess { who, times: times(bytes) },
        8 => {
            let (handle, purpose) = shown_for(bytes);
            Op::Cancel { who, handle, purpose }
        }
        9 => {
            let (handle, purpose) = shown_for(bytes);
            Op::Undelivered { who, handle, purpose }
        }
        10 => Op::Unlock { who },
        11 => Op::Forget { who },
        12 | 13 => Op::WaitFor { who, edge: edge(bytes), off: bytes.below(3) as i64 - 1 },
        _ => Op::Check {
            who,
            handle: shown(bytes),
            purpose: Some(bytes.below(4)).filter(|number| *number < 3),
            entry: entry(bytes),
            small: what == 15,
        },
    }
}

/// Seldom so many that a recipient is closed, which takes as long as all other operations together.
fn times(bytes: &mut Bytes<'_>) -> usize {
    match bytes.below(64) {
        63 => 100,
        n => [2, 3, 5, 6, 10, 11][n % 6],
    }
}

fn asked(bytes: &mut Bytes<'_>) -> Asked {
    Asked {
        channel: bytes.below(64),
        purpose: bytes.below(3),
        format: bytes.below(8),
        lifetime: 60 + bytes.wide(541),
        deadline: Some(bytes.below(256)).filter(|number| *number < 200).map(|number| 5 * number as u64),
    }
}

/// Mostly the purpose of the challenge, and seldom another one selected by the same byte.
fn shown_for(bytes: &mut Bytes<'_>) -> (Shown, Option<usize>) {
    match bytes.byte() {
        purpose @ 4..=9 => (Shown::Last, Some(usize::from(purpose) % 3)),
        first => (shown_by(first, bytes), None),
    }
}

fn shown(bytes: &mut Bytes<'_>) -> Shown {
    let first = bytes.byte();
    shown_by(first, bytes)
}

fn shown_by(first: u8, bytes: &mut Bytes<'_>) -> Shown {
    match first {
        0 => Shown::None,
        1 => Shown::Before,
        2 => Shown::Foreign,
        3 => Shown::Random(bytes.byte().into()),
        _ => Shown::Last,
    }
}

fn entry(bytes: &mut Bytes<'_>) -> Entry {
    match bytes.below(4) {
        0 => Entry::Newest,
        1 => Entry::Older(bytes.below(5)),
        2 => Entry::Near(bytes.below(10)),
        _ => {
            let text: Vec<u8> = (0..bytes.below(12)).map(|_| bytes.byte()).collect();
            Entry::Text(String::from_utf8_lossy(&text).into_owned())
        }
    }
}

fn edge(bytes: &mut Bytes<'_>) -> Edge {
    [Edge::Code, Edge::Cooldown, Edge::Quota, Edge::Lock, Edge::Deadline, Edge::Token][bytes.below(6)]
}
