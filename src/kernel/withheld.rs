//! Outcomes that cannot be read until the store has confirmed the write they depend on.

use core::fmt;

use crate::error::Refusal;
use crate::store::Swap;

/// An outcome that cannot be read until its record is written. A host that loses the write learns
/// nothing, so ten thousand concurrent guesses are ten thousand counted swaps.
#[must_use = "swap the record in, then confirm"]
pub struct Withheld<T>(Result<T, Refusal>);

impl<T> Withheld<T> {
    /// Withholds an outcome, for a plan of the host's own.
    pub const fn new(outcome: Result<T, Refusal>) -> Self {
        Self(outcome)
    }

    /// Returns the outcome if the store applied the write. Otherwise the outcome is discarded.
    pub fn confirm(self, swap: Swap) -> Option<Result<T, Refusal>> {
        match swap {
            Swap::Applied => Some(self.0),
            Swap::Conflict | Swap::Unknown => None,
        }
    }

    /// Returns whether the outcome is a success, for what follows from it. The caller of the
    /// operation does not learn it.
    #[cfg(feature = "alloc")]
    pub(crate) const fn is_success(&self) -> bool {
        self.0.is_ok()
    }

    /// Changes a refusal, which remains withheld.
    #[cfg(feature = "totp")]
    pub(crate) fn map_refusal(self, change: impl FnOnce(Refusal) -> Refusal) -> Self {
        Self(self.0.map_err(change))
    }

    /// Converts the outcome, which remains withheld.
    pub(crate) fn map<U>(self, words: impl FnOnce(T) -> U) -> Withheld<U> {
        Withheld(self.0.map(words))
    }
}

impl<T> fmt::Debug for Withheld<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Withheld(..)")
    }
}
