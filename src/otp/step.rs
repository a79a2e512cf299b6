//! The result of a transition.

use super::passcode::Passcode;
use crate::error::{Fault, Refusal};
use crate::kernel::{Envelope, Withheld};

/// The result of a transition of a record of kind `K`: a [`Step`], or a fault.
pub type Transition<T, K = Passcode> = Result<Step<T, K>, Fault>;

/// The step that a transition leads to.
#[derive(Debug)]
#[must_use]
pub enum Step<T, K = Passcode> {
    /// An answer that changes nothing. Nothing has to be written.
    Answer(Result<T, Refusal>),
    /// The next record, to be written with a compare-and-swap, and the outcome, which is withheld
    /// until then.
    Write {
        /// The next record.
        next: Envelope<K>,
        /// The outcome.
        withheld: Withheld<T>,
    },
}

impl<T, K> Step<T, K> {
    pub(crate) fn refuse(refusal: Refusal) -> Transition<T, K> {
        Ok(Self::Answer(Err(refusal)))
    }

    #[inline]
    pub(crate) fn write(next: Envelope<K>, outcome: Result<T, Refusal>) -> Transition<T, K> {
        Ok(Self::Write { next, withheld: Withheld::new(outcome) })
    }
}
