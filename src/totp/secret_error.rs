//! The error of a text or of bytes that are not a secret.

use core::fmt;

/// The least number of bytes: 128 bits (RFC 4226 §4, R6).
pub(super) const SHORTEST: usize = 16;

/// The largest number of bytes: the output of SHA-512, and the block of the other two hashes.
pub(super) const LONGEST: usize = 64;

/// The error of a text or of bytes that are not a secret. Says what is wrong and where, and contains
/// no part of the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretError {
    kind: SecretErrorKind,
    position: usize,
}

/// The reason why a text or bytes are not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretErrorKind {
    /// A character is not of the Base32 alphabet: `A` to `Z` and `2` to `7`.
    Character,
    /// No Base32 text has this number of characters.
    Length,
    /// Characters follow the padding.
    Padding,
    /// The secret has fewer than 16 bytes.
    TooShort,
    /// The secret has more than 64 bytes.
    TooLong,
}

impl SecretErrorKind {
    /// Returns the name in snake case, such as `secret_too_short`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Character => "secret_character",
            Self::Length => "secret_length",
            Self::Padding => "secret_padding",
            Self::TooShort => "secret_too_short",
            Self::TooLong => "secret_too_long",
        }
    }
}

impl SecretError {
    pub(super) const fn new(kind: SecretErrorKind, position: usize) -> Self {
        Self { kind, position }
    }

    /// Returns the reason.
    #[must_use]
    pub const fn kind(&self) -> SecretErrorKind {
        self.kind
    }

    /// Returns the byte offset of the error.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.position;
        match self.kind {
            SecretErrorKind::Character => {
                write!(f, "secret, byte {at}: expected a letter or 2 to 7 (Base32)")
            }
            SecretErrorKind::Length => {
                write!(f, "secret, ends at byte {at}: a character is missing or extra")
            }
            SecretErrorKind::Padding => write!(f, "secret, byte {at}: padding is allowed at the end only"),
            SecretErrorKind::TooShort => {
                write!(f, "secret, ends at byte {at}: expected at least {SHORTEST} bytes")
            }
            SecretErrorKind::TooLong => write!(f, "secret, byte {at}: expected at most {LONGEST} bytes"),
        }
    }
}

impl core::error::Error for SecretError {}
