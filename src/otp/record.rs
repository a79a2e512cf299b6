//! All that a recipient's safety depends on, in one record.

mod encoding;
mod layout;

use core::fmt;
use core::time::Duration;

use super::challenge::Challenge;
use super::handle::Handle;
use crate::channel::Channel;
use crate::limits::{Failures, SendLog};
use crate::store::Keep;
use crate::time::Timestamp;

/// All that the safety of a (tenant, recipient, lane) depends on: one challenge with the tags of its codes, failures in a
/// row, lock, cooldown, and the times of the last sends. One swap changes all of it or none.
///
/// It holds neither the number nor a code. It changes by its transitions alone ([`start`](Self::start), [`check`](Self::check) …),
/// which are pure: time and randomness are arguments.
#[derive(Clone, Default)]
pub struct Record {
    pub(super) operation: u64,
    pub(super) earlier: EarlierOperations,
    /// Record time of the last write.
    pub(super) at: Timestamp,
    pub(super) epoch: u32,
    pub(super) failures: Failures,
    /// When a code was last sent, by the clock of the server that issued it.
    pub(super) last_send: Option<Timestamp>,
    pub(super) sends: SendLog,
    pub(super) slot: Slot,
}

/// What a record has of challenges.
#[derive(Clone, Default)]
pub(super) enum Slot {
    /// None.
    #[default]
    Empty,
    /// One that can be met.
    Challenge(Challenge),
    /// The handle of the one that ended in a lock. Its codes are gone.
    Locked(Handle),
    /// The record was forgotten. It stands for no record at all, but has a revision: a write that was
    /// on its way as it was forgotten cannot land on it.
    Forgotten,
}

/// The operations of the two writes before the last, newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct EarlierOperations([u64; 2]);

impl EarlierOperations {
    pub(super) const fn new(operations: [u64; 2]) -> Self {
        Self(operations)
    }

    pub(super) const fn get(self) -> [u64; 2] {
        self.0
    }

    /// As they are after one more write.
    pub(super) const fn after(self, last: u64) -> Self {
        Self::new([last, self.0[0]])
    }

    /// A record that was never written has only zeros.
    fn contains(self, operation: u64) -> bool {
        operation != 0 && self.0.contains(&operation)
    }
}

/// How long an expired challenge is remembered, so that a late resend still finds it.
const AFTERLIFE: Duration = Duration::from_secs(600);

/// No record is kept for less. A write that is on its way finds its revision replaced for this long;
/// only where there is no record at all does it find none, and could revive what was dropped.
const SHORTEST: Duration = Duration::from_secs(600);

impl Record {
    /// The record of a recipient of whom nothing is remembered.
    #[must_use]
    pub fn fresh() -> Self {
        Self::default()
    }

    /// The operation that wrote it last.
    #[must_use]
    pub const fn operation(&self) -> u64 {
        self.operation
    }

    /// Whether this operation wrote it, last or as one of the two before the last. So a driver whose reply was lost learns
    /// what became of its write, even where others wrote after it.
    #[must_use]
    pub fn was_written_by(&self, operation: u64) -> bool {
        self.operation == operation || self.earlier.contains(operation)
    }

    /// How long a store has to keep it: as long as anything in it counts, and at least ten minutes.
    #[must_use]
    pub fn keep(&self) -> Keep {
        // The code expires by its issuer's clock. From any write on it lives no longer than it did at first.
        let lifetime = self.challenge().map_or(Duration::ZERO, |held| held.expires_at.since(held.issued_at));
        let until = (self.at + SHORTEST)
            .max(self.at + lifetime + AFTERLIFE)
            .max(self.sends.keep_until(self.at))
            .max(self.failures.keep_until());
        Keep::new(self.at, until)
    }

    /// The channel of the challenge with this handle.
    #[must_use]
    pub fn channel(&self, handle: Option<&Handle>) -> Option<Channel> {
        let known = handle.is_none_or(|handle| self.knows(handle));
        self.challenge().filter(|_| known).map(|challenge| challenge.terms.channel)
    }

    /// Whether the record was forgotten, and only stands where it stood.
    pub(super) const fn is_forgotten(&self) -> bool {
        matches!(self.slot, Slot::Forgotten)
    }

    /// Whether the record was forgotten, by a clock that is not ahead of the one that forgets it now. A
    /// clock days ahead would else have the last word on record time.
    pub(crate) fn is_forgotten_by(&self, forgotten: &Self) -> bool {
        self.is_forgotten() && self.at <= forgotten.at
    }

    /// The challenge that can be met.
    pub(super) const fn challenge(&self) -> Option<&Challenge> {
        match &self.slot {
            Slot::Challenge(challenge) => Some(challenge),
            Slot::Empty | Slot::Locked(_) | Slot::Forgotten => None,
        }
    }

    /// Whether this is the handle of the challenge, be it one that ended in a lock.
    pub(super) fn knows(&self, handle: &Handle) -> bool {
        match &self.slot {
            Slot::Challenge(challenge) => handle.is_same_in_record(&challenge.handle),
            Slot::Locked(locked) => handle.is_same_in_record(locked),
            Slot::Empty | Slot::Forgotten => false,
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("at", &self.at)
            .field("failures", &self.failures.in_a_row)
            .field("challenge", &self.challenge().is_some())
            .finish_non_exhaustive()
    }
}
