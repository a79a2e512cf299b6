//! Cancelling a challenge, reporting failed deliveries, and the calls of operators.

use super::context::Context;
use super::handle::Handle;
use super::passcode::{Record, Slot};
use super::purpose::Purpose;
use super::step::{Step, Transition};
use crate::channel::Channel;
use crate::clock::valid;
use crate::error::Fault;
use crate::limits::Lock;
use crate::time::Timestamp;

impl Record {
    /// Cancels the challenge with this handle: its codes are no longer accepted. All budgets and
    /// the cooldown remain.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub fn cancel(&self, context: &Context<'_>, handle: &Handle, purpose: Purpose) -> Transition<()> {
        let mut next = self.open(context)?;
        if let Err(refusal) = next.running(context, next.at, Some(handle), purpose) {
            return Step::refuse(refusal);
        }
        next.value.slot = Slot::Empty;
        Step::write(next, Ok(()))
    }

    /// Ends the cooldown after the gateway could not send the code, so that a resend is possible at
    /// once.
    ///
    /// The code remains valid, because it may have been delivered after all. No budget is refilled.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub fn undelivered(&self, context: &Context<'_>, handle: &Handle, purpose: Purpose) -> Transition<()> {
        let mut next = self.open(context)?;
        if let Err(refusal) = next.running(context, next.at, Some(handle), purpose) {
            return Step::refuse(refusal);
        }
        next.value.last_send = None;
        Step::write(next, Ok(()))
    }

    /// Clears the failures and the lock, and sets the record time to this server's clock, so that a
    /// record written by a clock far ahead can be used again. The send quota is kept.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is out of range.
    pub fn unlock(&self, context: &Context<'_>) -> Transition<()> {
        let mut next = self.reset(context)?;
        next.value.failures.clear();
        if matches!(next.value.slot, Slot::Locked(_)) {
            next.value.slot = Slot::Empty;
        }
        Step::write(next, Ok(()))
    }

    /// Returns the marker that replaces a forgotten record. It contains only the operation and the
    /// time, and expires after ten minutes.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is out of range.
    pub fn forget(context: &Context<'_>) -> Result<Self, Fault> {
        let at = valid(context.now)?;
        Ok(Self::forgotten(context.operation, at))
    }

    /// Returns the status of the record, for operators.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is out of range.
    pub fn status(&self, context: &Context<'_>) -> Result<Status, Fault> {
        let at = valid(context.now)?.max(self.at);
        let mut failures = self.value.failures.clone();
        failures.run_out(at);
        let challenge = self.value.challenge().filter(|_| self.epoch >= context.epoch);
        Ok(Status {
            failures_in_a_row: failures.in_a_row,
            lock: failures.lock(at),
            cooldown_until: self.cooldown_until(context.now, context.limits),
            quota_until: self.value.sends.retry_at(context.limits, at),
            challenge: challenge.map(|held| ChallengeStatus {
                purpose: held.terms.purpose,
                channel: held.terms.channel,
                expires_at: held.expires_at,
                tries_left: held.tries_left,
                used: held.used,
            }),
        })
    }
}

/// The status of a recipient's record, for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Failures since the last success.
    pub failures_in_a_row: u16,
    /// The current lock, if any.
    pub lock: Option<Lock>,
    /// When the cooldown ends, if one is running.
    pub cooldown_until: Option<Timestamp>,
    /// When the next send is within the quota, if the quota is used up.
    pub quota_until: Option<Timestamp>,
    /// The challenge, if any.
    pub challenge: Option<ChallengeStatus>,
}

/// The status of a challenge, for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengeStatus {
    /// The purpose of its code.
    pub purpose: Purpose,
    /// The channel by which its code was sent.
    pub channel: Channel,
    /// When the code expires or expired.
    pub expires_at: Timestamp,
    /// Attempts left for the code.
    pub tries_left: u8,
    /// Whether the challenge was passed.
    pub used: bool,
}
