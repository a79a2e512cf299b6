//! Forgotten or cancelled challenges, and writes that land late on an absent record.

use super::{RIGHT, Size, WRONG};
use crate::call::Call::{Cancel, Forget, Start};
use crate::laws::*;
use crate::scenario::Scenario;
use crate::trial::Trial;

/// Returns the scenarios of forgetting.
#[must_use]
pub fn forget(size: Size) -> Vec<Trial> {
    let alone = vec![
        Scenario::new("forget: one's own start", vec![vec![Start, Forget]]).laws(&[SEEN_DONE]),
        Scenario::new("forget: one's own start, and start again", vec![vec![Start, Forget, Start, RIGHT]])
            .laws(&[SEEN_SUCCESS]),
        Scenario::new("cancel: one's own start", vec![vec![Start, Cancel]]).laws(&[SEEN_DONE]),
        Scenario::new("cancel: one's own start, and start again", vec![vec![Start, Cancel, Start, RIGHT]])
            .laws(&[SEEN_SUCCESS]),
    ];
    let in_company = vec![
        Scenario::new("forget with start", vec![vec![Start, RIGHT], vec![Forget]]).laws(&[
            SEEN_SUCCESS,
            SEEN_UNKNOWN,
            SEEN_CONFLICT,
        ]),
        Scenario::new("forget with check", vec![vec![RIGHT], vec![Forget], vec![WRONG]])
            .after(&[Start])
            .laws(&[CANCELLED_IS_INVALID, SEEN_SUCCESS, SEEN_UNKNOWN, SEEN_CONFLICT]),
        Scenario::new("forget with forget", vec![vec![Start], vec![Forget], vec![Forget]])
            .after(&[Start])
            .laws(&[CANCELLED_IS_INVALID, SEEN_CONFLICT]),
        Scenario::new("forget with lock-out", vec![vec![WRONG], vec![Start, RIGHT], vec![Forget]])
            .tries(5)
            .after(&[Start, WRONG])
            .laws(&[SEEN_LOCKED, SEEN_SUCCESS]),
    ];
    let alone = alone.into_iter().map(|trial| trial.faults(size.alone));
    alone.chain(in_company.into_iter().map(|trial| trial.faults(size.faults))).collect()
}
