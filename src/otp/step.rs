//! The result of a transition.

use super::passcode::Record;
use crate::error::{Fault, Refusal};
use crate::kernel::Withheld;

/// The result of a transition: a [`Step`], or a fault.
pub type Transition<T> = Result<Step<T>, Fault>;

/// The step that a transition leads to.
#[derive(Debug)]
#[must_use]
#[expect(clippy::large_enum_variant, reason = "a box would put an allocation on every check")]
pub enum Step<T> {
    /// An answer that changes nothing. Nothing has to be written.
    Answer(Result<T, Refusal>),
    /// The next record, to be written with a compare-and-swap, and the outcome, which is withheld
    /// until then.
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
