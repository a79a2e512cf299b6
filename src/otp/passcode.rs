//! The record of a recipient's passcodes: all that its safety depends on.

mod fields;

use core::time::Duration;

use super::challenge::Challenge;
use super::handle::Handle;
use crate::channel::Channel;
use crate::kernel::{Envelope, Kind, Reader, Writer};
use crate::limits::{Failures, SendLog};
use crate::time::Timestamp;

/// All that the safety of a (tenant, recipient, lane) depends on: one challenge with the tags of its
/// codes, failures in a row, lock, cooldown, and the times of the last sends. One swap changes all of it
/// or none.
///
/// It holds neither the number nor a code. It changes by its transitions alone
/// ([`start`](Record::start), [`check`](Record::check) …), which are pure: time and randomness are
/// arguments.
pub type Record = Envelope<Passcode>;

/// The fields of a [`Record`].
#[derive(Clone, Default)]
pub struct Passcode {
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
}

/// How long an expired challenge is remembered, so that a late resend still finds it.
const AFTERLIFE: Duration = Duration::from_secs(600);

impl Kind for Passcode {
    const DOMAIN: u8 = 1;
    const LONGEST: usize = fields::LONGEST;

    fn put(&self, at: Timestamp, out: &mut Writer) {
        fields::put(self, at, out);
    }

    fn take(at: Timestamp, from: &mut Reader<'_>) -> Option<Self> {
        fields::take(at, from)
    }

    fn keep_until(&self, at: Timestamp) -> Timestamp {
        // The code expires by its issuer's clock. From any write on it lives no longer than it did at first.
        let challenge = self
            .challenge()
            .map_or(Timestamp::EPOCH, |held| at + held.expires_at.since(held.issued_at) + AFTERLIFE);
        challenge.max(self.sends.keep_until()).max(self.failures.keep_until())
    }
}

impl Passcode {
    /// The challenge that can be met.
    pub(super) const fn challenge(&self) -> Option<&Challenge> {
        match &self.slot {
            Slot::Challenge(challenge) => Some(challenge),
            Slot::Empty | Slot::Locked(_) => None,
        }
    }

    /// Whether this is the handle of the challenge, be it one that ended in a lock.
    pub(super) fn knows(&self, handle: &Handle) -> bool {
        match &self.slot {
            Slot::Challenge(challenge) => handle.is_same_in_record(&challenge.handle),
            Slot::Locked(locked) => handle.is_same_in_record(locked),
            Slot::Empty => false,
        }
    }
}

impl Record {
    /// The channel of the challenge with this handle.
    #[must_use]
    pub fn channel(&self, handle: Option<&Handle>) -> Option<Channel> {
        let known = handle.is_none_or(|handle| self.value.knows(handle));
        self.value.challenge().filter(|_| known).map(|challenge| challenge.terms.channel)
    }
}

impl core::fmt::Debug for Passcode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Passcode")
            .field("failures", &self.failures.in_a_row)
            .field("challenge", &self.challenge().is_some())
            .finish_non_exhaustive()
    }
}
