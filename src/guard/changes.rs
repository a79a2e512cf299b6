//! The changes that sends and answers make.

use alloc::vec::Vec;

use super::charge::{Charge, Receipt};
use super::level::Level;
use super::question::Question;
use super::ruling::Ruling;
use crate::store::{Change, Entry, NumberChange, NumberMemory, Standing};
use crate::time::Timestamp;

impl Question {
    /// Returns the changes of an allowed send, to be added once the send is confirmed. A refusal
    /// changes nothing, even if monitor mode sends nevertheless.
    #[must_use]
    pub fn sent(&self, ruling: &Ruling) -> Vec<Change> {
        let Some(charge) = ruling.charge().filter(|_| ruling.matched().is_empty()) else {
            return Vec::new();
        };
        let mut changes = Vec::with_capacity(self.keys().len());
        changes.push(Change::number(self.memory_key(), NumberChange::sent(self.owed(charge, 1))));
        for (level, key) in self.tallies() {
            if is_spend(level) || covers(charge, level) {
                changes.push(Change::sums(key, self.weight(level), 0.0));
            }
        }
        changes
    }

    /// Returns the changes of a correct answer. `memory` is the entry of
    /// [`memory_key`](Self::memory_key), `receipt` that of the challenge.
    ///
    /// The first answer in 180 days refunds each tally what the number owes, and earns. For 72
    /// hours after it, an answer refunds the charge of the send that it answers. Later answers
    /// change no tally.
    #[must_use]
    pub fn answered(&self, receipt: Receipt, memory: &Entry, now: Timestamp) -> Vec<Change> {
        let memory = as_of(memory, now);
        let owed = memory.owed()[self.subject.owes()];
        let mut changes = Vec::with_capacity(self.keys().len());
        changes.push(Change::number(self.memory_key(), NumberChange::verified(now)));
        match (memory.standing(now), receipt.last()) {
            (Standing::New, _) if receipt.is_to_stranger() => self.earn(&mut changes, receipt, owed),
            (Standing::Recent, Some(last)) => self.take_back(&mut changes, last, owed),
            _ => {}
        }
        changes
    }

    /// Returns whether a right answer changes tallies. Otherwise
    /// [`memory_question`](crate::guard::Guard::memory_question) is enough for
    /// [`answered`](Self::answered).
    #[must_use]
    pub fn answer_changes_tallies(receipt: Receipt, memory: &Entry, now: Timestamp) -> bool {
        match as_of(memory, now).standing(now) {
            Standing::New => receipt.is_to_stranger(),
            Standing::Recent => receipt.last().is_some_and(Charge::is_charged),
            Standing::Settled => false,
        }
    }

    /// Returns the changes of a send that was not delivered, whose charge was
    /// [taken](Receipt::take_last) from the receipt. `memory` is as for
    /// [`answered`](Self::answered). The send still counts as spend and among the sends of 24
    /// hours.
    #[must_use]
    pub fn undelivered(&self, charge: Charge, memory: &Entry, now: Timestamp) -> Vec<Change> {
        let owed = as_of(memory, now).owed()[self.subject.owes()];
        let mut changes = Vec::new();
        if charge != Charge::Watched {
            let back =
                NumberChange { unanswered: -1, owed: self.owed(charge, -1), ..NumberChange::default() };
            changes.push(Change::number(self.memory_key(), back));
        }
        self.take_back(&mut changes, charge, owed);
        changes
    }

    /// Applies a first answer: refunds what the number owes to all tallies that it can charge.
    fn earn(&self, changes: &mut Vec<Change>, receipt: Receipt, owed: f64) {
        let has = |charge| receipt.has(charge);
        for (level, key) in self.tallies() {
            let (owed, earned) = match level {
                // What all regions answered counts for the purse.
                Level::Purse => (if has(Charge::Purse) { owed } else { 0.0 }, 1.0),
                Level::Vouched if !has(Charge::Vouched) => continue,
                level if is_spend(level) => continue,
                _ => (owed, 1.0),
            };
            let weight = self.weight(level);
            changes.push(Change::sums(key, -owed * weight, earned * weight));
        }
    }

    /// Refunds the charge of one send, which has decayed: at most what the number owes.
    fn take_back(&self, changes: &mut Vec<Change>, charge: Charge, owed: f64) {
        for (level, key) in self.tallies().filter(|(level, _)| covers(charge, *level)) {
            changes.push(Change::sums(key, -owed.min(1.0) * self.weight(level), 0.0));
        }
    }

    /// Returns the change of what a number owes.
    fn owed(&self, charge: Charge, sends: i8) -> [i8; 2] {
        let mut owed = [0; 2];
        if charge.is_charged() {
            owed[self.subject.owes()] = sends;
        }
        owed
    }
}

fn as_of(memory: &Entry, now: Timestamp) -> NumberMemory {
    match memory {
        Entry::Number(memory) => memory.as_of(now),
        Entry::Sums(_) => NumberMemory::EMPTY,
    }
}

/// Returns whether a send with this charge is charged to the tally. Caps on spend are not included.
fn covers(charge: Charge, level: Level) -> bool {
    match level {
        Level::Purse => charge == Charge::Purse,
        Level::Vouched => charge == Charge::Vouched,
        level => charge.is_charged() && !is_spend(level),
    }
}

/// Returns whether a tally counts spend on everybody, for a cap.
const fn is_spend(level: Level) -> bool {
    matches!(level, Level::SpendRegion | Level::SpendTenant | Level::SpendAll)
}
