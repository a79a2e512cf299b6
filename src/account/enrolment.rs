//! The authenticator of an account.

use alloc::vec::Vec;
use core::time::Duration;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::id::EnrolmentId;
use super::sealed::{Binding, Sealed};
use crate::clock;
use crate::error::Fault;
use crate::keys::{Keys, Tag};
use crate::store::RecordKey;
use crate::time::Timestamp;
use crate::totp::{TimeStep, TotpSecret, TotpSettings};

/// An enrolled authenticator.
#[derive(Clone)]
pub(super) struct Enrolment {
    pub(super) id: EnrolmentId,
    pub(super) settings: TotpSettings,
    pub(super) state: State,
    /// The newest step that was accepted.
    pub(super) last: Option<TimeStep>,
    pub(super) sealed: Sealed,
}

/// Whether an authenticator counts. Its times are those of the clocks that wrote them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Until the first correct code, it counts as no factor.
    Pending { started: Timestamp, minutes: u16 },
    /// Confirmed by a correct code, or imported.
    Active { since: Timestamp },
}

impl Enrolment {
    /// Returns whether its codes can be checked now: it is active, or pending and not expired.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] if it is pending and the clock is behind that of the enrolling
    /// server: it would be pending for longer than allowed.
    pub(super) fn is_live(&self, now: Timestamp) -> Result<bool, Fault> {
        match self.state {
            State::Active { .. } => Ok(true),
            State::Pending { started, minutes } => {
                clock::not_before(started, now)?;
                Ok(now < started + pending_for(minutes))
            }
        }
    }

    pub(super) const fn is_active(&self) -> bool {
        matches!(self.state, State::Active { .. })
    }

    /// Decrypts the secret.
    ///
    /// # Errors
    ///
    /// As for [`Sealed::open`].
    pub(super) fn secret(&self, key: &RecordKey, keys: &Keys) -> Result<TotpSecret, Fault> {
        self.sealed.open(keys, &self.binding(key))
    }

    pub(super) fn binding(&self, key: &RecordKey) -> Binding {
        Binding::new(key, self.id, self.settings)
    }
}

/// Returns how long an enrolment stays pending.
pub(super) fn pending_for(minutes: u16) -> Duration {
    Duration::from_secs(60 * u64::from(minutes))
}

/// A removed secret that had been used. If the same is enrolled again, the codes that were
/// used before the removal stay used.
#[derive(Clone, Copy)]
pub(super) struct Spent {
    /// A MAC of the secret and its settings.
    pub(super) tag: Tag,
    /// The newest step that was accepted.
    pub(super) last: TimeStep,
    /// Record time of the removal.
    pub(super) at: Timestamp,
}

impl Spent {
    /// How many are remembered.
    pub(super) const MOST: usize = 4;

    /// Adds this one to those of a record, in the place of an earlier removal of the same secret.
    /// The oldest may be dropped.
    pub(super) fn note(self, spent: &mut Vec<Self>) {
        spent.retain(|other| !bool::from(other.tag.ct_eq(&self.tag)));
        if spent.len() == Self::MOST {
            spent.remove(0);
        }
        spent.push(self);
    }

    /// Part of the MAC, in the place of a kind of record. No kind has this number.
    const DOMAIN: u8 = 0x82;

    pub(super) fn new(
        secret: &TotpSecret,
        settings: TotpSettings,
        last: TimeStep,
        at: Timestamp,
        key: &RecordKey,
        keys: &Keys,
    ) -> Self {
        Self { tag: Self::tag(secret, settings, key, keys), last, at }
    }

    /// Returns the newest step that was accepted, if this is the secret.
    pub(super) fn last_of(
        &self,
        secret: &TotpSecret,
        settings: TotpSettings,
        key: &RecordKey,
        keys: &Keys,
    ) -> Option<TimeStep> {
        let is_same = self.tag.ct_eq(&Self::tag(secret, settings, key, keys));
        bool::from(is_same).then_some(self.last)
    }

    fn tag(secret: &TotpSecret, settings: TotpSettings, key: &RecordKey, keys: &Keys) -> Tag {
        let (bytes, settings) = (secret.as_bytes(), settings.to_bytes());
        let mut input = Zeroizing::new([0; 3 + 64]);
        input[..3].copy_from_slice(&settings);
        input[3..3 + bytes.len()].copy_from_slice(bytes);
        keys.record_mac(Self::DOMAIN, key, &input[..3 + bytes.len()])
    }
}
