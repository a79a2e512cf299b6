//! Checking a code.

use super::account_mark::AccountMark;
use super::challenge::{Challenge, Terms, Verdict};
use super::code::Code;
use super::context::Context;
use super::handle::Handle;
use super::passcode::{Passcode, Record, Slot};
use super::purpose::Purpose;
use super::step::{Step, Transition};
use crate::channel::Channel;
use crate::clock;
use crate::error::{Fault, Refusal};
use crate::time::Timestamp;

/// An attempt to pass a challenge.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The handle; `None` selects the record's challenge, whatever its handle.
    pub handle: Option<&'a Handle>,
    /// The purpose that the code must have.
    pub purpose: Purpose,
    /// The code as entered by the person.
    pub entry: &'a str,
    /// The account of the challenge.
    pub(crate) account: AccountMark,
}

impl<'a> Attempt<'a> {
    /// Creates an attempt. Without a handle, it applies to the record's challenge.
    #[must_use]
    pub fn new(handle: impl Into<Option<&'a Handle>>, purpose: Purpose, entry: &'a str) -> Self {
        Self { handle: handle.into(), purpose, entry, account: AccountMark::NONE }
    }

    pub(crate) const fn of_account(mut self, account: AccountMark) -> Self {
        self.account = account;
        self
    }
}

impl core::fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Attempt({:?})", self.purpose)
    }
}

/// A challenge that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// The purpose of the code.
    pub purpose: Purpose,
    /// The channel by which the code was sent.
    pub channel: Channel,
    /// When the code was checked.
    pub at: Timestamp,
}

impl Record {
    /// Checks a code against the live one and those that it replaced.
    ///
    /// Succeeds if and only if the code is the live one of this handle and purpose, the record is
    /// not locked, and attempts are left. The challenge is then used and the failures are cleared.
    ///
    /// A wrong or superseded code counts as a failure. Any other refusal (unknown handle;
    /// malformed, expired or used code) compares nothing and counts as nothing.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong,
    /// [`Fault::UnknownKey`] if this server does not have the challenge's key.
    #[inline(always)]
    pub fn check(&self, context: &Context<'_>, attempt: &Attempt<'_>) -> Transition<Match> {
        let at = self.record_time(context)?;
        let challenge = match self.running(context, at, attempt.handle, attempt.purpose) {
            Ok(challenge) => challenge,
            Err(refusal) => return Step::refuse(refusal),
        };
        if challenge.terms.account != attempt.account {
            return Step::refuse(Refusal::UnknownHandle);
        }
        let Some(code) = Code::entered(attempt.entry, challenge.terms.format) else {
            return Step::refuse(Refusal::MalformedCode);
        };
        if let Some(refusal) = challenge.cannot_pass(context.now)? {
            return Step::refuse(refusal);
        }
        let verdict = challenge.judge(context, &code)?;

        let (mut challenge, mut failures) = (challenge.clone(), self.value.failures.clone());
        let outcome = if verdict == Verdict::Right {
            challenge.used = true;
            failures.clear();
            let Terms { purpose, channel, .. } = challenge.terms;
            Ok(Match { purpose, channel, at: context.now })
        } else {
            challenge.tries_left -= 1;
            failures.run_out(at);
            failures.count(at, context.limits);
            let (tries_left, lock) = (challenge.tries_left, failures.lock(at));
            Err(match verdict {
                Verdict::Superseded => Refusal::Superseded { tries_left, lock },
                _ => Refusal::WrongCode { tries_left, lock },
            })
        };
        // A lock ends the challenge. Only its handle is kept, so that its holder learns of the
        // lock.
        let slot = match failures.lock(at) {
            None => Slot::Challenge(challenge),
            Some(_) => Slot::Locked(challenge.handle),
        };
        // Built once, at the end: changing and then moving a copy costs another twelfth of the
        // HMAC.
        let next = Self {
            operation: context.operation,
            earlier: self.earlier_after(),
            at,
            epoch: self.epoch.max(context.epoch),
            is_forgotten: false,
            value: Passcode {
                slot,
                failures,
                last_send: self.value.last_send,
                sends: self.value.sends.kept_for(context.limits),
            },
        };
        Step::write(next, outcome)
    }
}

impl Challenge {
    /// Returns why no code can pass now, by this server's clock, or `None` if one can.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] if the clock is behind that of the issuing server: the code would
    /// be valid for longer than allowed.
    fn cannot_pass(&self, now: Timestamp) -> Result<Option<Refusal>, Fault> {
        if self.used {
            return Ok(Some(Refusal::AlreadyUsed));
        }
        clock::not_before(self.issued_at, now)?;
        if self.expires_at <= now {
            return Ok(Some(Refusal::Expired));
        }
        Ok((self.tries_left == 0).then_some(Refusal::NoTriesLeft))
    }
}
