//! The strict parser. It reads two overlapping words of eight bytes and has no loop over the
//! digits.

use core::fmt;

use super::PhoneNumber;
use super::plan;

/// The accepted number of digits. E.164 allows 15, and no subscriber's number has fewer than 7.
pub(super) const DIGITS: core::ops::RangeInclusive<usize> = 7..=15;

/// Parses a text. `+` and 7 to 15 digits are 8 to 16 bytes, so the first eight (`+` and seven
/// digits) and the last eight cover the whole text.
#[inline]
pub(super) fn parse(text: &[u8]) -> Result<PhoneNumber, ParseError> {
    read(text).ok_or_else(|| explain(text))
}

#[inline]
fn read(text: &[u8]) -> Option<PhoneNumber> {
    let words = Words::read(text)?;
    PhoneNumber::new(words.digits(), plan::label(words.head, text)?)
}

/// The digits of a text of the right form: `+` and 7 to 15 ASCII digits. The calling code may be
/// unassigned.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// The values of the first eight bytes, where the `+` counts as zero. The first byte is the
    /// lowest.
    pub(super) head: u64,
    /// The values of the bytes after the first eight, in the highest bytes.
    tail: u64,
    /// The number of bytes after the first eight.
    pub(super) beyond: usize,
}

impl Words {
    #[inline]
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let (first, last) = (text.first_chunk()?, text.last_chunk()?);
        let beyond = text.len() - 8;
        let mask = *MASKS.get(beyond)?;

        // Turns every byte into its digit's value and the `+` into zero. Of the last word, only the
        // bytes after the first word count.
        let head = u64::from_le_bytes(*first) ^ u64::from_le_bytes(*b"+0000000");
        let tail = (u64::from_le_bytes(*last) ^ u64::from_le_bytes(*b"00000000")) & mask;
        is_number(head, tail).then_some(Self { head, tail, beyond })
    }

    /// Returns the integer that all digits form.
    #[inline]
    pub(super) fn digits(self) -> u64 {
        value(self.head) * SCALES[self.beyond] + value(self.tail)
    }

    /// Returns the integer that the digits of a text form, or 0 if it is not of the right form.
    #[inline]
    pub(super) fn digits_of(text: &[u8]) -> u64 {
        Self::read(text).map_or(0, Self::digits)
    }
}

/// Indexed by the number of bytes after the first eight: the bytes of the last word that count.
const MASKS: [u64; 9] = {
    let mut masks = [0; 9];
    let mut bytes = 1;
    while bytes <= 8 {
        masks[bytes] = u64::MAX << (64 - 8 * bytes);
        bytes += 1;
    }
    masks
};

/// Indexed by the number of bytes after the first eight: the factor of the first word's value.
const SCALES: [u64; 9] = {
    let mut scales = [1; 9];
    let mut bytes = 1;
    while bytes <= 8 {
        scales[bytes] = scales[bytes - 1] * 10;
        bytes += 1;
    }
    scales
};

/// Returns whether the first byte of the head is 0, and no other byte of the two words is greater
/// than 9.
const fn is_number(head: u64, tail: u64) -> bool {
    // What must be added to a byte so that the smallest wrong value reaches the top bit.
    const TO_THE_TOP_BIT: u64 = 0x7676_7676_7676_7676;
    const PLUS_TO_THE_TOP_BIT: u64 = 0x7676_7676_7676_767F;
    let sums = head.wrapping_add(PLUS_TO_THE_TOP_BIT) | tail.wrapping_add(TO_THE_TOP_BIT);
    (sums | head | tail) & 0x8080_8080_8080_8080 == 0
}

/// Returns the integer that eight digits form, the first digit in the lowest byte. Combines pairs,
/// then fours, then all eight.
const fn value(digits: u64) -> u64 {
    const EVERY_FOURTH: u64 = 0x0000_00FF_0000_00FF;
    let pairs = digits * 10 + (digits >> 8);
    let high = (pairs & EVERY_FOURTH).wrapping_mul(100 + (1_000_000 << 32));
    let low = (pairs >> 16 & EVERY_FOURTH).wrapping_mul(1 + (10_000 << 32));
    high.wrapping_add(low) >> 32
}

/// Explains why [`read`] rejected a text. Looks at 17 bytes at most, whatever the length.
#[cold]
pub(super) fn explain(text: &[u8]) -> ParseError {
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

/// The error of a text that is not a phone number. Says what is wrong and at which byte, and
/// contains no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    pub(super) kind: ParseErrorKind,
    pub(super) at: usize,
}

/// The reason why a text is not a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The text is empty.
    Empty,
    /// The first character is not `+`.
    MissingPlus,
    /// A byte is not an ASCII digit.
    NotADigit,
    /// The number has fewer than 7 digits.
    TooShort,
    /// The number has more than 15 digits, or the text more than 64 bytes.
    TooLong,
    /// The digits do not begin with an assigned calling code.
    UnknownCallingCode,
}

impl ParseErrorKind {
    /// Returns the name in snake case, such as `missing_plus`.
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
    /// The error's name in passcode APIs.
    pub const WIRE_NAME: &'static str = "invalid_phone_number";

    /// Returns the reason.
    #[must_use]
    pub const fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// Returns the byte offset of the error.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an E.164 number: ")?;
        match self.kind {
            ParseErrorKind::Empty => f.write_str("the text is empty"),
            ParseErrorKind::MissingPlus => write!(f, "missing `+` at byte {}", self.at),
            ParseErrorKind::NotADigit => write!(f, "byte {} is not a digit", self.at),
            ParseErrorKind::TooShort => write!(f, "too short, ends at byte {}", self.at),
            ParseErrorKind::TooLong => write!(f, "too long, continues at byte {}", self.at),
            ParseErrorKind::UnknownCallingCode => {
                write!(f, "unknown calling code at byte {}", self.at)
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
    fn reads_every_length_to_the_last_digit() {
        let digits = "123456789012345";
        for length in DIGITS {
            let text = format!("+{}", &digits[..length]);
            assert_eq!(parse(text.as_bytes()).unwrap().digits().to_string(), &digits[..length]);
        }
    }

    #[test]
    fn reports_the_kind_and_byte_of_errors() {
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

    /// Compares the SWAR check with a plain one: every byte value at every position of every
    /// length.
    #[test]
    fn swar_check_agrees_with_plain_check_for_every_byte() {
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

    /// Both words are checked at once: two wrong bytes must not cancel out.
    #[test]
    fn rejects_two_wrong_bytes() {
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
    fn displays_every_error() {
        for (text, message) in [
            ("", "the text is empty"),
            ("12025550162", "missing `+` at byte 0"),
            ("+1 2025550162", "byte 2 is not a digit"),
            ("+120255", "too short, ends at byte 7"),
            ("+1234567890123456", "too long, continues at byte 16"),
            ("+9991234567", "unknown calling code at byte 1"),
        ] {
            let whole = format!("not an E.164 number: {message}; expected `+` and 7 to 15 ASCII digits");
            assert_eq!(parse(text.as_bytes()).unwrap_err().to_string(), whole);
        }
    }

    #[test]
    fn rejects_a_megabyte_of_digits() {
        let long = "+44".to_string() + &"1".repeat(1 << 20);
        assert_eq!(error(long.as_bytes()), ("too_long", 16));
    }
}
