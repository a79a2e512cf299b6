//! Forgetting a record, even one that can't be read.

use super::flow::{ATTEMPTS, Place};
use super::front::{StepMachine, Turn, Write};
use crate::error::Error;
use crate::otp::Record;
use crate::store::{Loaded, RecordKey, Revision, StoreError, Swap};

/// Replaces a record by one that says that it was forgotten. To delete it would leave no revision, and
/// a write that is still on its way could land where nothing is.
pub(super) struct Forgetting<'a> {
    place: Place<'a>,
    forgotten: Record,
    write: Option<Write>,
    attempts: u32,
}

impl<'a> Forgetting<'a> {
    pub(super) const fn new(place: Place<'a>, forgotten: Record) -> Self {
        Self { place, forgotten, write: None, attempts: 0 }
    }

    /// Whether there is nothing left to forget. What can't be read is to be forgotten too.
    fn is_done(&self, loaded: &Loaded) -> bool {
        let done = |record: Record| {
            record.was_written_by(self.forgotten.operation()) || record.is_forgotten_by(&self.forgotten)
        };
        loaded.revision() == Revision::ABSENT || self.place.read(loaded.record()).is_ok_and(done)
    }
}

impl StepMachine for Forgetting<'_> {
    type Answer = ();

    fn key(&self) -> &RecordKey {
        self.place.key()
    }

    fn loaded(&mut self, answer: Result<Loaded, StoreError>) -> Result<Turn<'_, ()>, Error> {
        let expected = match answer {
            Ok(loaded) if self.is_done(&loaded) => return Ok(Turn::Done(())),
            Ok(loaded) => loaded.revision(),
            Err(error) => error.revision().ok_or(error)?,
        };
        if self.attempts == ATTEMPTS {
            return Err(Error::Contended);
        }
        self.attempts += 1;
        let write = self.place.write(expected, &self.forgotten)?;
        Ok(Turn::Swap(self.write.insert(write)))
    }

    fn swapped(&mut self, answer: Result<Swap, StoreError>) -> Result<Turn<'_, ()>, Error> {
        // Whatever it was, the record is looked at again.
        answer?;
        Ok(Turn::Load)
    }
}
