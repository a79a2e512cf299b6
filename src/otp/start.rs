//! Issuing codes: a new challenge, and a newer code for a running one.

use super::challenge::{Challenge, Retired, Terms};
use super::code::Code;
use super::context::Context;
use super::entropy::Drawn;
use super::handle::Handle;
use super::passcode::{Record, Slot};
use super::purpose::Purpose;
use super::step::{Step, Transition};
use crate::channel::Channel;
use crate::error::{EntropyError, Refusal};
use crate::keys::Tag;
use crate::time::Timestamp;

/// A code that was issued, in the clear: to be sent, and then forgotten.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewCode {
    /// The challenge's handle, for the client.
    pub handle: Handle,
    /// The code, for the recipient.
    pub code: Code,
    /// How it is to be sent.
    pub channel: Channel,
    /// When it dies.
    pub expires_at: Timestamp,
}

impl Record {
    /// Starts a challenge, which replaces the one before it.
    ///
    /// A refusal leaves a challenge that runs as it is.
    ///
    /// # Errors
    ///
    /// If the generator or the clock is out of order.
    pub fn start(&self, context: &Context<'_>, terms: &Terms, drawn: &Drawn) -> Transition<NewCode> {
        let next = self.open(context)?;
        let over = terms.is_over(context.now).then_some(Refusal::DeadlinePassed);
        if let Some(refusal) = next.send_refusal(context).or(over) {
            return Step::refuse(refusal);
        }
        let handle = drawn.handle();
        if self.value.knows(&handle) {
            // The generator starts over: what it gave last time, it gives again.
            return Err(EntropyError::Stuck.into());
        }
        let challenge = Challenge {
            handle,
            terms: *terms,
            key: context.keys.current(),
            issued_at: context.now,
            expires_at: context.now,
            tries_left: 0,
            used: false,
            live: Tag::default(),
            retired: Retired::default(),
        };
        next.issue(context, challenge, drawn)
    }

    /// Issues a newer code for the challenge with this handle and purpose, or for whichever there is of this purpose. The code before it is
    /// superseded; no budget but the tries of the code is refilled. An expired code can be replaced too, until the challenge's deadline.
    ///
    /// # Errors
    ///
    /// If the generator or the clock is out of order, or the challenge's key is not known here.
    pub fn resend(
        &self,
        context: &Context<'_>,
        handle: Option<&Handle>,
        purpose: Purpose,
        drawn: &Drawn,
    ) -> Transition<NewCode> {
        let next = self.open(context)?;
        let mut challenge = match next.running(context, next.at, handle, purpose) {
            Ok(challenge) => challenge.clone(),
            Err(refusal) => return Step::refuse(refusal),
        };
        let used = challenge.used.then_some(Refusal::AlreadyUsed);
        let over = challenge.terms.is_over(context.now).then_some(Refusal::DeadlinePassed);
        if let Some(refusal) = used.or(over).or(next.send_refusal(context)) {
            return Step::refuse(refusal);
        }
        challenge.retired.push(challenge.live);
        next.issue(context, challenge, drawn)
    }

    /// Puts a new code into a challenge and the challenge into the record, and counts the send.
    fn issue(
        mut self,
        context: &Context<'_>,
        mut challenge: Challenge,
        drawn: &Drawn,
    ) -> Transition<NewCode> {
        let code = Code::random(challenge.terms.format, drawn)?;
        challenge.live = challenge.tag(context, &code)?;
        challenge.issued_at = context.now;
        challenge.expires_at = challenge.terms.expires_at(context.now);
        challenge.tries_left = context.limits.tries_per_code();
        self.value.sends.note(self.at, context.limits);
        self.value.last_send = Some(context.now);
        let issue = NewCode {
            handle: challenge.handle,
            code,
            channel: challenge.terms.channel,
            expires_at: challenge.expires_at,
        };
        self.value.slot = Slot::Challenge(challenge);
        Step::write(self, Ok(issue))
    }

    /// Why nothing may be sent now: the lock, or else whichever of cooldown and quota lasts longer.
    pub(super) fn send_refusal(&self, context: &Context<'_>) -> Option<Refusal> {
        let cooling = self
            .cooldown_until(context.now, context.limits)
            .map(|retry_at| Refusal::CoolingDown { retry_at });
        let quota = self
            .value
            .sends
            .retry_at(context.limits, self.at)
            .map(|retry_at| Refusal::QuotaExceeded { retry_at });
        let longer = if quota.and_then(|q| q.retry_at()) < cooling.and_then(|c| c.retry_at()) {
            cooling
        } else {
            quota
        };
        self.lock_refusal(self.at).or(longer)
    }
}
