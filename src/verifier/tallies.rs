//! The guard's own calls: explaining a ruling, importing recipients, forgiving unanswered sends.

use alloc::vec::Vec;

use super::on_record::Place;
use crate::error::{Error, Fault};
use crate::events::About;
use crate::guard::{Question, Ruling, Scope};
use crate::kernel::{Next, Plan, Seen};
use crate::policy::{Policy, Reason};
use crate::service::Service;
use crate::store::{
    Change, EntryError, Loaded, RecordBytes, RecordKey, StoreError, StoreErrorKind, TallyKey,
};
use crate::time::Timestamp;

/// Rules on a send as if it were made now. Sends and writes nothing.
pub(super) struct Explain {
    pub(super) place: Place,
    pub(super) about: About,
    pub(super) permit: Result<(), Reason>,
    pub(super) policy: Policy,
    pub(super) question: Question,
}

impl Plan for Explain {
    type Output = Ruling;

    fn about(&self) -> About {
        self.about
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        core::slice::from_ref(&self.place.key)
    }

    fn tallies(&self, _stage: u8) -> &[TallyKey] {
        self.question.keys()
    }

    fn now(&self) -> Timestamp {
        self.place.now
    }

    fn next(
        &mut self,
        service: &Service,
        _stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        _record: &mut RecordBytes,
    ) -> Result<Next<Ruling>, Error> {
        let guarding = service.guard.as_ref().ok_or_else(no_guard)?;
        let entries = seen.tallies().ok_or(EntryError::Length).map_err(StoreError::from)?;
        let ruling = self.question.decide(&guarding.guard, entries, self.place.now);
        let mut ruling = ruling.map_err(StoreError::from)?;
        let recipient = Scope::Recipient(self.about.number);
        let record = self.place.read(service, seen.get(0))?;
        if let Some(refusal) = record.why_no_send(&self.place.context(service, operation))? {
            ruling = Ruling::limit(refusal, recipient).followed_by(ruling);
        }
        if let Err(reason) = self.permit {
            ruling = Ruling::policy(reason, recipient).followed_by(ruling);
        }
        Ok(Next::Done(ruling.with_fingerprint(guarding.guard.fingerprint(&self.policy))))
    }

    fn is_written(&self, _: &Service, _: u8, _: usize, _: &Loaded, _: u64) -> Result<bool, Fault> {
        Ok(false)
    }
}

/// Changes tallies, and reads nothing.
pub(super) struct Adjust {
    pub(super) about: About,
    pub(super) changes: Vec<Change>,
    pub(super) now: Timestamp,
}

impl Plan for Adjust {
    type Output = ();

    fn about(&self) -> About {
        self.about
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        &[]
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn changes(&self) -> &[Change] {
        &self.changes
    }

    fn next(
        &mut self,
        _service: &Service,
        _stage: u8,
        _operation: u64,
        _seen: &Seen<'_>,
        _record: &mut RecordBytes,
    ) -> Result<Next<()>, Error> {
        Ok(Next::Add(()))
    }

    fn is_written(&self, _: &Service, _: u8, _: usize, _: &Loaded, _: u64) -> Result<bool, Fault> {
        Ok(false)
    }
}

/// The error of a guard's call on a verifier without one.
pub(super) fn no_guard() -> Error {
    StoreError::new(StoreErrorKind::NoTallies).into()
}
