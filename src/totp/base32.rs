//! Secrets in Base32 (RFC 4648 §6).

use alloc::string::String;
use alloc::vec;

use base32ct::{Base32UpperUnpadded, Encoding};
use zeroize::Zeroizing;

use super::secret_error::{LONGEST, SecretError, SecretErrorKind};
use super::text::SecretText;

/// The characters of the longest secret.
const MOST_CHARACTERS: usize = (LONGEST * 8).div_ceil(5);

/// Decodes a secret, and returns its bytes, followed by zeros, and their number. Case, spaces,
/// dashes and padding on the right do not matter.
///
/// Characters are converted without a branch or an index on what they are, except for finding the
/// separators, and for the position of an error.
pub(super) fn decode(text: &str) -> Result<(Zeroizing<[u8; LONGEST]>, usize), SecretError> {
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
    let decoded = Base32UpperUnpadded::decode(&characters[..count], bytes.as_mut_slice());
    match decoded.map(<[u8]>::len) {
        Ok(length) => Ok((bytes, length)),
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
