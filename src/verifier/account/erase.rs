//! Erasing an account's records: the recovery codes with the authenticator, or everything.

use super::place::Place;
use crate::account::{AccountState, EnrolmentId, RecoverySet};
use crate::clock::valid;
use crate::error::{Error, Fault};
use crate::events::{About, Call};
use crate::kernel::{Envelope, Next, Plan, RecordKind, Seen, Then, Withheld, Write};
use crate::otp::Step;
use crate::service::Service;
use crate::store::{Loaded, RecordBytes, RecordKey, Revision, StoreError};

/// The stage that erases the recovery codes.
const RECOVERY: u8 = 1;

/// Removes the authenticator, or forgets the account. Then erases the recovery codes.
pub(super) struct Erase {
    pub(super) place: Place,
    pub(super) recovery: RecordKey,
    pub(super) what: What,
    /// The enrolment that was removed, if there was one.
    pub(super) removed: Option<EnrolmentId>,
}

/// What is erased besides the recovery codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The authenticator. The budget is kept.
    Totp,
    /// The account's record, even if it cannot be read.
    Account,
}

impl Erase {
    const fn key(&self, stage: u8) -> &RecordKey {
        if stage == RECOVERY { &self.recovery } else { self.place.key() }
    }

    fn remove_totp(
        &mut self,
        service: &Service,
        operation: u64,
        loaded: &Loaded,
        record: &mut RecordBytes,
    ) -> Result<Next<()>, Error> {
        let account = self.place.read(service, loaded)?;
        self.removed = account.enrolment().or(self.removed);
        match account.remove(&self.place.context(service, operation))? {
            Step::Answer(answer) => Ok(answer.map(|()| Next::NextStage)?),
            Step::Write { next, .. } => {
                let write = self.place.write(service, loaded.revision(), &next, record)?;
                Ok(Next::Write(write, Then::NextStage))
            }
        }
    }

    /// Replaces a record by a marker that it was forgotten. Deleting it would leave no revision,
    /// and a write in flight could restore it.
    fn forget<K: RecordKind>(
        &self,
        service: &Service,
        stage: u8,
        operation: u64,
        revision: Revision,
        record: &mut RecordBytes,
    ) -> Result<Next<()>, Error> {
        let forgotten = Envelope::<K>::forgotten(operation, valid(self.place.now)?);
        forgotten.encode_into(record, self.key(stage), &service.keys).map_err(Fault::from)?;
        let write = Write { slot: 0, expected: revision, keep: forgotten.keep() };
        Ok(Next::Write(write, if stage == RECOVERY { done() } else { Then::NextStage }))
    }

    /// Returns whether there is nothing to forget. A marker written by a clock ahead of this one is
    /// replaced too, because it would otherwise determine the record time.
    fn is_gone<K: RecordKind>(&self, service: &Service, stage: u8, loaded: &Loaded) -> bool {
        loaded.revision() == Revision::ABSENT
            || self
                .read::<K>(service, stage, loaded)
                .is_ok_and(|record| record.is_forgotten && record.at <= self.place.now)
    }

    /// Returns whether the codes are those of an enrolment that was begun after the removal.
    fn is_of_another(&self, service: &Service, loaded: &Loaded) -> bool {
        let codes = self.read::<RecoverySet>(service, RECOVERY, loaded);
        self.removed.is_some() && codes.is_ok_and(|codes| codes.left(self.removed).is_none())
    }

    fn read<K: RecordKind>(
        &self,
        service: &Service,
        stage: u8,
        loaded: &Loaded,
    ) -> Result<Envelope<K>, Fault> {
        Ok(Envelope::decode(loaded.record(), self.key(stage), &service.keys)?)
    }
}

const fn done() -> Then<()> {
    Then::Reveal(Withheld::new(Ok(())))
}

impl What {
    pub(super) const fn call(self) -> Call {
        match self {
            Self::Totp => Call::RemoveTotp,
            Self::Account => Call::ForgetAccount,
        }
    }
}

impl Plan for Erase {
    type Output = ();

    fn about(&self) -> About {
        About::new(self.what.call())
    }

    fn reads(&self, stage: u8) -> &[RecordKey] {
        core::slice::from_ref(self.key(stage))
    }

    fn next(
        &mut self,
        service: &Service,
        stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<()>, Error> {
        let loaded = seen.get(0);
        let revision = loaded.revision();
        match (stage, self.what) {
            (RECOVERY, _) if self.is_gone::<RecoverySet>(service, stage, loaded) => Ok(Next::Done(())),
            (RECOVERY, What::Totp) if self.is_of_another(service, loaded) => Ok(Next::Done(())),
            (RECOVERY, _) => self.forget::<RecoverySet>(service, stage, operation, revision, record),
            (_, What::Totp) => self.remove_totp(service, operation, loaded, record),
            (_, What::Account) if self.is_gone::<AccountState>(service, stage, loaded) => Ok(Next::NextStage),
            (_, What::Account) => self.forget::<AccountState>(service, stage, operation, revision, record),
        }
    }

    fn is_written(
        &self,
        service: &Service,
        stage: u8,
        _slot: usize,
        loaded: &Loaded,
        operation: u64,
    ) -> Result<bool, Fault> {
        Ok(if stage == RECOVERY {
            let record = self.read::<RecoverySet>(service, stage, loaded);
            record.is_ok_and(|record| record.was_written_by(operation))
        } else {
            let record = self.read::<AccountState>(service, stage, loaded);
            record.is_ok_and(|record| record.was_written_by(operation))
        })
    }

    /// Erasing is no charge: it may be done again.
    fn is_out_of_sight(&self, _: &Service, _: u8, _: usize, _: &Loaded) -> Result<bool, Fault> {
        Ok(false)
    }

    fn unread(
        &mut self,
        service: &Service,
        stage: u8,
        operation: u64,
        record: &mut RecordBytes,
        error: StoreError,
    ) -> Result<Next<()>, Error> {
        match (error.revision(), stage, self.what) {
            (Some(revision), RECOVERY, _) => {
                self.forget::<RecoverySet>(service, stage, operation, revision, record)
            }
            (Some(revision), _, What::Account) => {
                self.forget::<AccountState>(service, stage, operation, revision, record)
            }
            _ => Err(error.into()),
        }
    }
}
