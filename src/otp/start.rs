//! Issuing codes: for a new challenge, and for a running one.

use super::account_mark::AccountMark;
use super::challenge::{Challenge, Retired, Terms};
use super::code::Code;
use super::context::Context;
use super::entropy::Drawn;
use super::handle::Handle;
use super::passcode::{Record, Slot};
use super::purpose::Purpose;
use super::step::{Step, Transition};
use crate::channel::Channel;
#[cfg(feature = "alloc")]
use crate::error::Fault;
use crate::error::{EntropyError, Refusal};
use crate::keys::Tag;
use crate::time::Timestamp;

/// A newly issued code in clear text, to be sent and then forgotten.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewCode {
    /// The handle of the challenge, for the client.
    pub handle: Handle,
    /// The code, for the recipient.
    pub code: Code,
    /// The channel to send the code by.
    pub channel: Channel,
    /// When the code expires.
    pub expires_at: Timestamp,
}

impl Record {
    /// Starts a challenge, which replaces the previous one. If it is refused, a running challenge
    /// remains valid.
    ///
    /// # Errors
    ///
    /// - [`Fault::Entropy`] if the draw repeats the handle in the record or yields no code.
    /// - [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    ///
    /// [`Fault::Entropy`]: crate::error::Fault::Entropy
    /// [`Fault::ClockWentBack`]: crate::error::Fault::ClockWentBack
    /// [`Fault::ClockOutOfRange`]: crate::error::Fault::ClockOutOfRange
    pub fn start(&self, context: &Context<'_>, terms: &Terms, drawn: &Drawn) -> Transition<NewCode> {
        let next = self.open(context)?;
        let over = terms.is_over(context.now).then_some(Refusal::DeadlinePassed);
        if let Some(refusal) = next.send_refusal(context).or(over) {
            return Step::refuse(refusal);
        }
        let handle = drawn.handle();
        if self.value.knows(&handle) {
            // The generator has started over: it repeats its last output.
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
            charges: None,
        };
        next.issue(context, challenge, drawn)
    }

    /// Issues a new code for the challenge with this handle and purpose. Without a handle, it
    /// applies to the record's challenge of this purpose.
    ///
    /// The previous code is superseded. The new code has its full number of attempts; no other
    /// budget is refilled. An expired code can be replaced too, until the challenge's deadline.
    ///
    /// # Errors
    ///
    /// - [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    /// - [`Fault::UnknownKey`] if this server does not have the challenge's key.
    /// - [`Fault::Entropy`] if the draw yields no code.
    ///
    /// [`Fault::Entropy`]: crate::error::Fault::Entropy
    /// [`Fault::ClockWentBack`]: crate::error::Fault::ClockWentBack
    /// [`Fault::ClockOutOfRange`]: crate::error::Fault::ClockOutOfRange
    /// [`Fault::UnknownKey`]: crate::error::Fault::UnknownKey
    pub fn resend(
        &self,
        context: &Context<'_>,
        handle: Option<&Handle>,
        purpose: Purpose,
        drawn: &Drawn,
    ) -> Transition<NewCode> {
        self.resend_for(AccountMark::NONE, context, handle, purpose, drawn)
    }

    /// Issues a new code for a challenge of this account: see [`resend`](Self::resend).
    pub(crate) fn resend_for(
        &self,
        account: AccountMark,
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
        if challenge.terms.account != account {
            return Step::refuse(Refusal::UnknownHandle);
        }
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

    /// Returns why no code can be issued now, without issuing one.
    #[cfg(feature = "alloc")]
    pub(crate) fn why_no_send(&self, context: &Context<'_>) -> Result<Option<Refusal>, Fault> {
        Ok(self.open(context)?.send_refusal(context))
    }

    /// Returns why nothing may be sent now: the lock, or the longer of cooldown and quota.
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
