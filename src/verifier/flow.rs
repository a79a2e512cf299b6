//! Load, transition, swap, confirm or again: the driver as a step machine without a store, so that a blocking and an
//! async front are thin loops over it.

use crate::error::Error;
use crate::otp::{Context, Record, Sealed, Step};
use crate::store::{Keep, Loaded, RecordBytes, Revision, StoreError, Swap};

/// After so many swaps a flow gives up.
const ATTEMPTS: u32 = 32;

/// After so many calls that the store did not answer, while it is not known what became of a write, a flow gives up.
const UNANSWERED: u32 = 3;

/// One operation on its way to an outcome.
pub(super) struct Flow<'a, T, F> {
    context: Context<'a>,
    transition: F,
    attempts: u32,
    unanswered: u32,
    pending: Option<Pending<T>>,
}

/// A write that is on its way or whose reply was lost, and the outcome that depends on it.
struct Pending<T> {
    write: Write,
    sealed: Sealed<T>,
    /// Whether a copy of it may have arrived without our knowing.
    unsure: bool,
}

/// What a flow wants after it has seen the record.
pub(super) enum Turn<'f, T> {
    Done(T),
    Swap(&'f Write),
}

/// A swap that a flow wants.
pub(super) struct Write {
    pub(super) expected: Revision,
    pub(super) record: RecordBytes,
    pub(super) keep: Keep,
}

impl<T> Pending<T> {
    fn arrived<'f>(self) -> Result<Turn<'f, T>, Error> {
        let outcome = self.sealed.confirm(Swap::Applied).ok_or(Error::Contended)?;
        Ok(Turn::Done(outcome?))
    }
}

impl<'a, T, F> Flow<'a, T, F>
where
    F: FnMut(&Record, &Context<'_>) -> Result<Step<T>, Error>,
{
    pub(super) const fn new(context: Context<'a>, transition: F) -> Self {
        Self { context, transition, attempts: 0, unanswered: 0, pending: None }
    }

    /// The store's answer to a load.
    pub(super) fn loaded(&mut self, loaded: &Loaded) -> Result<Turn<'_, T>, Error> {
        let record = Record::decode(loaded.record(), self.context.key, self.context.keys)
            .map_err(crate::Fault::from)?;
        let pending = match self.pending.take() {
            // It did arrive: perhaps the reply was lost, or the engine sent it twice and the second conflicted.
            Some(own) if record.was_written_by(self.context.operation) => {
                return own.arrived();
            }
            // It has not arrived yet, and may still do so. So the very same write goes out again: whichever copy is
            // first counts, and the others conflict with it.
            Some(own) if own.write.expected == loaded.revision() => own,
            // Others were faster, and their revision has ended that of the write: it can't arrive any more.
            _ => match self.next(&record)? {
                Step::Answer(answer) => return Ok(Turn::Done(answer?)),
                Step::Write { next, sealed } => {
                    let write = Write {
                        expected: loaded.revision(),
                        record: next.encode_as(self.context.version, self.context.key, self.context.keys),
                        keep: next.keep(self.context.limits),
                    };
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

    /// The store's answer to a swap: the outcome, or nothing when the record has to be loaded again.
    pub(super) fn swapped(&mut self, swap: Swap) -> Result<Option<T>, Error> {
        match self.pending.take() {
            Some(own) if swap == Swap::Applied => Ok(own.sealed.confirm(swap).transpose()?),
            Some(own) => {
                let unsure = own.unsure || swap == Swap::Unknown;
                self.pending = Some(Pending { unsure, ..own });
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// The store did not answer. Nothing when the record has to be loaded again: while it is not known whether a write of
    /// this flow arrived, an error would tell a person with the right code that he failed, and the next try that it is used.
    pub(super) fn unanswered(&mut self, error: StoreError) -> Result<(), Error> {
        let unsure = self.pending.as_ref().is_some_and(|own| own.unsure);
        self.unanswered += 1;
        if unsure && self.unanswered <= UNANSWERED { Ok(()) } else { Err(error.into()) }
    }

    /// The transition of this record, under an operation of its own.
    fn next(&mut self, record: &Record) -> Result<Step<T>, Error> {
        self.context.operation = self.context.operation.wrapping_add(1);
        (self.transition)(record, &self.context)
    }
}
