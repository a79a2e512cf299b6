//! Strangers, and a device that verified the recipient long ago.

use super::{RIGHT, Size, WRONG};
use crate::call::Call::{Forget, Start, Unlock};
use crate::call::Lane::{Common, Device};
use crate::laws::*;
use crate::scenario::Scenario;
use crate::trial::Trial;

/// Returns the scenarios of lanes.
#[must_use]
pub fn lanes(size: Size) -> Vec<Trial> {
    let all = vec![
        Scenario::new("lanes: strangers fail", vec![vec![Start, RIGHT], vec![WRONG], vec![WRONG]])
            .after(&[Start])
            .lanes(&[Device, Common, Common])
            .laws(&[HOLDERS_PASS, LANES_APART, LOCK_LASTS, SEEN_COMMON_LOCKED, SEEN_SUCCESS]),
        Scenario::new("lanes: the device fails", vec![vec![Start, WRONG, WRONG], vec![RIGHT]])
            .after(&[Start])
            .lanes(&[Device, Common])
            .laws(&[HOLDERS_PASS, LANES_APART, LOCK_LASTS, SEEN_DEVICE_LOCKED, SEEN_SUCCESS]),
        Scenario::new("lanes: strangers start", vec![vec![Start, RIGHT], vec![Start], vec![Start]])
            .cooling()
            .quota(1)
            .lanes(&[Device, Common, Common])
            .laws(&[HOLDERS_PASS, LANES_APART, SEEN_TOO_SOON, SEEN_SUCCESS]),
        Scenario::new("lanes: one is forgotten", vec![vec![Start, WRONG, RIGHT], vec![Forget], vec![Unlock]])
            .after(&[Start, WRONG])
            .lanes(&[Device, Common, Common])
            .laws(&[HOLDERS_PASS, LANES_APART, SEEN_SUCCESS]),
    ];
    all.into_iter().map(|trial| trial.faults(size.faults)).collect()
}
