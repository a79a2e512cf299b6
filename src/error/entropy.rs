//! Errors of the random number generator.

use core::fmt;

/// The random number generator failed or cannot be trusted. No code was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntropyError {
    /// The generator reported an error.
    Failed,
    /// The generator repeats itself in a way that is detected: all eight-byte words of a draw are
    /// equal, or a start drew the handle of the challenge already in the record. A predictable
    /// generator, or one that repeats itself in another way, is not detected.
    Stuck,
}

impl EntropyError {
    /// Returns the error in snake case.
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
