//! Checking a code.

use super::challenge::{Challenge, Terms, Verdict};
use super::code::Code;
use super::context::Context;
use super::handle::Handle;
use super::opening::CLOCK_TOLERANCE;
use super::passcode::{Passcode, Record, Slot};
use super::purpose::Purpose;
use super::step::{Step, Transition};
use crate::channel::Channel;
use crate::error::{Fault, Refusal};
use crate::time::Timestamp;

/// What a client shows to pass a challenge.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The handle; none means whichever challenge there is.
    pub handle: Option<&'a Handle>,
    /// What the code is to prove.
    pub purpose: Purpose,
    /// The code as it was entered.
    pub entry: &'a str,
}

impl<'a> Attempt<'a> {
    /// This entry, for the challenge with this handle, or for whichever there is.
    #[must_use]
    pub fn new(handle: impl Into<Option<&'a Handle>>, purpose: Purpose, entry: &'a str) -> Self {
        Self { handle: handle.into(), purpose, entry }
    }
}

impl core::fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Attempt({:?})", self.purpose)
    }
}

/// A challenge that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// What the code was for.
    pub purpose: Purpose,
    /// How it travelled.
    pub channel: Channel,
    /// When it came back.
    pub at: Timestamp,
}

impl Record {
    /// Checks a code against the live one, and against those that it replaced.
    ///
    /// It succeeds if and only if the code is the live one of that handle and purpose, the record is not locked, and
    /// tries are left. Then the challenge is used and the failures are cleared. A wrong code and a superseded one count as
    /// failures. Everything else (an unknown handle, a malformed, expired or used code) compares nothing and costs nothing.
    ///
    /// # Errors
    ///
    /// If the clock is out of order, or the challenge's key is not known here.
    #[inline]
    pub fn check(&self, context: &Context<'_>, attempt: &Attempt<'_>) -> Transition<Match> {
        let at = self.record_time(context)?;
        let challenge = match self.running(context, at, attempt.handle, attempt.purpose) {
            Ok(challenge) => challenge,
            Err(refusal) => return Step::refuse(refusal),
        };
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
        // A lock ends the challenge: of it the handle alone is kept, by which its holder learns of the lock.
        let slot = match failures.lock(at) {
            None => Slot::Challenge(challenge),
            Some(_) => Slot::Locked(challenge.handle),
        };
        // Put together once, at its end: a copy that is changed and then moved out costs a twelfth of the HMAC more.
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
    /// Why no code passes now, by this server's clock.
    ///
    /// # Errors
    ///
    /// If the clock is behind the one that the code was issued by: the code would live longer than it
    /// may.
    fn cannot_pass(&self, now: Timestamp) -> Result<Option<Refusal>, Fault> {
        if self.used {
            return Ok(Some(Refusal::AlreadyUsed));
        }
        let by = self.issued_at.since(now);
        if by > CLOCK_TOLERANCE {
            return Err(Fault::ClockWentBack { by });
        }
        if self.expires_at <= now {
            return Ok(Some(Refusal::Expired));
        }
        Ok((self.tries_left == 0).then_some(Refusal::NoTriesLeft))
    }
}
