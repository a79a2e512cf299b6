//! The documented behaviour for one recipient, with codes in clear text, and without a record, a
//! tag or a store.

use std::time::Duration;

use countersign::error::Fault;
use countersign::limits::Lock;
use countersign::{Handle, Purpose, Refusal, Timestamp};

use super::spec::Spec;
use super::terms::{Answer, Held, Now, Seen};

pub type Outcome = Result<Answer, Answer>;

/// The state of a recipient.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Record time: the latest time of any change.
    pub seen: u64,
    pub failures: u16,
    locks: u32,
    lock: Option<Lock>,
    /// When the failures are forgotten; `None` means never.
    forget_at: Option<u64>,
    /// The last send, by the clock of the sending server.
    last_send: Option<u64>,
    /// All sends in record time, newest last.
    sends: Vec<u64>,
    pub challenge: Option<Held>,
    /// The handle and the epoch of a challenge that ended in a lock.
    locked: Option<(Handle, u32)>,
    /// Whether there is anything to forget.
    is_there: bool,
}

/// The tolerated difference between servers' clocks, in milliseconds, within which a code still
/// passes.
const TOLERANCE: u64 = 5000;

/// A clock further behind the last change than this does nothing.
const DAY: u64 = 24 * 60 * 60 * 1000;

fn refuse<T>(refusal: Refusal) -> Result<T, Answer> {
    Err(Answer::Refused(refusal))
}

fn time(at: u64) -> Timestamp {
    Timestamp::from_unix_millis(at)
}

fn went_back(by: u64) -> Answer {
    Answer::Fault(Fault::ClockWentBack { by: Duration::from_millis(by) })
}

impl Account {
    /// Starts a challenge on these terms, which contain the handle and the code that the library
    /// drew.
    pub fn start(&mut self, now: &Now<'_>, terms: Held) -> Outcome {
        let at = self.record_time(now)?;
        self.may_send(now, at)?;
        if terms.deadline.is_some_and(|deadline| deadline <= now.at) {
            return refuse(Refusal::DeadlinePassed);
        }
        self.issue(now, at, Held { epoch: now.epoch, key: now.key, older: Vec::new(), ..terms })
    }

    /// Issues a newer code for the challenge with this handle and purpose.
    pub fn resend(&mut self, now: &Now<'_>, handle: Handle, purpose: Purpose, code: String) -> Outcome {
        let at = self.record_time(now)?;
        let mut held = self.running(now, at, Some(handle), purpose)?.clone();
        if held.used {
            return refuse(Refusal::AlreadyUsed);
        }
        if held.deadline.is_some_and(|deadline| deadline <= now.at) {
            return refuse(Refusal::DeadlinePassed);
        }
        self.may_send(now, at)?;
        held.key_is_known(now)?;
        let old = std::mem::replace(&mut held.code, code);
        held.older.insert(0, old);
        self.issue(now, at, held)
    }

    fn issue(&mut self, now: &Now<'_>, at: u64, held: Held) -> Outcome {
        let expires_at = (now.at + held.lifetime).min(held.deadline.unwrap_or(u64::MAX));
        let answer = Answer::Issued { channel: held.channel, expires_at };
        let tries_left = now.spec.tries;
        self.challenge = Some(Held { issued_at: now.at, expires_at, tries_left, used: false, ..held });
        self.locked = None;
        self.sends.push(at);
        self.last_send = Some(now.at);
        self.change(at);
        Ok(answer)
    }

    /// Succeeds if and only if the entry is the live code of this handle and purpose, in time, with
    /// attempts left, not used, and nothing is locked.
    pub fn check(&mut self, now: &Now<'_>, handle: Option<Handle>, purpose: Purpose, entry: &str) -> Outcome {
        let at = self.record_time(now)?;
        let held = self.running(now, at, handle, purpose)?;
        let Some(entry) = held.read(entry) else { return refuse(Refusal::MalformedCode) };
        if held.used {
            return refuse(Refusal::AlreadyUsed);
        }
        if now.at + TOLERANCE < held.issued_at {
            return Err(went_back(held.issued_at - now.at));
        }
        if now.at >= held.expires_at {
            return refuse(Refusal::Expired);
        }
        if held.tries_left == 0 {
            return refuse(Refusal::NoTriesLeft);
        }
        held.key_is_known(now)?;
        if entry == held.code {
            let answer = Answer::Verified { purpose, channel: held.channel, at: now.at };
            held.used = true;
            self.change(at);
            self.clear_failures();
            return Ok(answer);
        }
        held.tries_left -= 1;
        let (tries_left, superseded) = (held.tries_left, held.older.iter().take(2).any(|old| *old == entry));
        self.change(at);
        let lock = self.fail(now, at);
        refuse(match superseded {
            true => Refusal::Superseded { tries_left, lock },
            false => Refusal::WrongCode { tries_left, lock },
        })
    }

    /// Counts a failure, and returns the lock that it causes. A lock ends the challenge.
    fn fail(&mut self, now: &Now<'_>, at: u64) -> Option<Lock> {
        self.failures += 1;
        let mut remembered_from = Some(at);
        if self.failures >= 100 {
            self.lock = Some(Lock::Closed);
            remembered_from = None;
        } else if self.failures.is_multiple_of(now.spec.failures.into()) {
            self.locks += 1;
            let end = at + now.spec.nth_lock(self.locks);
            self.lock = Some(Lock::Until(time(end)));
            remembered_from = Some(end);
        }
        self.forget_at = remembered_from.map(|from| from + now.spec.memory);
        let lock = self.lock_at(at);
        if lock.is_some() {
            self.locked = self.challenge.take().map(|held| (held.handle, held.epoch));
        }
        lock
    }

    pub fn cancel(&mut self, now: &Now<'_>, handle: Handle, purpose: Purpose) -> Outcome {
        let at = self.record_time(now)?;
        self.running(now, at, Some(handle), purpose)?;
        self.challenge = None;
        self.change(at);
        Ok(Answer::Done)
    }

    pub fn undelivered(&mut self, now: &Now<'_>, handle: Handle, purpose: Purpose) -> Outcome {
        let at = self.record_time(now)?;
        self.running(now, at, Some(handle), purpose)?;
        self.last_send = None;
        self.change(at);
        Ok(Answer::Done)
    }

    /// Sets the record time to this clock, and keeps what is left of the quotas.
    pub fn unlock(&mut self, now: &Now<'_>) -> Outcome {
        let by = self.seen.saturating_sub(now.at);
        self.sends.iter_mut().for_each(|send| *send = send.saturating_sub(by));
        if self.challenge.as_ref().is_some_and(|held| held.issued_at > now.at + TOLERANCE) {
            self.challenge = None;
        }
        self.change(now.at);
        self.locked = None;
        self.clear_failures();
        Ok(Answer::Done)
    }

    /// Keeps only the record time, of the slowest clock that forgot.
    pub fn forget(&mut self, now: &Now<'_>) -> Outcome {
        let seen = if self.is_there { now.at } else { self.seen.min(now.at) };
        *self = Self { seen, ..Self::default() };
        Ok(Answer::Done)
    }

    /// Returns the status.
    pub fn status(&self, now: &Now<'_>) -> Seen {
        let mut seen = self.clone();
        let at = now.at.max(seen.seen);
        seen.run_out(at);
        let ends = (
            seen.lock_at(at),
            seen.cooldown_until(now.spec, now.at).map(time),
            seen.quota_until(now.spec, at).map(time),
        );
        let held = seen.challenge.as_ref().filter(|held| held.epoch == now.epoch);
        let held =
            held.map(|held| (held.purpose, held.channel, time(held.expires_at), held.tries_left, held.used));
        (seen.failures, ends, held)
    }

    /// Returns the time that budgets are kept in. It never goes backwards.
    fn record_time(&self, now: &Now<'_>) -> Result<u64, Answer> {
        let by = self.seen.saturating_sub(now.at);
        if by > DAY { Err(went_back(by)) } else { Ok(now.at.max(self.seen)) }
    }

    fn change(&mut self, at: u64) {
        self.seen = at;
        self.is_there = true;
        self.run_out(at);
    }

    /// Forgets failures whose memory has ended.
    fn run_out(&mut self, at: u64) {
        if self.failures > 0 && self.forget_at.is_some_and(|end| end <= at) {
            self.clear_failures();
        }
    }

    /// Returns the challenge with this handle, or any without one, if it has this purpose. A raised
    /// epoch has ended earlier ones. With a handle, an unknown challenge is refused before a lock
    /// is.
    fn running(
        &mut self,
        now: &Now<'_>,
        at: u64,
        handle: Option<Handle>,
        purpose: Purpose,
    ) -> Result<&mut Held, Answer> {
        let is_it = |own: Handle, epoch| epoch == now.epoch && handle.is_none_or(|handle| handle == own);
        let held = self.challenge.as_ref().is_some_and(|held| is_it(held.handle, held.epoch));
        let locked = self.locked.is_some_and(|(handle, epoch)| is_it(handle, epoch));
        if handle.is_some() && !held && !locked {
            return refuse(Refusal::UnknownHandle);
        }
        self.not_locked(at)?;
        match &mut self.challenge {
            Some(challenge) if held && challenge.purpose == purpose => Ok(challenge),
            _ => refuse(Refusal::UnknownHandle),
        }
    }

    fn not_locked(&self, at: u64) -> Result<(), Answer> {
        match self.lock_at(at) {
            Some(Lock::Closed) => refuse(Refusal::Closed),
            Some(Lock::Until(until)) => refuse(Refusal::Locked { until }),
            None => Ok(()),
        }
    }

    /// Returns an error if there is a lock, a cooldown or a full quota, with the time at which a
    /// send is possible.
    fn may_send(&self, now: &Now<'_>, at: u64) -> Result<(), Answer> {
        self.not_locked(at)?;
        let cooldown = self.cooldown_until(now.spec, now.at);
        match (self.quota_until(now.spec, at), cooldown) {
            (Some(quota), cooldown) if cooldown.is_none_or(|cooldown| cooldown <= quota) => {
                refuse(Refusal::QuotaExceeded { retry_at: time(quota) })
            }
            (_, Some(cooldown)) => refuse(Refusal::CoolingDown { retry_at: time(cooldown) }),
            _ => Ok(()),
        }
    }

    /// Returns the first moment at which every window has room for one more.
    pub fn quota_until(&self, spec: &Spec, at: u64) -> Option<u64> {
        let has_room = |at: u64| {
            let counted = |window| self.sends.iter().filter(|&&send| at < send + window).count();
            spec.quotas.iter().all(|&(sends, window)| counted(window) < sends.into())
        };
        let ends = self.sends.iter().flat_map(|send| spec.quotas.iter().map(move |quota| send + quota.1));
        (!has_room(at)).then(|| ends.filter(|&end| end > at && has_room(end)).min().unwrap())
    }

    /// Returns the end of the cooldown. A send counts if it is close to the clock, before or after
    /// it.
    pub fn cooldown_until(&self, spec: &Spec, now: u64) -> Option<u64> {
        let sent = self.last_send.filter(|sent| sent.abs_diff(now) < spec.cooldown)?;
        Some(sent + spec.cooldown)
    }

    pub fn lock_at(&self, at: u64) -> Option<Lock> {
        self.lock.filter(|lock| lock.until().is_none_or(|end| at < end.unix_millis()))
    }

    /// Returns until when, in record time, a store must keep the state; `None` means for ever.
    pub fn counts_until(&self, spec: &Spec) -> Option<u64> {
        let failures = if self.failures > 0 { self.forget_at? } else { 0 };
        let sends = self.sends.last().map_or(0, |send| send + spec.longest_window());
        let code = self.challenge.as_ref().map_or(0, |held| self.seen + held.expires_at - held.issued_at);
        Some(failures.max(sends).max(code))
    }

    fn clear_failures(&mut self) {
        (self.failures, self.locks, self.lock, self.forget_at) = (0, 0, None, None);
    }
}
