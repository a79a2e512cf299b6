//! Guesses at an account's secret: two records, one after the other.

use super::Size;
use crate::call::Call::{self, Guess};
use crate::call::Entry::{Right, Wrong};
use crate::laws::guesses::*;
use crate::laws::{SEEN_CONFLICT, SEEN_LOCKED, SEEN_NO_TRIES, SEEN_USED};
use crate::scenario::{Faults, Reads, Scenario};
use crate::trial::Trial;

const RIGHT: Call = Guess(Right);
const WRONG: Call = Guess(Wrong);

/// A limit that is never reached.
const PLENTY: u8 = 12;

/// Returns the scenarios of guesses. Two records lead to so many states that the short form has no
/// crashes where several clients write, and the long form loses no more replies than the short one.
#[must_use]
pub fn guesses(size: Size) -> Vec<Trial> {
    let (is_long, faults) = (size.crowd > 3, Faults { lost: 1, crashes: 1 });
    let in_crowds = if is_long { faults } else { Faults { crashes: 0, ..faults } };
    let alone = alone().into_iter().map(|trial| trial.faults(size.alone));
    let pairs = pairs().into_iter().map(|trial| trial.faults(faults));
    let crowds = [overtaken(is_long), crowds(is_long)].concat();
    let all = alone.chain(pairs).chain(crowds.into_iter().map(|trial| trial.faults(in_crowds)));
    all.map(|trial| trial.laws(&GUESSES)).collect()
}

fn scenario(name: &'static str, clients: Vec<Vec<Call>>) -> Scenario {
    Scenario::new(name, clients).tries(PLENTY).lock_after(PLENTY)
}

fn alone() -> Vec<Trial> {
    vec![
        scenario("guess: right", vec![vec![RIGHT]]).laws(&[
            RIGHT_PASSES,
            SEEN_LOST_CHARGE,
            SEEN_LOST_COMPARISON,
            SEEN_CRASH_BETWEEN,
            SEEN_CRASH_BEFORE_VERDICT,
        ]),
        scenario("guess: wrong, wrong, right", vec![vec![WRONG, WRONG, RIGHT]])
            .lock_after(2)
            .laws(&[ALL_CHARGED, SEEN_LOCKED]),
        scenario("guess: wrong, then right", vec![vec![WRONG, RIGHT]]).laws(&[RIGHT_PASSES, SEEN_RIGHT]),
    ]
}

fn pairs() -> Vec<Trial> {
    let seen = [SEEN_LOST_CHARGE, SEEN_LOST_COMPARISON, SEEN_CRASH_BETWEEN, SEEN_CONFLICT];
    let both_right = |name, reads| {
        scenario(name, vec![vec![RIGHT]; 2]).reads(reads).laws(&seen).laws(&[
            RIGHT_PASSES,
            SEEN_USED,
            SEEN_CHARGED_FOR_NOTHING,
        ])
    };
    vec![
        both_right("guess: the secret twice", Reads::InOrder),
        both_right("guess: the secret twice, read backwards", Reads::Reversed),
        both_right("guess: the secret twice, read at once", Reads::AtOnce),
        scenario("guess: right and wrong", vec![vec![RIGHT], vec![WRONG]]).laws(&seen).laws(&[RIGHT_PASSES]),
        scenario("guess: the last charge", vec![vec![WRONG]; 2])
            .lock_after(1)
            .laws(&seen)
            .laws(&[ALL_CHARGED, SEEN_LOCKED]),
    ]
}

/// Scenarios in which so many others write in between that a charge is no longer named: the record
/// names its last three writers.
fn overtaken(is_long: bool) -> Vec<Trial> {
    let overtaken = |name, reads| {
        scenario(name, vec![vec![RIGHT], vec![WRONG; 3]]).reads(reads).laws(&[
            RIGHT_OR_CONTENDED,
            SEEN_LOST_CHARGE,
            SEEN_LOST_COMPARISON,
            SEEN_CONFLICT,
            SEEN_RIGHT,
            SEEN_CONTENDED,
        ])
    };
    let mut all = vec![overtaken("guess: overtaken by three, read at once", Reads::AtOnce)];
    if is_long {
        all.push(overtaken("guess: overtaken by three", Reads::InOrder));
        all.push(overtaken("guess: overtaken by three, read backwards", Reads::Reversed));
    }
    all
}

fn crowds(is_long: bool) -> Vec<Trial> {
    let mut right_and_wrong = vec![vec![WRONG]; 3];
    right_and_wrong[0] = vec![RIGHT];
    let at_once = |name, clients| scenario(name, clients).reads(Reads::AtOnce);
    let mut all =
        vec![at_once("guess: a crowd, a budget of two", right_and_wrong.clone()).lock_after(2).laws(&[
            SEEN_LOCKED,
            SEEN_RIGHT,
            SEEN_CONFLICT,
        ])];
    if is_long {
        all.push(at_once("guess: a crowd, one attempt", right_and_wrong).lock_after(2).tries(1).laws(&[
            SEEN_NO_TRIES,
            SEEN_RIGHT,
            SEEN_CONFLICT,
        ]));
        all.push(at_once("guess: the secret by a crowd", vec![vec![RIGHT]; 3]).lock_after(2).laws(&[
            SEEN_RIGHT,
            SEEN_USED,
            SEEN_CHARGED_FOR_NOTHING,
        ]));
        all.push(
            at_once("guess: in turn", vec![vec![WRONG; 2]; 2])
                .lock_after(3)
                .laws(&[ALL_CHARGED, SEEN_LOCKED]),
        );
    }
    all
}
