//! A random number generator that can't be used.

use core::fmt;

/// The generator of random numbers gave none that may be used. No code was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntropyError {
    /// It reported an error.
    Failed,
    /// It repeats itself in one of the ways that are seen: all eight-byte words of a draw are equal, or a
    /// start drew the handle of the challenge that the record holds. A generator that is predictable, or repeats itself in any other way, is not
    /// noticed.
    Stuck,
}

impl EntropyError {
    /// The error in snake case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Failed => "entropy_failed",
            Self::Stuck => "entropy_stuck",
        }
    }

    pub(super) const fn number(&self) -> u16 {
        match self {
            Self::Failed => 310,
            Self::Stuck => 311,
        }
    }
}

impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed => "the random number generator failed",
            Self::Stuck => "the random number generator repeats itself",
        })
    }
}

impl core::error::Error for EntropyError {}
