//! Percent-encoding (RFC 3986 §2.1).

use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::error::KeyUriError;

/// A decoded part of a URI, wiped on drop: it may be the secret.
pub(super) type Decoded = Zeroizing<String>;

/// Appends a text, percent-encoding all but unreserved characters (RFC 3986 §2.3).
pub(super) fn encode(text: &str, into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(char::from(byte));
        } else {
            let digit = |place: u8| char::from(DIGITS[usize::from(place & 0xF)]);
            into.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
}

/// Returns an upper bound of the length of an encoded text.
pub(super) const fn encoded_length(text: &str) -> usize {
    3 * text.len()
}

/// Decodes `text`, which begins at byte `start` of the URI. A `+` stands for itself.
pub(super) fn decode(text: &str, start: usize) -> Result<Decoded, KeyUriError> {
    // Decoding never lengthens, so the buffer does not grow and leave a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes().enumerate();
    while let Some((at, byte)) = rest.next() {
        let byte = if byte == b'%' {
            let mut digit = || char::from(rest.next()?.1).to_digit(16);
            let value = digit().zip(digit()).map(|(high, low)| (high << 4 | low) as u8);
            value.ok_or(KeyUriError::Escape { at: start + at })?
        } else {
            byte
        };
        bytes.push(byte);
    }
    match core::str::from_utf8(&bytes) {
        Ok(text) => {
            let mut decoded = String::with_capacity(text.len());
            decoded.push_str(text);
            Ok(Zeroizing::new(decoded))
        }
        Err(_) => Err(KeyUriError::NotUtf8 { at: start }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_are_not_encoded() {
        for byte in 0..128u8 {
            let mut encoded = String::new();
            encode(core::str::from_utf8(&[byte]).unwrap(), &mut encoded);
            let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
            let expected = match char::from(byte) {
                c if unreserved.contains(c) => String::from(c),
                _ => alloc::format!("%{byte:02X}"),
            };
            assert_eq!(encoded, expected);
        }
    }

    #[test]
    fn decodes_escapes_in_any_case() {
        for (text, decoded) in [
            ("", ""),
            ("a+b", "a+b"),
            ("%41%3a%3A", "A::"),
            ("%C3%a9é", "éé"),
            ("%00", "\0"),
            ("%2541", "%41"),
        ] {
            assert_eq!(decode(text, 0).unwrap().as_str(), decoded);
        }
        for (text, at) in [("%", 5), ("a%4", 6), ("%4g", 5), ("%%41", 5), ("%+1", 5), ("%é", 5), ("%41%", 8)]
        {
            assert_eq!(decode(text, 5).unwrap_err(), KeyUriError::Escape { at }, "{text}");
        }
        for text in ["%ff", "%c3", "a%e2%82", "%C3%28"] {
            assert_eq!(decode(text, 5).unwrap_err(), KeyUriError::NotUtf8 { at: 5 }, "{text}");
        }
    }
}
