//! What a transition leads to.

use super::passcode::Record;
use crate::error::{Fault, Refusal};
use crate::kernel::Withheld;

/// What a transition returns: a [`Step`], or why the machine can't answer.
pub type Transition<T> = Result<Step<T>, Fault>;

/// What a transition leads to.
#[derive(Debug)]
#[must_use]
#[expect(clippy::large_enum_variant, reason = "a box would put an allocation on every check")]
pub enum Step<T> {
    /// An answer that changes nothing, so that nothing has to be written.
    Answer(Result<T, Refusal>),
    /// The next record, to be swapped in, and the outcome, which is withheld until that is done.
    Write {
        /// The next record.
        next: Record,
        /// The outcome.
        withheld: Withheld<T>,
    },
}

impl<T> Step<T> {
    pub(super) fn refuse(refusal: Refusal) -> Transition<T> {
        Ok(Self::Answer(Err(refusal)))
    }

    #[inline]
    pub(super) fn write(next: Record, outcome: Result<T, Refusal>) -> Transition<T> {
        Ok(Self::Write { next, withheld: Withheld::new(outcome) })
    }
}
