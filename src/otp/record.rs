//! All that a recipient's safety depends on, in one record.

mod encoding;
mod layout;

use core::fmt;

use super::challenge::Challenge;
use super::handle::Handle;
use crate::channel::Channel;
use crate::limits::{Failures, Limits, SendLog};
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
    pub(super) written_at: Timestamp,
    pub(super) epoch: u32,
    pub(super) failures: Failures,
    pub(super) cooldown_until: Timestamp,
    pub(super) sends: SendLog,
    pub(super) challenge: Option<Challenge>,
}

/// The operations of the two writes before the last, newest first, as much of each as there is room for: that another has
/// the same 40 bits just then comes once in 10^12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct EarlierOperations([u64; 2]);

impl EarlierOperations {
    const BITS: u64 = (1 << 40) - 1;

    pub(super) const fn new(operations: [u64; 2]) -> Self {
        Self([operations[0] & Self::BITS, operations[1] & Self::BITS])
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
        let bits = operation & Self::BITS;
        bits != 0 && self.0.contains(&bits)
    }
}

/// How long a dead challenge is remembered, so that a late resend still finds it.
const AFTERLIFE: core::time::Duration = core::time::Duration::from_secs(600);

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

    /// How long a store has to keep it: as long as anything in it counts.
    #[must_use]
    pub fn keep(&self, limits: &Limits) -> Keep {
        let challenge = self.challenge.as_ref().map_or(Timestamp::EPOCH, |held| held.expires_at + AFTERLIFE);
        let until = challenge
            .max(self.cooldown_until)
            .max(self.sends.keep_until(limits))
            .max(self.failures.keep_until(limits));
        Keep::new(self.written_at, until)
    }

    /// The channel of the challenge with this handle.
    #[must_use]
    pub fn channel(&self, handle: Option<&Handle>) -> Option<Channel> {
        self.challenge(handle).map(|challenge| challenge.terms.channel)
    }

    /// The challenge with this handle, or whichever there is.
    pub(super) fn challenge(&self, handle: Option<&Handle>) -> Option<&Challenge> {
        self.challenge
            .as_ref()
            .filter(|challenge| handle.is_none_or(|handle| handle.is_same_in_record(&challenge.handle)))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("written_at", &self.written_at)
            .field("failures", &self.failures.in_a_row)
            .field("challenge", &self.challenge.is_some())
            .finish_non_exhaustive()
    }
}
