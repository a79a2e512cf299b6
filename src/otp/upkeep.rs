//! The rest of a challenge's life: cancelled, undelivered; and what operators do.

use super::context::Context;
use super::handle::Handle;
use super::opening::valid;
use super::passcode::{Record, Slot};
use super::purpose::Purpose;
use super::step::{Step, Transition};
use crate::channel::Channel;
use crate::error::Fault;
use crate::limits::Lock;
use crate::time::Timestamp;

impl Record {
    /// Ends the challenge with this handle: its codes are dead. All budgets and the cooldown stay.
    ///
    /// # Errors
    ///
    /// If the clock is out of order.
    pub fn cancel(&self, context: &Context<'_>, handle: &Handle, purpose: Purpose) -> Transition<()> {
        let mut next = self.open(context)?;
        if let Err(refusal) = next.running(context, next.at, Some(handle), purpose) {
            return Step::refuse(refusal);
        }
        next.value.slot = Slot::Empty;
        Step::write(next, Ok(()))
    }

    /// Notes that the gateway could not send the code: the cooldown ends, so that the code can be sent again at once. The
    /// code stays good, for it may have been delivered after all, and no budget is refilled.
    ///
    /// # Errors
    ///
    /// If the clock is out of order.
    pub fn undelivered(&self, context: &Context<'_>, handle: &Handle, purpose: Purpose) -> Transition<()> {
        let mut next = self.open(context)?;
        if let Err(refusal) = next.running(context, next.at, Some(handle), purpose) {
            return Step::refuse(refusal);
        }
        next.value.last_send = None;
        Step::write(next, Ok(()))
    }

    /// Clears failures and lock, on an operator's word, and sets record time to this server's clock: a
    /// record that a clock far ahead has written can be used again. The send quota stays.
    ///
    /// # Errors
    ///
    /// If the clock is out of range.
    pub fn unlock(&self, context: &Context<'_>) -> Transition<()> {
        let mut next = self.reset(context)?;
        next.value.failures.clear();
        if matches!(next.value.slot, Slot::Locked(_)) {
            next.value.slot = Slot::Empty;
        }
        Step::write(next, Ok(()))
    }

    /// Forgets all there is. What is written instead says no more than that, and when; it ends by
    /// itself after ten minutes.
    ///
    /// # Errors
    ///
    /// If the clock is out of range.
    pub fn forget(context: &Context<'_>) -> Result<Self, Fault> {
        let at = valid(context.now)?;
        Ok(Self::forgotten(context.operation, at))
    }

    /// What an operator sees of the record.
    ///
    /// # Errors
    ///
    /// If the clock is out of range.
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

/// What an operator sees of a recipient's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Failures since the last success.
    pub failures_in_a_row: u16,
    /// The lock, if there is one.
    pub lock: Option<Lock>,
    /// The end of the cooldown, if it runs.
    pub cooldown_until: Option<Timestamp>,
    /// When the send quota has room again, if it has none.
    pub quota_until: Option<Timestamp>,
    /// The challenge, if there is one.
    pub challenge: Option<ChallengeStatus>,
}

/// What an operator sees of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengeStatus {
    /// What its code is for.
    pub purpose: Purpose,
    /// How the code travels.
    pub channel: Channel,
    /// When the code dies, or died.
    pub expires_at: Timestamp,
    /// How many tries the code has left.
    pub tries_left: u8,
    /// Whether the challenge was met.
    pub used: bool,
}
