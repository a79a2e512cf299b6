//! Forgetting a record, even one that cannot be read.

use super::on_record::Place;
use crate::error::{Error, Fault};
use crate::events::About;
use crate::kernel::{Next, Plan, Seen, Then, Withheld};
use crate::otp::Record;
use crate::service::Service;
use crate::store::{Loaded, RecordBytes, RecordKey, Revision, StoreError};

/// Replaces a record by a marker that it was forgotten. Deleting it would leave no revision, and a
/// write still in flight could then be applied to the absent key.
pub(super) struct Forget {
    place: Place,
    about: About,
}

impl Forget {
    pub(super) const fn new(place: Place, about: About) -> Self {
        Self { place, about }
    }

    fn write(
        &self,
        service: &Service,
        operation: u64,
        expected: Revision,
        record: &mut RecordBytes,
    ) -> Result<Next<()>, Error> {
        let forgotten = Record::forget(&self.place.context(service, operation))?;
        let write = self.place.write(service, expected, &forgotten, record)?;
        Ok(Next::Write(write, Then::Reveal(Withheld::new(Ok(())))))
    }
}

impl Plan for Forget {
    type Output = ();

    fn about(&self) -> About {
        self.about
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        core::slice::from_ref(&self.place.key)
    }

    fn next(
        &mut self,
        service: &Service,
        _stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<()>, Error> {
        let loaded = seen.get(0);
        let forgotten = Record::forget(&self.place.context(service, operation))?;
        // A record that cannot be read is replaced too, and so is a marker written by a clock ahead
        // of this one: it would otherwise determine the record time.
        let is_gone = |record: Record| record.is_forgotten && record.at <= forgotten.at;
        if loaded.revision() == Revision::ABSENT || self.place.read(service, loaded).is_ok_and(is_gone) {
            return Ok(Next::Done(()));
        }
        self.write(service, operation, loaded.revision(), record)
    }

    fn is_written(
        &self,
        service: &Service,
        _stage: u8,
        _slot: usize,
        loaded: &Loaded,
        operation: u64,
    ) -> Result<bool, Fault> {
        Ok(self.place.read(service, loaded).is_ok_and(|record| record.was_written_by(operation)))
    }

    fn unread(
        &mut self,
        service: &Service,
        _stage: u8,
        operation: u64,
        record: &mut RecordBytes,
        error: StoreError,
    ) -> Result<Next<()>, Error> {
        match error.revision() {
            Some(revision) => self.write(service, operation, revision, record),
            None => Err(error.into()),
        }
    }
}
