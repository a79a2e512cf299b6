//! Outcomes that can't be read before the store has confirmed the write they depend on.

use core::fmt;

use super::record::Record;
use super::refusal::{Fault, Refusal};
use crate::store::Swap;

/// What a transition returns: a [`Step`], or why the machine can't answer.
pub type Transition<T> = Result<Step<T>, Fault>;

/// What a transition leads to.
#[derive(Debug)]
#[must_use]
#[expect(clippy::large_enum_variant, reason = "a box would put an allocation on every check")]
pub enum Step<T> {
    /// An answer that changes nothing, so that nothing has to be written.
    Answer(Result<T, Refusal>),
    /// The next record, to be swapped in, and the outcome, which is sealed until that is done.
    Write {
        /// The next record.
        next: Record,
        /// The outcome.
        sealed: Sealed<T>,
    },
}

impl<T> Step<T> {
    pub(super) fn refuse(refusal: Refusal) -> Transition<T> {
        Ok(Self::Answer(Err(refusal)))
    }

    #[inline]
    pub(super) fn write(next: Record, outcome: Result<T, Refusal>) -> Transition<T> {
        Ok(Self::Write { next, sealed: Sealed(outcome) })
    }
}

/// An outcome that can't be read before its record is swapped in. A host that loses the write learns nothing, so ten
/// thousand guesses at once are ten thousand swaps of which each counts.
#[must_use = "swap the record in, then confirm"]
pub struct Sealed<T>(Result<T, Refusal>);

impl<T> Sealed<T> {
    /// The outcome, if the store answered that the record was applied; otherwise it is gone.
    pub fn confirm(self, swap: Swap) -> Option<Result<T, Refusal>> {
        match swap {
            Swap::Applied => Some(self.0),
            Swap::Conflict | Swap::Unknown => None,
        }
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}
