//! E.164 text without an allocation.

use core::fmt;

use super::digits::sixteen;

/// The E.164 form of a phone number: `+` and its digits.
///
/// ```
/// let number: countersign::PhoneNumber = "+390612345678".parse()?;
/// assert_eq!(number.to_e164().as_str(), "+390612345678");
/// # Ok::<(), countersign::number::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
// `from_utf8` validates ASCII in large steps from the first aligned byte on.
#[repr(align(16))]
pub struct E164 {
    /// Digits `0`, and the text at the end.
    bytes: [u8; Self::CAPACITY],
    start: u8,
}

impl E164 {
    /// The length in bytes of `+` and 15 digits.
    const CAPACITY: usize = 16;

    pub(crate) fn new(digits: u64) -> Self {
        let sixteen = sixteen(digits);
        let leading_zeros = sixteen.trailing_zeros() / 8;
        let start = leading_zeros.clamp(1, 16) as usize - 1;
        let mut bytes = (sixteen | u128::from_le_bytes([b'0'; Self::CAPACITY])).to_le_bytes();
        bytes[start] = b'+';
        Self { bytes, start: start as u8 }
    }

    /// Returns `+` and the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // All 16 bytes, for these are validated in one step.
        let bytes = core::str::from_utf8(&self.bytes).unwrap_or_default();
        bytes.get(usize::from(self.start)..).unwrap_or_default()
    }

    /// Returns the digits without the `+`.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.as_str().trim_start_matches('+')
    }
}

impl AsRef<str> for E164 {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Shows none of the digits, because a phone number is personal data.
impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("E164(..)")
    }
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::format;

    #[test]
    fn formats_the_shortest_and_the_longest_number() {
        for (digits, text) in [(1_202_555, "+1202555"), (999_999_999_999_999, "+999999999999999")] {
            let e164 = E164::new(digits);
            assert_eq!((e164.as_str(), e164.as_ref(), e164.digits()), (text, text, &text[1..]));
            assert_eq!((format!("{e164}"), format!("{e164:>17}")), (text.into(), format!("{text:>17}")));
            assert_eq!(format!("{e164:?}"), "E164(..)");
        }
    }
}
