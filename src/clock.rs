//! Checks of a server's clock: against the range of possible times, and against a record.
//!
//! Two clocks are kept apart. **Record time** is `max(now, time of the record's last write)`. It
//! never goes backwards, whichever servers write, and all budgets (send quotas, failures, locks)
//! are kept in it. **Challenges** and enrolments expire by the clock of the server that reads them,
//! so that no other server's clock ends them early or keeps them alive.

use core::time::Duration;

use crate::error::Fault;
use crate::time::Timestamp;

/// The tolerated difference between servers' clocks. A code passes on a server whose clock is
/// behind the issuer's by no more than this.
pub(crate) const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// A clock further behind the record than this is wrong, and no operation is carried out.
pub(crate) const FURTHEST_BEHIND: Duration = Duration::from_secs(24 * 60 * 60);

/// 2020-01-01. A clock before it was never set, or counts seconds where milliseconds are expected:
/// codes issued by it would be valid for hours.
pub(crate) const EARLIEST: Timestamp = Timestamp::from_unix_seconds(1_577_836_800);

/// Returns the time, or a fault if it is out of range.
pub(crate) fn valid(now: Timestamp) -> Result<Timestamp, Fault> {
    if EARLIEST <= now && now < Timestamp::MAX { Ok(now) } else { Err(Fault::ClockOutOfRange) }
}

/// Returns the record time of a write at `now`, after one at record time `last`.
///
/// # Errors
///
/// [`Fault::ClockOutOfRange`], or [`Fault::ClockWentBack`] if the clock is more than a day behind
/// the record.
#[inline]
pub(crate) fn record_time(last: Timestamp, now: Timestamp) -> Result<Timestamp, Fault> {
    let by = last.since(valid(now)?);
    if by > FURTHEST_BEHIND { Err(Fault::ClockWentBack { by }) } else { Ok(now.max(last)) }
}

/// Checks that the clock is not behind the one by which something was `issued`: it would be valid
/// for longer than allowed.
///
/// # Errors
///
/// [`Fault::ClockWentBack`] if the clock is behind by more than the tolerance.
pub(crate) fn not_before(issued: Timestamp, now: Timestamp) -> Result<(), Fault> {
    let by = issued.since(now);
    if by > CLOCK_TOLERANCE { Err(Fault::ClockWentBack { by }) } else { Ok(()) }
}
