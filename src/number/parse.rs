//! The strict parser: one look at two overlapping words of eight bytes, no loop over the digits.

use core::fmt;

use super::PhoneNumber;
use super::plan;

/// E.164 allows 15 digits; none of its numbers that a person answers has fewer than 7.
pub(super) const DIGITS: core::ops::RangeInclusive<usize> = 7..=15;

/// `+` and 7 to 15 digits are 8 to 16 bytes: the first eight (`+` and seven digits) and the last eight cover them.
#[inline]
pub(super) fn parse(text: &[u8]) -> Result<PhoneNumber, ParseError> {
    read(text).ok_or_else(|| explain(text))
}

#[inline]
fn read(text: &[u8]) -> Option<PhoneNumber> {
    let (first, last) = (text.first_chunk()?, text.last_chunk()?);
    let (scale, mask) = *BEYOND_EIGHT.get(text.len() - 8)?;

    // Every byte becomes its digit's value and the `+` a zero; of the last word only the bytes after the first one count.
    let head = u64::from_le_bytes(*first) ^ u64::from_le_bytes(*b"+0000000");
    let tail = (u64::from_le_bytes(*last) ^ u64::from_le_bytes(*b"00000000")) & mask;
    if beyond_nine(head, tail) || head as u8 != 0 {
        return None;
    }
    let label = plan::label(head, text)?;
    PhoneNumber::new(value(head) * scale + value(tail), label)
}

/// By the number of bytes after the first eight: what the first word counts for, and which bytes of the last one count.
const BEYOND_EIGHT: [(u64, u64); 9] = {
    let mut beyond = [(1, 0); 9];
    let mut bytes = 1;
    while bytes <= 8 {
        beyond[bytes] = (beyond[bytes - 1].0 * 10, u64::MAX << (64 - 8 * bytes));
        bytes += 1;
    }
    beyond
};

/// Whether a byte of the two words is more than 9.
const fn beyond_nine(a: u64, b: u64) -> bool {
    const TO_THE_TOP_BIT: u64 = 0x7676_7676_7676_7676;
    let sums = a.wrapping_add(TO_THE_TOP_BIT) | b.wrapping_add(TO_THE_TOP_BIT);
    (sums | a | b) & 0x8080_8080_8080_8080 != 0
}

/// The integer that eight digits make, the first in the lowest byte: pairs, then fours, then all eight.
const fn value(digits: u64) -> u64 {
    const EVERY_FOURTH: u64 = 0x0000_00FF_0000_00FF;
    let pairs = digits * 10 + (digits >> 8);
    let high = (pairs & EVERY_FOURTH).wrapping_mul(100 + (1_000_000 << 32));
    let low = (pairs >> 16 & EVERY_FOURTH).wrapping_mul(1 + (10_000 << 32));
    high.wrapping_add(low) >> 32
}

/// What is wrong with a text that [`read`] refused. It looks at 17 bytes at most, whatever the length.
#[cold]
fn explain(text: &[u8]) -> ParseError {
    let longest = 1 + DIGITS.end();
    let (kind, at) = match text.iter().take(longest).skip(1).position(|byte| !byte.is_ascii_digit()) {
        _ if text.is_empty() => (ParseErrorKind::Empty, 0),
        _ if text[0] != b'+' => (ParseErrorKind::MissingPlus, 0),
        Some(digits) => (ParseErrorKind::NotADigit, 1 + digits),
        None if text.len() > longest => (ParseErrorKind::TooLong, longest),
        None if text.len() <= *DIGITS.start() => (ParseErrorKind::TooShort, text.len()),
        None => (ParseErrorKind::UnknownCallingCode, 1),
    };
    ParseError { kind, at }
}

/// A text that is no telephone number: what is wrong, and at which byte. It repeats nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    pub(super) kind: ParseErrorKind,
    pub(super) at: usize,
}

/// What is wrong with a text that is no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There is no text.
    Empty,
    /// The first character is not `+`.
    MissingPlus,
    /// A byte is not an ASCII digit.
    NotADigit,
    /// There are fewer than 7 digits.
    TooShort,
    /// There are more than 15 digits, or more than 64 bytes in all.
    TooLong,
    /// No calling code that begins so is assigned.
    UnknownCallingCode,
}

impl ParseErrorKind {
    /// The name in snake case, such as `missing_plus`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::MissingPlus => "missing_plus",
            Self::NotADigit => "not_a_digit",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::UnknownCallingCode => "unknown_calling_code",
        }
    }
}

impl ParseError {
    /// The name that clients of passcode APIs know this error by.
    pub const WIRE_NAME: &'static str = "invalid_phone_number";

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// The offset in bytes at which it is wrong.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an E.164 number: ")?;
        match self.kind {
            ParseErrorKind::Empty => f.write_str("it is empty"),
            ParseErrorKind::MissingPlus => write!(f, "it does not begin with `+` at byte {}", self.at),
            ParseErrorKind::NotADigit => write!(f, "byte {} is not a digit", self.at),
            ParseErrorKind::TooShort => write!(f, "it ends at byte {}, too short", self.at),
            ParseErrorKind::TooLong => write!(f, "it goes on at byte {}, too long", self.at),
            ParseErrorKind::UnknownCallingCode => {
                write!(f, "no calling code is assigned at byte {}", self.at)
            }
        }?;
        f.write_str("; expected `+` and 7 to 15 ASCII digits")
    }
}

impl core::error::Error for ParseError {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::{format, string::ToString};

    fn error(text: &[u8]) -> (&'static str, usize) {
        let error = parse(text).unwrap_err();
        (error.kind().as_str(), error.at())
    }

    #[test]
    fn every_length_is_read_to_the_last_digit() {
        let digits = "123456789012345";
        for length in DIGITS {
            let text = format!("+{}", &digits[..length]);
            assert_eq!(parse(text.as_bytes()).unwrap().digits().to_string(), &digits[..length]);
        }
    }

    #[test]
    fn what_is_wrong_and_where() {
        for (text, expected) in [
            ("", ("empty", 0)),
            ("+", ("too_short", 1)),
            ("+120255", ("too_short", 7)),
            ("12025550162", ("missing_plus", 0)),
            (" +12025550162", ("missing_plus", 0)),
            ("00442079460958", ("missing_plus", 0)),
            ("++2025550162", ("not_a_digit", 1)),
            ("+1 2025550162", ("not_a_digit", 2)),
            ("+12025550162 ", ("not_a_digit", 12)),
            ("+1202555016x", ("not_a_digit", 11)),
            ("+12025550162;ext=1", ("not_a_digit", 12)),
            ("+1234567890123456", ("too_long", 16)),
            ("+9991234567", ("unknown_calling_code", 1)),
            ("+0012025550162", ("unknown_calling_code", 1)),
            ("+٢٠٢٥٥٥٠١٦٢", ("not_a_digit", 1)),
        ] {
            assert_eq!(error(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(error(b"+1202\xFF550162"), ("not_a_digit", 5));
    }

    /// The SWAR check against a plain one: every byte value at every place of every length.
    #[test]
    fn every_byte_at_every_place() {
        for length in 8..=16 {
            for place in 0..length {
                for byte in 0..=255u8 {
                    let mut text = [b'1'; 16];
                    text[0] = b'+';
                    text[place] = byte;
                    let text = &text[..length];
                    let plain = text[0] == b'+' && text[1..].iter().all(u8::is_ascii_digit);
                    let head = u64::from_le_bytes(*text.first_chunk().unwrap());
                    let known = plain && plan::label(head & 0x0F0F_0F0F_0F0F_0F0F, text).is_some();
                    assert_eq!(parse(text).is_ok(), known, "byte {byte} at {place} of {length}");
                }
            }
        }
    }

    /// The two words are looked at as one: what is wrong in both must not look right.
    #[test]
    fn two_wrong_bytes_are_not_right() {
        const WRONG: [u8; 10] = [0x00, 0x10, 0x2F, 0x3A, 0x40, 0x7F, 0x80, 0xB0, 0xB9, 0xFF];
        for (first, second) in (1..16).flat_map(|first| (first + 1..16).map(move |second| (first, second))) {
            for (a, b) in WRONG.iter().flat_map(|a| WRONG.map(|b| (a, b))) {
                let mut text = *b"+120255501621234";
                (text[first], text[second]) = (*a, b);
                assert_eq!(error(&text), ("not_a_digit", first));
            }
        }
    }

    #[test]
    fn every_error_has_its_sentence() {
        for (text, message) in [
            ("", "it is empty"),
            ("12025550162", "it does not begin with `+` at byte 0"),
            ("+1 2025550162", "byte 2 is not a digit"),
            ("+120255", "it ends at byte 7, too short"),
            ("+1234567890123456", "it goes on at byte 16, too long"),
            ("+9991234567", "no calling code is assigned at byte 1"),
        ] {
            let whole = format!("not an E.164 number: {message}; expected `+` and 7 to 15 ASCII digits");
            assert_eq!(parse(text.as_bytes()).unwrap_err().to_string(), whole);
        }
    }

    #[test]
    fn hostile_length_costs_nothing_more() {
        let long = "+44".to_string() + &"1".repeat(1 << 20);
        assert_eq!(error(long.as_bytes()), ("too_long", 16));
    }
}
