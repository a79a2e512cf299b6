//! Load, transition, swap, confirm or again: the driver as a step machine without a store, so that a blocking and an
//! async front are thin loops over it.

use crate::error::Error;
use crate::otp::{Context, Record, Sealed, Step};
use crate::store::{Keep, Loaded, RecordBytes, Revision, Swap};

/// After so many swaps that others won, a flow gives up.
const ATTEMPTS: u32 = 32;

/// One operation on its way to an outcome.
pub(super) struct Flow<'a, T, F> {
    context: Context<'a>,
    transition: F,
    attempts: u32,
    /// The outcome of the write that is on its way, or whose reply was lost.
    sealed: Option<Sealed<T>>,
}

/// What a flow wants after it has seen the record.
#[expect(clippy::large_enum_variant, reason = "a box would put an allocation on every write")]
pub(super) enum Turn<T> {
    Done(T),
    Swap(Write),
}

/// A swap that a flow wants.
pub(super) struct Write {
    pub(super) expected: Revision,
    pub(super) record: RecordBytes,
    pub(super) keep: Keep,
}

impl<'a, T, F> Flow<'a, T, F>
where
    F: FnMut(&Record, &Context<'_>) -> Result<Step<T>, Error>,
{
    pub(super) const fn new(context: Context<'a>, transition: F) -> Self {
        Self { context, transition, attempts: 0, sealed: None }
    }

    /// The store's answer to a load.
    pub(super) fn loaded(&mut self, loaded: &Loaded) -> Result<Turn<T>, Error> {
        let record = Record::decode(loaded.record(), self.context.key, self.context.keys)
            .map_err(crate::Fault::from)?;
        if let Some(lost) = self.sealed.take()
            && record.operation() == self.context.operation
            && let Some(outcome) = lost.confirm(Swap::Applied)
        {
            return Ok(Turn::Done(outcome?));
        }
        if self.attempts == ATTEMPTS {
            return Err(Error::Contended);
        }
        // Each attempt has a name of its own: a write that was thought lost and arrives late is not taken for a later one.
        self.attempts += 1;
        self.context.operation = self.context.operation.wrapping_add(1);
        match (self.transition)(&record, &self.context)? {
            Step::Answer(answer) => Ok(Turn::Done(answer?)),
            Step::Write { next, sealed } => {
                self.sealed = Some(sealed);
                Ok(Turn::Swap(Write {
                    expected: loaded.revision(),
                    record: next.encode(self.context.key, self.context.keys),
                    keep: next.keep(self.context.limits),
                }))
            }
        }
    }

    /// The store's answer to a swap: the outcome, or nothing when the record has to be loaded again.
    pub(super) fn swapped(&mut self, swap: Swap) -> Result<Option<T>, Error> {
        if swap == Swap::Unknown {
            return Ok(None);
        }
        let outcome = self.sealed.take().and_then(|sealed| sealed.confirm(swap));
        Ok(outcome.transpose()?)
    }
}
