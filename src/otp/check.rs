//! Checking a code.

use super::challenge::Verdict;
use super::code::Code;
use super::context::Context;
use super::handle::Handle;
use super::purpose::Purpose;
use super::record::Record;
use super::refusal::Refusal;
use super::sealed::{Step, Transition};
use crate::channel::Channel;
use crate::time::Timestamp;

/// What a client shows to pass a challenge.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The handle; none means whichever challenge there is.
    pub handle: Option<&'a Handle>,
    /// What the code is to prove.
    pub purpose: Purpose,
    /// The code as it was entered.
    pub entry: &'a str,
}

impl core::fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Attempt({:?})", self.purpose)
    }
}

/// A challenge that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
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
    pub fn check(&self, context: &Context<'_>, attempt: &Attempt<'_>) -> Transition<Passed> {
        let now = self.time(context)?;
        if let Some(refusal) = self.lock_refusal_at(now) {
            return Step::refuse(refusal);
        }
        let found = self.challenge_of_epoch(context.epoch, attempt.handle);
        let Some(challenge) = found.filter(|held| held.terms.purpose == attempt.purpose) else {
            return Step::refuse(Refusal::UnknownHandle);
        };
        let Some(code) = Code::entered(attempt.entry, challenge.terms.format) else {
            return Step::refuse(Refusal::MalformedCode);
        };
        if challenge.used {
            return Step::refuse(Refusal::AlreadyUsed);
        }
        if challenge.expires_at <= now {
            return Step::refuse(Refusal::Expired);
        }
        if challenge.tries_left == 0 {
            return Step::refuse(Refusal::NoTriesLeft);
        }
        let verdict = challenge.judge(context, &code)?;

        let (mut challenge, mut failures) = (challenge.clone(), self.failures.clone());
        let outcome = if verdict == Verdict::Right {
            challenge.used = true;
            failures.clear();
            Ok(Passed { purpose: challenge.terms.purpose, channel: challenge.terms.channel, at: now })
        } else {
            challenge.tries_left -= 1;
            failures.count(now, context.limits);
            let tries_left = challenge.tries_left;
            let locked_until = failures.lock(now).map(|_| failures.locked_until);
            Err(match verdict {
                Verdict::Superseded => Refusal::Superseded { tries_left, locked_until },
                _ => Refusal::WrongCode { tries_left, locked_until },
            })
        };
        // Put together once, at its end: a copy that is changed and then moved out costs a twelfth of the HMAC more.
        let next = Self {
            operation: context.operation,
            earlier: self.earlier.after(self.operation),
            written_at: now,
            epoch: self.epoch.max(context.epoch),
            challenge: failures.lock(now).is_none().then_some(challenge),
            failures,
            cooldown_until: self.cooldown_until,
            sends: self.sends.clone(),
        };
        Step::write(next, outcome)
    }
}
