//! Outcomes that can't be read before the store has confirmed the write they depend on.

use core::fmt;

use crate::error::Refusal;
use crate::store::Swap;

/// An outcome that can't be read before its record is swapped in. A host that loses the write learns
/// nothing, so ten thousand guesses at once are ten thousand swaps, each of which counts.
#[must_use = "swap the record in, then confirm"]
pub struct Withheld<T>(Result<T, Refusal>);

impl<T> Withheld<T> {
    /// Withholds an outcome, for a plan of the host's own.
    pub const fn new(outcome: Result<T, Refusal>) -> Self {
        Self(outcome)
    }

    /// The outcome, if the store answered that the record was applied; otherwise it is gone.
    pub fn confirm(self, swap: Swap) -> Option<Result<T, Refusal>> {
        match swap {
            Swap::Applied => Some(self.0),
            Swap::Conflict | Swap::Unknown => None,
        }
    }

    /// The same outcome in other words, still withheld.
    pub(crate) fn map<U>(self, words: impl FnOnce(T) -> U) -> Withheld<U> {
        Withheld(self.0.map(words))
    }
}

impl<T> fmt::Debug for Withheld<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Withheld(..)")
    }
}
