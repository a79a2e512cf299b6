//! Load, transition, swap, confirm or again: the driver as a step machine without a store. The fronts carry out what it wants.

use rand_core::TryCryptoRng;

use super::Verifier;
use super::front::{StepMachine, Turn, Write};
use crate::error::Error;
use crate::otp::{Context, Keys, Record, Sealed, Step};
use crate::store::{Loaded, RecordKey, Revision, StoreError, Swap};
use crate::{Fault, Limits, Timestamp};

/// After so many swaps a flow gives up.
pub(super) const ATTEMPTS: u32 = 32;

/// After so many calls that the store did not answer, while it is not known what became of a write, a flow gives up.
const UNANSWERED: u32 = 3;

/// One operation on its way to an outcome: the transition decides, and what it decided becomes the caller's answer once
/// it is written.
pub(super) struct Flow<'a, D, R, F, G> {
    place: Place<'a>,
    operation: u64,
    rng: &'a mut R,
    transition: F,
    answer: G,
    attempts: u32,
    unanswered: u32,
    pending: Option<Pending<D>>,
}

/// Where and when: all of a [`Context`] but the operation.
pub(super) struct Place<'a> {
    key: RecordKey,
    keys: &'a Keys,
    limits: &'a Limits,
    epoch: u32,
    now: Timestamp,
}

/// A write that is on its way or whose reply was lost, and the outcome that depends on it.
struct Pending<D> {
    write: Write,
    sealed: Sealed<D>,
    /// Whether a copy of it may have arrived without our knowing.
    unsure: bool,
}

impl<'a> Place<'a> {
    /// The swap that puts a record in the place of this revision.
    pub(super) fn write(&self, expected: Revision, next: &Record) -> Result<Write, Fault> {
        let record = next.encode(&self.key, self.keys)?;
        Ok(Write { key: self.key, expected, record, keep: next.keep() })
    }

    pub(super) const fn key(&self) -> &RecordKey {
        &self.key
    }

    pub(super) fn read(&self, record: &[u8]) -> Result<Record, Fault> {
        Ok(Record::decode(record, &self.key, self.keys)?)
    }

    pub(super) const fn new<S>(verifier: &'a Verifier<S>, key: RecordKey, now: Timestamp) -> Self {
        let Verifier { keys, limits, epoch, .. } = verifier;
        Self { key, keys, limits, epoch: *epoch, now }
    }

    pub(super) const fn context(&self, operation: u64) -> Context<'_> {
        let Self { key, keys, limits, epoch, now } = self;
        Context { key, keys, limits, epoch: *epoch, now: *now, operation }
    }
}

impl<'a, T, D, R, F, G> Flow<'a, D, R, F, G>
where
    R: TryCryptoRng,
    F: FnMut(&Record, &Context<'_>, &mut R) -> Result<Step<D>, Error>,
    G: FnMut(D) -> T,
{
    pub(super) const fn new(
        place: Place<'a>,
        operation: u64,
        rng: &'a mut R,
        transition: F,
        answer: G,
    ) -> Self {
        Self { place, operation, rng, transition, answer, attempts: 0, unanswered: 0, pending: None }
    }

    fn seen(&mut self, loaded: &Loaded) -> Result<Turn<'_, T>, Error> {
        let record = self.place.read(loaded.record())?;
        let pending = match self.pending.take() {
            // It did arrive: perhaps the reply was lost, or the engine sent it twice and the second conflicted.
            Some(own) if record.was_written_by(self.operation) => return self.done(own),
            // It has not arrived yet, and may still do so. So the very same write goes out again: whichever copy is
            // first counts, and the others conflict with it.
            Some(own) if own.write.expected == loaded.revision() => own,
            // Others were faster, and their revision has ended that of the write: it can't arrive any more.
            _ => match self.next(&record)? {
                Step::Answer(decided) => return Ok(Turn::Done((self.answer)(decided?))),
                Step::Write { next, sealed } => {
                    let write = self.place.write(loaded.revision(), &next)?;
                    Pending { write, sealed, unsure: false }
                }
            },
        };
        if self.attempts == ATTEMPTS {
            return Err(Error::Contended);
        }
        self.attempts += 1;
        Ok(Turn::Swap(&self.pending.insert(pending).write))
    }

    /// The transition of this record, under an operation of its own.
    fn next(&mut self, record: &Record) -> Result<Step<D>, Error> {
        self.operation = self.operation.wrapping_add(1);
        (self.transition)(record, &self.place.context(self.operation), self.rng)
    }

    /// The write stands in the record.
    fn done(&mut self, own: Pending<D>) -> Result<Turn<'_, T>, Error> {
        let decided = own.sealed.confirm(Swap::Applied).ok_or(Error::Contended)?;
        Ok(Turn::Done((self.answer)(decided?)))
    }

    /// The store did not answer. While it is not known whether a write of this flow arrived, the record is loaded again: an
    /// error would tell a person with the right code that he failed, and the next try that it is used.
    fn unanswered(&mut self, error: StoreError) -> Result<Turn<'_, T>, Error> {
        let unsure = self.pending.as_ref().is_some_and(|own| own.unsure);
        self.unanswered += 1;
        if unsure && self.unanswered <= UNANSWERED { Ok(Turn::Load) } else { Err(error.into()) }
    }
}

impl<T, D, R, F, G> StepMachine for Flow<'_, D, R, F, G>
where
    R: TryCryptoRng,
    F: FnMut(&Record, &Context<'_>, &mut R) -> Result<Step<D>, Error>,
    G: FnMut(D) -> T,
{
    type Answer = T;

    fn key(&self) -> &RecordKey {
        &self.place.key
    }

    fn loaded(&mut self, answer: Result<Loaded, StoreError>) -> Result<Turn<'_, T>, Error> {
        match answer {
            Ok(loaded) => self.seen(&loaded),
            Err(error) => self.unanswered(error),
        }
    }

    fn swapped(&mut self, answer: Result<Swap, StoreError>) -> Result<Turn<'_, T>, Error> {
        let swap = match answer {
            Ok(swap) => swap,
            Err(error) => return self.unanswered(error),
        };
        match self.pending.take() {
            Some(own) if swap == Swap::Applied => self.done(own),
            Some(own) => {
                let unsure = own.unsure || swap == Swap::Unknown;
                self.pending = Some(Pending { unsure, ..own });
                Ok(Turn::Load)
            }
            None => Ok(Turn::Load),
        }
    }
}
