//! Servers with differing clocks.

use super::{RIGHT, Size, WRONG};
use crate::call::Call::{Start, Undelivered};
use crate::laws::*;
use crate::scenario::Scenario;
use crate::trial::Trial;

const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;

/// Far more than the tolerated difference.
const CENTURIES: i64 = 200 * 365 * 24 * HOUR;

/// Returns the scenarios of differing clocks.
#[must_use]
pub fn clocks(size: Size) -> Vec<Trial> {
    [sends(size), guesses(size)].concat().into_iter().map(|trial| trial.faults(size.faults)).collect()
}

fn sends(Size { crowd, .. }: Size) -> Vec<Trial> {
    let in_turn = |name, ahead| {
        Scenario::new(name, vec![vec![Start; crowd - 1]; 2]).clocks(&[0, ahead]).quota(1).laws(&[
            BUDGET_A_CLOCK,
            SEEN_TOO_SOON,
            SEEN_CONFLICT,
        ])
    };
    let refused = |name, ahead| {
        Scenario::new(name, vec![vec![RIGHT], vec![Start; crowd - 1]])
            .after(&[Start])
            .clocks(&[0, ahead])
            .quota(1)
            .laws(&[HOLDERS_PASS, SEEN_TOO_SOON])
    };
    vec![
        in_turn("clocks: starts in turn, an hour ahead", HOUR),
        in_turn("clocks: starts in turn, an hour behind", -HOUR),
        refused("clocks: a start is refused 6 s behind", -6 * SECOND),
        refused("clocks: a start is refused an hour behind", -HOUR),
        Scenario::new("clocks: a start is refused centuries behind", vec![vec![RIGHT], vec![Start]])
            .after(&[Start])
            .clocks(&[0, -CENTURIES])
            .laws(&[HOLDERS_PASS, SEEN_CLOCK]),
        Scenario::new("clocks: written a day ahead", vec![vec![RIGHT], vec![Undelivered], vec![WRONG]])
            .after(&[Start])
            .clocks(&[0, 23 * HOUR, -4 * SECOND])
            .laws(&[HOLDERS_PASS, SEEN_SUCCESS, SEEN_CONFLICT]),
        Scenario::new("clocks: a cooldown is the sender's", vec![vec![Start], vec![Start; crowd - 1]])
            .cooling()
            .clocks(&[0, 23 * HOUR])
            .laws(&[COOLDOWN_IS_NEAR, SEEN_TOO_SOON, SEEN_CONFLICT]),
    ]
}

fn guesses(Size { crowd, .. }: Size) -> Vec<Trial> {
    vec![
        Scenario::new("clocks: guesses in turn", vec![vec![Start, WRONG, WRONG]; 2])
            .clocks(&[0, 2 * HOUR])
            .tries(5)
            .laws(&[GUESSES_A_CLOCK, SEEN_TWO_WRONG]),
        Scenario::new(
            "clocks: a lock seen from behind",
            vec![vec![WRONG; crowd - 1], vec![Start], vec![Start]],
        )
        .after(&[Start, WRONG])
        .clocks(&[0, -HOUR, -CENTURIES])
        .tries(5)
        .laws(&[LOCK_LASTS, SEEN_LOCKED, SEEN_CLOCK]),
        Scenario::new("clocks: before and after a code's time", vec![vec![RIGHT]; 4])
            .after(&[Start])
            .clocks(&[-4 * SECOND, -6 * SECOND, 100 * SECOND, 130 * SECOND])
            .laws(&[SEEN_SUCCESS, SEEN_USED]),
    ]
}
