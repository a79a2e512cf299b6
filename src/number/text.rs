//! E.164 text without an allocation.

use core::fmt;

/// The E.164 form of a phone number: `+` and its digits.
///
/// ```
/// let number: countersign::PhoneNumber = "+390612345678".parse()?;
/// assert_eq!(number.to_e164().as_str(), "+390612345678");
/// # Ok::<(), countersign::number::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct E164 {
    bytes: [u8; Self::CAPACITY],
    start: u8,
}

impl E164 {
    /// The length in bytes of `+` and 15 digits.
    const CAPACITY: usize = 16;

    pub(crate) fn new(mut digits: u64) -> Self {
        let mut bytes = [b'0'; Self::CAPACITY];
        let mut start = Self::CAPACITY - 1;
        while digits > 0 && start > 0 {
            bytes[start] = b'0' + (digits % 10) as u8;
            digits /= 10;
            start -= 1;
        }
        bytes[start] = b'+';
        Self { bytes, start: start as u8 }
    }

    /// Returns `+` and the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[usize::from(self.start)..]).unwrap_or_default()
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
