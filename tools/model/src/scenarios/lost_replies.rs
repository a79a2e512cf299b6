//! Honest clients that lose replies.

use super::{RIGHT, Size, WRONG};
use crate::call::Call::{Resend, Start, Undelivered};
use crate::laws::*;
use crate::scenario::Scenario;
use crate::trial::Trial;

/// Returns the scenarios of honest clients that lose replies.
#[must_use]
pub fn lost_replies(size: Size) -> Vec<Trial> {
    let alone = vec![
        Scenario::new("lost: right code", vec![vec![RIGHT]])
            .after(&[Start])
            .laws(&[HONEST_PASSES, SEEN_SUCCESS_AFTER_LOSS]),
        Scenario::new("lost: wrong code", vec![vec![WRONG]]).after(&[Start]).laws(&[ONE_ATTEMPT_ONE_FAILURE]),
        Scenario::new("lost: wrong, then right", vec![vec![WRONG, RIGHT]]).after(&[Start]).laws(&[
            HONEST_PASSES,
            ONE_ATTEMPT_ONE_FAILURE,
            SEEN_SUCCESS_AFTER_LOSS,
        ]),
        Scenario::new("lost: start", vec![vec![Start, RIGHT]]).cooling().laws(&[
            ISSUED_IS_NOT_WRONG,
            ONE_CODE_EXACTLY,
            HONEST_PASSES,
            SEEN_SUCCESS_AFTER_LOSS,
        ]),
        Scenario::new("lost: resend", vec![vec![Resend, RIGHT]]).after(&[Start]).laws(&[
            ISSUED_IS_NOT_WRONG,
            ONE_CODE_EXACTLY,
            HONEST_PASSES,
            SEEN_SUCCESS_AFTER_LOSS,
        ]),
    ];
    let in_company = vec![
        Scenario::new("lost: double click", vec![vec![Start, RIGHT]; 2]).cooling().laws(&[
            ONE_MESSAGE,
            ONE_CODE_EXACTLY,
            HONEST_PASSES,
            SEEN_TOO_SOON,
        ]),
        Scenario::new("lost: right submissions", vec![vec![RIGHT]; 2]).after(&[Start]).laws(&[
            HONEST_PASSES,
            SEEN_SUCCESS_AFTER_LOSS,
            SEEN_USED,
        ]),
        Scenario::new("lost: wrong guesses", vec![vec![WRONG]; 2])
            .after(&[Start])
            .laws(&[ONE_ATTEMPT_ONE_FAILURE, SEEN_TWO_WRONG]),
    ];
    let alone = alone.into_iter().map(|trial| trial.faults(size.alone));
    alone.chain(in_company.into_iter().map(|trial| trial.faults(size.faults))).collect()
}

/// Returns the scenarios in which a write with a lost reply is overwritten before the record is
/// read again. A record names its last three writers.
#[must_use]
pub fn overwritten(size: Size) -> Vec<Trial> {
    vec![
        Scenario::new("overwritten: right code", vec![vec![RIGHT], vec![Undelivered]])
            .after(&[Start])
            .laws(&[HONEST_PASSES, SEEN_SUCCESS_AFTER_LOSS])
            .faults(size.faults),
    ]
}
