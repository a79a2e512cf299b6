//! Secrets in Base32 (RFC 4648 §6).

use alloc::string::String;
use alloc::vec;
use core::fmt;

use base32ct::{Base32UpperUnpadded, Encoding};
use zeroize::Zeroizing;

use super::secret::{LONGEST, TotpSecret};
use super::text::SecretText;

/// The characters of the longest secret.
const MOST_CHARACTERS: usize = (LONGEST * 8).div_ceil(5);

/// Decodes a secret. Case, spaces, dashes and padding on the right do not matter.
///
/// Characters are converted without a branch or an index on what they are, except for finding the
/// separators, and for the position of an error.
pub(super) fn decode(text: &str) -> Result<TotpSecret, SecretError> {
    let error = |kind, at| Err(SecretError::new(kind, at));
    let mut characters = Zeroizing::new([0; MOST_CHARACTERS]);
    let (mut count, mut padding) = (0, None);
    for (at, byte) in text.bytes().enumerate().filter(|&(_, byte)| !is_separator(byte)) {
        match (padding, characters.get_mut(count)) {
            (None, _) if byte == b'=' => padding = Some(at),
            (Some(_), _) if byte == b'=' => {}
            (Some(padding), _) => return error(SecretErrorKind::Padding, padding),
            (None, Some(place)) => {
                *place = byte.to_ascii_uppercase();
                count += 1;
            }
            (None, None) => return error(SecretErrorKind::TooLong, at),
        }
    }
    let mut bytes = Zeroizing::new([0; LONGEST]);
    match Base32UpperUnpadded::decode(&characters[..count], bytes.as_mut_slice()) {
        Ok(bytes) => TotpSecret::from_bytes(bytes).map_err(|error| SecretError::new(error.kind, text.len())),
        Err(_) => match text.bytes().position(|byte| !is_allowed(byte)) {
            Some(at) => error(SecretErrorKind::Character, at),
            None => error(SecretErrorKind::Length, text.len()),
        },
    }
}

const fn is_separator(byte: u8) -> bool {
    byte == b' ' || byte == b'-'
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'2'..=b'7' | b'=') || is_separator(byte)
}

/// Encodes a secret in upper case, without padding.
pub(super) fn encode(bytes: &[u8]) -> SecretText {
    let mut text = vec![0; Base32UpperUnpadded::encoded_len(bytes)];
    // Fails only if the buffer is too short.
    let _ = Base32UpperUnpadded::encode(bytes, &mut text);
    SecretText::new(String::from_utf8(text).unwrap_or_default())
}

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
            SecretErrorKind::TooShort => write!(f, "secret, ends at byte {at}: expected at least 16 bytes"),
            SecretErrorKind::TooLong => write!(f, "secret, byte {at}: expected at most 64 bytes"),
        }
    }
}

impl core::error::Error for SecretError {}
