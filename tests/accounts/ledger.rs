//! What an account's budget must contain after each call, in plain numbers: one count per factor
//! for strangers and one for devices, and the record time that they go by.

use countersign::Limits;
use countersign::limits::Lock;
use countersign_tests::desk::DAY;

/// The factors, in the order of the counts.
pub const PASSCODE: usize = 0;
pub const TOTP: usize = 1;
pub const RECOVERY: usize = 2;

/// Failures that close the account.
const CLOSED: u64 = 100;

/// The failures of strangers, or of all devices.
#[derive(Clone, Debug, Default)]
struct Group {
    counts: [u64; 3],
    forget_at: [u64; 3],
    /// The number of locks since there was no failure.
    locks: u32,
    locked_until: u64,
}

/// See the module's documentation. Times are milliseconds.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Failures that lock.
    before: u64,
    /// The duration of the first lock.
    lock: u64,
    memory: u64,
    /// Record time of the last write.
    at: u64,
    groups: [Group; 2],
    is_closed: bool,
}

/// What a wrong code must be answered.
pub struct Counted {
    pub tries_left: u64,
    pub lock: Option<u64>,
    pub is_closed: bool,
}

impl Ledger {
    pub fn new(limits: &Limits) -> Self {
        let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap();
        Self {
            before: limits.failures_before_lock().into(),
            lock: millis(limits.lock()),
            memory: millis(limits.failure_memory().unwrap()),
            at: 0,
            groups: Default::default(),
            is_closed: false,
        }
    }

    /// Returns the record time of the last write.
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// Returns whether a clock is more than a day behind the record.
    pub fn went_back(&self, now: u64) -> bool {
        self.at > now + DAY
    }

    /// Returns the lock that a call must be refused with.
    pub fn lock(&self, group: usize, now: u64) -> Option<Lock> {
        let until = self.groups[group].locked_until;
        let end = countersign::Timestamp::from_unix_millis(until);
        match self.is_closed {
            true => Some(Lock::Closed),
            false => (now.max(self.at) < until).then_some(Lock::Until(end)),
        }
    }

    /// Returns the failures of both groups.
    pub fn failures(&self, now: u64) -> u64 {
        let mut seen = self.clone();
        seen.write(now);
        seen.sum()
    }

    /// Sets the record time, and forgets what is too old.
    pub fn write(&mut self, now: u64) {
        self.at = self.at.max(now);
        if self.is_closed {
            return;
        }
        for group in &mut self.groups {
            for factor in 0..3 {
                if group.forget_at[factor] <= self.at {
                    group.counts[factor] = 0;
                }
            }
            group.tidy();
        }
    }

    /// Counts a wrong code.
    pub fn wrong(&mut self, group: usize, factor: usize, now: u64) -> Counted {
        self.write(now);
        self.charge(group, factor);
        let lock = self.lock(group, now);
        let sum = self.groups[group].sum();
        let left = (self.before - sum % self.before).min(CLOSED.saturating_sub(self.sum()));
        Counted {
            tries_left: if lock.is_some() { 0 } else { left },
            lock: lock.and_then(Lock::until).map(countersign::Timestamp::unix_millis),
            is_closed: self.is_closed,
        }
    }

    /// Clears a factor's failures after a right code. If it was charged in advance, the charge and
    /// its lock are undone.
    pub fn right(&mut self, group: usize, factor: usize, is_charged: bool, now: u64) {
        self.write(now);
        if is_charged {
            let (until, locks, is_closed) =
                (self.groups[group].locked_until, self.groups[group].locks, self.is_closed);
            self.charge(group, factor);
            self.groups[group].locked_until = until;
            self.groups[group].locks = locks;
            self.is_closed = is_closed;
        }
        self.groups[group].counts[factor] = 0;
        self.groups[group].tidy();
    }

    /// An operator clears everything, and sets the clock.
    pub fn unlock(&mut self, now: u64) {
        *self = Self { at: now, groups: Default::default(), is_closed: false, ..self.clone() };
    }

    fn charge(&mut self, group: usize, factor: usize) {
        let (at, memory) = (self.at, self.memory);
        let locks = self.groups[group].locks;
        let own = &mut self.groups[group];
        own.counts[factor] += 1;
        own.remember(factor, at + memory);
        let sum = own.sum();
        if self.sum() >= CLOSED {
            self.is_closed = true;
        } else if sum.is_multiple_of(self.before) {
            let own = &mut self.groups[group];
            own.locked_until = at + (self.lock << locks.min(10)).min(DAY.max(self.lock));
            own.locks += 1;
            // The others' memory is prolonged only by a lock that outlasts it.
            let is_long = at + memory < own.locked_until;
            let prolonged = (0..3).filter(|other| *other == factor || is_long);
            prolonged.for_each(|factor| own.remember(factor, own.locked_until + memory));
        }
    }

    fn sum(&self) -> u64 {
        self.groups.iter().map(Group::sum).sum()
    }
}

impl Group {
    fn sum(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn remember(&mut self, factor: usize, until: u64) {
        if self.counts[factor] > 0 {
            self.forget_at[factor] = self.forget_at[factor].max(until);
        }
    }

    /// Without failures, the doubling of locks starts over.
    fn tidy(&mut self) {
        for factor in 0..3 {
            if self.counts[factor] == 0 {
                self.forget_at[factor] = 0;
            }
        }
        if self.sum() == 0 {
            self.locks = 0;
        }
    }
}
