//! The rest of a challenge's life: cancelled, undelivered; and what operators do.

use super::context::Context;
use super::handle::Handle;
use super::purpose::Purpose;
use super::record::Record;
use super::refusal::{Fault, Refusal};
use super::sealed::{Step, Transition};
use crate::channel::Channel;
use crate::time::Timestamp;

impl Record {
    /// Ends the challenge with this handle: its codes are dead. All budgets and the cooldown stay.
    ///
    /// # Errors
    ///
    /// If the clock is out of order.
    pub fn cancel(&self, context: &Context<'_>, handle: &Handle) -> Transition<()> {
        let mut next = self.open(context)?;
        if next.challenge(Some(handle)).is_none() {
            return Step::refuse(Refusal::UnknownHandle);
        }
        next.challenge = None;
        Step::write(next, Ok(()))
    }

    /// Notes that the gateway could not send the code: the cooldown ends, so that the code can be sent again at once. The
    /// code stays good, for it may have been delivered after all, and no budget is refilled.
    ///
    /// # Errors
    ///
    /// If the clock is out of order.
    pub fn undelivered(&self, context: &Context<'_>, handle: &Handle) -> Transition<()> {
        let mut next = self.open(context)?;
        if next.challenge(Some(handle)).is_none() {
            return Step::refuse(Refusal::UnknownHandle);
        }
        next.cooldown_until = Timestamp::EPOCH;
        Step::write(next, Ok(()))
    }

    /// Clears failures and lock, on an operator's word. The send quota stays.
    ///
    /// # Errors
    ///
    /// If the clock is out of order.
    pub fn unlock(&self, context: &Context<'_>) -> Transition<()> {
        let mut next = self.open_at_any_time(context)?;
        next.failures.clear();
        Step::write(next, Ok(()))
    }

    /// What an operator sees of the record.
    ///
    /// # Errors
    ///
    /// If the clock is out of order.
    pub fn status(&self, context: &Context<'_>) -> Result<Status, Fault> {
        let seen = self.open_at_any_time(context)?;
        let now = seen.written_at;
        let lock = seen.failures.lock(now);
        Ok(Status {
            failures_in_a_row: seen.failures.in_a_row,
            locked_until: lock.map(|_| seen.failures.locked_until),
            cooldown_until: Some(seen.cooldown_until).filter(|&until| now < until),
            quota_until: seen.sends.retry_at(context.limits, now),
            challenge: seen.challenge.map(|held| ChallengeStatus {
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
    /// The end of the lock, if there is one; [`Timestamp::MAX`] if only [`unlock`](Record::unlock) ends it.
    pub locked_until: Option<Timestamp>,
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
