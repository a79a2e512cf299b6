//! One failure budget over all factors of an account.

mod fields;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk;

use super::charges::Charges;
use super::factor::Factor;
use crate::limits::{CLOSED_AT, DAY, Limits, Lock};
use crate::time::Timestamp;

pub(super) use fields::{LONGEST, fill, put};

/// Whose attempts are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Everybody who does not present a valid device token of the account.
    Common,
    /// All devices that do, so that a stranger's lock does not stop the owner.
    Trusted,
}

impl Group {
    /// Both groups.
    pub const ALL: [Self; 2] = [Self::Common, Self::Trusted];
}

/// Names a charge: a comparison that was counted as a failure before its verdict was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChargeId {
    pub(super) group: Group,
    pub(super) factor: Factor,
    pub(super) number: u32,
}

/// The failures of an account, and the locks that follow them.
///
/// A success clears the failures of its own factor only, so that whoever holds the first factor
/// cannot guess the second for ever. Locks go by the sum over all factors. The group of trusted
/// devices is counted apart, but at 100 failures in both the account is closed.
///
/// All times are record time (see `clock.rs`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Budget {
    groups: [Failures; 2],
    /// The charge that closed the account, if it is closed.
    closed_by: Option<ChargeId>,
}

/// The failures of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Failures {
    factors: [Charges; Factor::ALL.len()],
    /// The number of locks since the sum was last 0.
    locks: u8,
    /// The last lock, even if it has ended.
    lock: Option<GroupLock>,
}

/// A lock, and the charge that caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct GroupLock {
    until: Timestamp,
    factor: Factor,
    number: u32,
}

impl Budget {
    /// Counts a failure before the verdict is known. Locks at every multiple of the limit: for the
    /// first lock's duration, then twice and four times as long, up to a day.
    ///
    /// `random` is where the numbers of the factor's charges begin.
    pub(super) fn charge(
        &mut self,
        group: Group,
        factor: Factor,
        random: u32,
        at: Timestamp,
        limits: &Limits,
    ) -> ChargeId {
        let failures = self.group_mut(group);
        let number = failures.factor_mut(factor).charge(random);
        failures.factor_mut(factor).remember(limits.remembered_until(at));
        let id = ChargeId { group, factor, number };
        let sum = failures.sum();
        if self.sum() >= CLOSED_AT {
            self.closed_by.get_or_insert(id);
        } else if sum.is_multiple_of(limits.failures_before_lock().into()) {
            self.group_mut(group).lock(factor, number, at, limits);
        }
        id
    }

    /// Returns whether this charge was made here, even if it was settled since.
    pub(super) fn knows(&self, id: ChargeId) -> bool {
        self.group(id.group).factors[id.factor as usize].knows(id.number)
    }

    /// Clears this factor's failures up to this charge, which was a success, and undoes the lock
    /// that the charge caused. A charge that is not known changes nothing.
    pub(super) fn settle(&mut self, id: ChargeId) {
        self.group_mut(id.group).factor_mut(id.factor).settle(id.number);
        self.undo_lock(id);
    }

    /// Takes back a charge whose comparison did not take place, and the lock that it caused. A
    /// charge that is not known changes nothing.
    pub(super) fn refund(&mut self, id: ChargeId) {
        self.group_mut(id.group).factor_mut(id.factor).refund(id.number);
        self.undo_lock(id);
    }

    /// Clears this factor's failures after a success that was not charged.
    pub(super) fn succeed(&mut self, group: Group, factor: Factor) {
        let failures = self.group_mut(group);
        failures.factor_mut(factor).clear();
        failures.tidy();
    }

    /// Returns the lock in force.
    pub(super) fn lock(&self, group: Group, at: Timestamp) -> Option<Lock> {
        if self.closed_by.is_some() {
            return Some(Lock::Closed);
        }
        let lock = self.group(group).lock.filter(|lock| at < lock.until);
        lock.map(|lock| Lock::Until(lock.until))
    }

    /// Returns how many more failures lead to a lock, or 0 while one is in force.
    pub(super) fn tries_left(&self, group: Group, at: Timestamp, limits: &Limits) -> u8 {
        if self.lock(group, at).is_some() {
            return 0;
        }
        let before = u16::from(limits.failures_before_lock());
        let until_lock = before - self.group(group).sum() % before;
        until_lock.min(CLOSED_AT.saturating_sub(self.sum())) as u8
    }

    /// Returns the failures of both groups.
    pub(super) fn sum(&self) -> u16 {
        self.groups.iter().map(Failures::sum).sum()
    }

    /// Clears the failures whose memory has expired. A closed account keeps them until it is
    /// unlocked.
    pub(super) fn run_out(&mut self, at: Timestamp) {
        if self.closed_by.is_none() {
            self.groups.iter_mut().for_each(|failures| failures.run_out(at));
        }
    }

    /// Clears all failures and locks, for an operator.
    pub(super) fn clear(&mut self) {
        self.closed_by = None;
        for failures in &mut self.groups {
            failures.factors.iter_mut().for_each(Charges::clear);
            failures.tidy();
            failures.lock = None;
        }
    }

    /// Returns until when an engine has to keep the failures and locks, where [`Timestamp::MAX`]
    /// means for ever. This is a day longer than they count, because the clock that tells the
    /// engine may be ahead by as much.
    pub(super) fn keep_until(&self) -> Timestamp {
        if self.closed_by.is_some() {
            return Timestamp::MAX;
        }
        let end = self.groups.iter().map(Failures::forget_at).max().unwrap_or_default();
        if end == Timestamp::EPOCH { end } else { end + DAY }
    }

    const fn group(&self, group: Group) -> &Failures {
        &self.groups[group as usize]
    }

    const fn group_mut(&mut self, group: Group) -> &mut Failures {
        &mut self.groups[group as usize]
    }

    fn undo_lock(&mut self, id: ChargeId) {
        if self.closed_by == Some(id) {
            self.closed_by = None;
        }
        let failures = self.group_mut(id.group);
        if failures.lock.is_some_and(|lock| (lock.factor, lock.number) == (id.factor, id.number)) {
            failures.lock = None;
            failures.locks = failures.locks.saturating_sub(1);
        }
        failures.tidy();
    }
}

impl Failures {
    fn sum(&self) -> u16 {
        self.factors.iter().map(Charges::count).sum()
    }

    const fn factor_mut(&mut self, factor: Factor) -> &mut Charges {
        &mut self.factors[factor as usize]
    }

    fn lock(&mut self, factor: Factor, number: u32, at: Timestamp, limits: &Limits) {
        let until = at + limits.lock_after(self.locks);
        self.locks = self.locks.saturating_add(1);
        if self.lock.is_none_or(|lock| lock.until < until) {
            self.lock = Some(GroupLock { until, factor, number });
        }
        // The memory of the factor begins when the lock that it caused ends. If the lock outlasts
        // the memory, so does that of the others: it would otherwise end with little remembered,
        // and guessing could continue forever.
        let remembered = limits.remembered_until(until);
        if limits.remembered_until(at) <= until {
            self.factors.iter_mut().for_each(|charges| charges.remember(remembered));
        }
        self.factor_mut(factor).remember(remembered);
    }

    fn run_out(&mut self, at: Timestamp) {
        self.factors.iter_mut().for_each(|charges| charges.run_out(at));
        self.tidy();
        if self.sum() == 0 && self.lock.is_some_and(|lock| lock.until <= at) {
            self.lock = None;
        }
    }

    /// The doubling of locks starts over when no failure is left. A lock in force stays.
    fn tidy(&mut self) {
        if self.sum() == 0 {
            self.locks = 0;
        }
    }

    fn forget_at(&self) -> Timestamp {
        let factors = self.factors.iter().map(|charges| charges.forget_at).max().unwrap_or_default();
        self.lock.map_or(factors, |lock| factors.max(lock.until))
    }
}
