//! What should happen to one recipient, as the documentation says: with codes in the clear, and without a record,
//! a tag or a store.

use std::time::Duration;

use countersign::{Fault, Handle, Purpose, Refusal, Timestamp};

use super::spec::Spec;
use super::terms::{Answer, Held, Now, Seen};

pub type Outcome = Result<Answer, Answer>;

/// A recipient.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The time of the last change.
    pub seen: u64,
    pub failures: u16,
    locks: u32,
    lock: Option<Lock>,
    last_failure: u64,
    cooldown_until: u64,
    /// All sends, newest last.
    sends: Vec<u64>,
    pub challenge: Option<Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lock {
    Until(u64),
    Closed,
}

/// Two servers' clocks may differ by so much: then the time of the last change counts.
const TOLERANCE: u64 = 5000;

fn refuse<T>(refusal: Refusal) -> Result<T, Answer> {
    Err(Answer::Refused(refusal))
}

fn time(at: u64) -> Timestamp {
    Timestamp::from_unix_millis(at)
}

impl Account {
    /// A start on these terms; `drawn` is what the generator gave, and is put into the challenge.
    pub fn start(&mut self, now: &Now<'_>, terms: Held) -> Outcome {
        let at = self.turn_to(now, true)?;
        self.may_send(now, at)?;
        if terms.deadline.is_some_and(|deadline| deadline <= at) {
            return refuse(Refusal::DeadlinePassed);
        }
        self.issue(now, at, Held { epoch: now.epoch, key: now.key, older: Vec::new(), ..terms })
    }

    /// A newer code for the challenge with this handle.
    pub fn resend(&mut self, now: &Now<'_>, handle: Handle, code: String) -> Outcome {
        let at = self.turn_to(now, false)?;
        self.not_locked(at)?;
        let mut held = running(&mut self.challenge, now, Some(handle))?.clone();
        if held.used {
            return refuse(Refusal::AlreadyUsed);
        }
        if held.deadline.is_some_and(|deadline| deadline <= at) {
            return refuse(Refusal::DeadlinePassed);
        }
        self.may_send(now, at)?;
        held.key_is_known(now)?;
        let old = std::mem::replace(&mut held.code, code);
        held.older.insert(0, old);
        self.issue(now, at, held)
    }

    fn issue(&mut self, now: &Now<'_>, at: u64, held: Held) -> Outcome {
        let expires_at = (at + held.lifetime).min(held.deadline.unwrap_or(u64::MAX));
        let answer = Answer::Issued { channel: held.channel, expires_at };
        self.challenge = Some(Held { expires_at, tries_left: now.spec.tries, used: false, ..held });
        self.sends.push(at);
        self.cooldown_until = at + now.spec.cooldown;
        self.seen = at;
        Ok(answer)
    }

    /// It succeeds if and only if the entry is the live code of that handle and purpose, in time, with tries left, not
    /// used, and nothing is locked.
    pub fn check(&mut self, now: &Now<'_>, handle: Option<Handle>, purpose: Purpose, entry: &str) -> Outcome {
        let at = self.turn_to(now, false)?;
        self.not_locked(at)?;
        let held = running(&mut self.challenge, now, handle)?;
        if held.purpose != purpose {
            return refuse(Refusal::UnknownHandle);
        }
        let Some(entry) = held.read(entry) else { return refuse(Refusal::MalformedCode) };
        if held.used {
            return refuse(Refusal::AlreadyUsed);
        }
        if at >= held.expires_at {
            return refuse(Refusal::Expired);
        }
        if held.tries_left == 0 {
            return refuse(Refusal::NoTriesLeft);
        }
        held.key_is_known(now)?;
        self.seen = at;
        if entry == held.code {
            let answer = Answer::Passed { purpose, channel: held.channel, at };
            held.used = true;
            self.clear_failures();
            return Ok(answer);
        }
        held.tries_left -= 1;
        let (tries_left, superseded) = (held.tries_left, held.older.iter().take(2).any(|old| *old == entry));
        let locked_until = self.fail(now, at);
        refuse(match superseded {
            true => Refusal::Superseded { tries_left, locked_until },
            false => Refusal::WrongCode { tries_left, locked_until },
        })
    }

    /// Counts a failure; the end of the lock that it leads to, with which the challenge dies.
    fn fail(&mut self, now: &Now<'_>, at: u64) -> Option<Timestamp> {
        self.failures += 1;
        self.last_failure = at;
        if self.failures >= 100 {
            self.lock = Some(Lock::Closed);
        } else if self.failures.is_multiple_of(now.spec.failures.into()) {
            self.locks += 1;
            self.lock = Some(Lock::Until(at + now.spec.nth_lock(self.locks)));
        }
        let end = self.locked_until(at);
        if end.is_some() {
            self.challenge = None;
        }
        end
    }

    pub fn cancel(&mut self, now: &Now<'_>, handle: Handle) -> Outcome {
        let at = self.turn_to(now, false)?;
        running(&mut self.challenge, now, Some(handle))?;
        self.challenge = None;
        self.seen = at;
        Ok(Answer::Done)
    }

    pub fn undelivered(&mut self, now: &Now<'_>, handle: Handle) -> Outcome {
        let at = self.turn_to(now, false)?;
        running(&mut self.challenge, now, Some(handle))?;
        self.cooldown_until = 0;
        self.seen = at;
        Ok(Answer::Done)
    }

    pub fn unlock(&mut self, now: &Now<'_>) -> Outcome {
        self.seen = self.turn_to(now, true)?;
        self.clear_failures();
        Ok(Answer::Done)
    }

    /// What an operator sees.
    pub fn status(&self, now: &Now<'_>) -> Seen {
        let mut seen = self.clone();
        let at = seen.turn_to(now, true).unwrap_or(now.at);
        let ends = [
            seen.locked_until(at),
            seen.cooldown_until(at).map(time),
            seen.quota_until(now.spec, at).map(time),
        ];
        let held = running(&mut seen.challenge, now, None).ok();
        let held =
            held.map(|held| (held.purpose, held.channel, time(held.expires_at), held.tries_left, held.used));
        (seen.failures, ends, held)
    }

    /// The time to reckon with. Where the clock went back for good, a start or an operator's call takes it as it is:
    /// what was left of locks, cooldowns and quotas is left from now on, and a code that would live too long is dead.
    fn turn_to(&mut self, now: &Now<'_>, any_time: bool) -> Result<u64, Answer> {
        let by = self.seen.saturating_sub(now.at);
        if by <= TOLERANCE {
            return Ok(now.at.max(self.seen));
        }
        if !any_time {
            return Err(Answer::Fault(Fault::ClockWentBack { by: Duration::from_millis(by) }));
        }
        self.challenge = None;
        self.seen = now.at;
        self.last_failure = self.last_failure.saturating_sub(by);
        self.cooldown_until = self.cooldown_until.saturating_sub(by);
        self.sends.iter_mut().for_each(|send| *send = send.saturating_sub(by));
        if let Some(Lock::Until(end)) = &mut self.lock {
            *end = end.saturating_sub(by);
        }
        Ok(now.at)
    }

    fn not_locked(&self, at: u64) -> Result<(), Answer> {
        match self.lock {
            Some(Lock::Closed) => refuse(Refusal::Closed),
            Some(Lock::Until(end)) if at < end => refuse(Refusal::Locked { until: time(end) }),
            _ => Ok(()),
        }
    }

    /// No lock, no cooldown, no full quota; else the time at which a send is possible, and what it waits for.
    fn may_send(&self, now: &Now<'_>, at: u64) -> Result<(), Answer> {
        self.not_locked(at)?;
        let cooldown = Some(self.cooldown_until).filter(|&until| at < until);
        match (self.quota_until(now.spec, at), cooldown) {
            (Some(quota), cooldown) if cooldown.is_none_or(|cooldown| cooldown <= quota) => {
                refuse(Refusal::QuotaExceeded { retry_at: time(quota) })
            }
            (_, Some(cooldown)) => refuse(Refusal::CoolingDown { retry_at: time(cooldown) }),
            _ => Ok(()),
        }
    }

    /// The first moment at which every window has room for one more.
    pub fn quota_until(&self, spec: &Spec, at: u64) -> Option<u64> {
        let has_room = |at: u64| {
            let counted = |window| self.sends.iter().filter(|&&send| at < send + window).count();
            spec.quotas.iter().all(|&(sends, window)| counted(window) < sends.into())
        };
        let ends = self.sends.iter().flat_map(|send| spec.quotas.iter().map(move |quota| send + quota.1));
        (!has_room(at)).then(|| ends.filter(|&end| end > at && has_room(end)).min().unwrap())
    }

    pub fn cooldown_until(&self, at: u64) -> Option<u64> {
        Some(self.cooldown_until).filter(|&until| at < until)
    }

    pub fn locked_until(&self, at: u64) -> Option<Timestamp> {
        match self.lock {
            Some(Lock::Closed) => Some(Timestamp::MAX),
            Some(Lock::Until(end)) if at < end => Some(time(end)),
            _ => None,
        }
    }

    fn clear_failures(&mut self) {
        (self.failures, self.locks, self.lock, self.last_failure) = (0, 0, None, 0);
    }

    /// Until when a store must keep what is known here; none is for ever.
    pub fn counts_until(&self, spec: &Spec, epoch: u32) -> Option<u64> {
        let lock = match self.lock {
            Some(Lock::Closed) => return None,
            Some(Lock::Until(end)) => end,
            None => 0,
        };
        let failures = if self.failures > 0 { self.last_failure + spec.memory } else { 0 };
        let sends = self.sends.last().map_or(0, |send| send + spec.longest_window());
        let live = self.challenge.as_ref().filter(|held| held.epoch == epoch);
        let code = live.map_or(0, |held| held.expires_at);
        [lock, failures, sends, code, self.cooldown_until].into_iter().max()
    }
}

/// The challenge with this handle, or whichever there is. A raised epoch has killed those before it.
fn running<'a>(
    challenge: &'a mut Option<Held>,
    now: &Now<'_>,
    handle: Option<Handle>,
) -> Result<&'a mut Held, Answer> {
    let held = challenge.as_mut().filter(|held| held.epoch == now.epoch);
    match held.filter(|held| handle.is_none_or(|handle| handle == held.handle)) {
        Some(held) => Ok(held),
        None => refuse(Refusal::UnknownHandle),
    }
}
