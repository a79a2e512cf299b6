//! Several concurrent clients.

use super::{RIGHT, Size, WRONG};
use crate::call::Call::{self, Cancel, Resend, Start, Unlock};
use crate::laws::*;
use crate::scenario::Scenario;
use crate::trial::Trial;

/// Returns the scenarios of concurrent clients.
#[must_use]
pub fn races(size: Size) -> Vec<Trial> {
    [guesses(size), sends(size), locks(size)]
        .concat()
        .into_iter()
        .map(|race| race.faults(size.faults))
        .collect()
}

fn guesses(Size { crowd, .. }: Size) -> Vec<Trial> {
    let wrong = [TWO_WRONG_AT_MOST, TWO_WRONG_EXACTLY, TRIES_DIFFER, SEEN_CONFLICT];
    vec![
        Scenario::new("wrong guesses, two attempts", vec![vec![WRONG]; crowd])
            .lock_after(100)
            .after(&[Start])
            .laws(&wrong)
            .laws(&[SEEN_NO_TRIES]),
        Scenario::new("wrong guesses, lock after two", vec![vec![WRONG]; crowd])
            .tries(5)
            .after(&[Start])
            .laws(&wrong)
            .laws(&[SEEN_LOCKED]),
        Scenario::new("right submissions", vec![vec![RIGHT]; crowd]).after(&[Start]).laws(&[
            ONE_PASSES,
            SEEN_CONFLICT,
            SEEN_USED,
        ]),
        Scenario::new("right and wrong", right_and_wrong(crowd))
            .after(&[Start])
            .laws(&[TWO_WRONG_AT_MOST, PASSES_OR_TWO_WRONG, TRIES_DIFFER])
            .laws(&[SEEN_SUCCESS, SEEN_TWO_WRONG]),
        Scenario::new("check with cancel", vec![vec![RIGHT], vec![WRONG], vec![Cancel]])
            .after(&[Start])
            .laws(&[CANCELLED_IS_INVALID, SEEN_SUCCESS, SEEN_UNKNOWN]),
    ]
}

fn sends(Size { crowd, .. }: Size) -> Vec<Trial> {
    vec![
        Scenario::new("check with resend", vec![vec![RIGHT], vec![Resend, RIGHT]])
            .lock_after(3)
            .after(&[Start])
            .laws(&[RESENT_IS_INVALID, OLD_OR_NEW, ONE_PASSES, SEEN_SUPERSEDED, SEEN_SUCCESS]),
        Scenario::new("check with resend with resend", vec![vec![RIGHT], vec![Resend], vec![Resend]])
            .lock_after(100)
            .after(&[Start])
            .laws(&[RESENT_IS_INVALID, OLD_OR_NEW, SEEN_SUPERSEDED, SEEN_CONFLICT]),
        Scenario::new("start with start", vec![vec![Start, RIGHT]; 2]).laws(&[
            SEEN_SUCCESS,
            SEEN_UNKNOWN,
            SEEN_CONFLICT,
        ]),
        Scenario::new("start with check", vec![vec![Start, RIGHT], vec![RIGHT]]).after(&[Start]).laws(&[
            SEEN_SUCCESS,
            SEEN_UNKNOWN,
            SEEN_CONFLICT,
        ]),
        Scenario::new("double click", vec![vec![Start, RIGHT]; crowd]).cooling().laws(&[
            ONE_MESSAGE,
            ONE_MESSAGE_EXACTLY,
            ONE_PASSES,
            SEEN_TOO_SOON,
            SEEN_SUCCESS,
        ]),
    ]
}

fn locks(Size { crowd, .. }: Size) -> Vec<Trial> {
    let nearly_locked = [Start, WRONG];
    vec![
        Scenario::new("check with lock-out", right_and_wrong(crowd)).tries(5).after(&nearly_locked).laws(&[
            PASSES_OR_LOCKED,
            PASSES_OR_LOCKED_EXACTLY,
            SEEN_LOCKED,
            SEEN_SUCCESS,
        ]),
        Scenario::new("start with lock-out", vec![vec![WRONG], vec![Start, RIGHT]])
            .tries(5)
            .after(&nearly_locked)
            .laws(&[PASSES_OR_LOCKED, SEEN_LOCKED, SEEN_UNKNOWN, SEEN_SUCCESS]),
        Scenario::new("unlock with guesses", vec![vec![Unlock], vec![WRONG], vec![WRONG]])
            .tries(5)
            .after(&nearly_locked)
            .laws(&[SEEN_LOCKED, SEEN_CONFLICT]),
    ]
}

fn right_and_wrong(crowd: usize) -> Vec<Vec<Call>> {
    [vec![vec![RIGHT]], vec![vec![WRONG]; crowd - 1]].concat()
}
