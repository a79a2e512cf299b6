//! Prefixes of phone numbers.

use core::fmt;
use core::str::FromStr;

use crate::number::PhoneNumber;

/// The first digits of a range of numbers, such as `+4477`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    digits: u64,
    len: u32,
}

impl Prefix {
    /// Returns whether a number begins with these digits.
    #[must_use]
    pub fn covers(&self, number: PhoneNumber) -> bool {
        let digits = number.digits();
        let len = digits.checked_ilog10().map_or(0, |log| log + 1);
        len.checked_sub(self.len).is_some_and(|rest| digits / 10_u64.pow(rest) == self.digits)
    }

    /// Returns the digits as one integer.
    #[must_use]
    pub const fn digits(&self) -> u64 {
        self.digits
    }

    /// Returns the number of digits.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Returns false: a prefix has at least one digit.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.digits)
    }
}

/// Parses `+` and 1 to 15 ASCII digits, the first of which is not 0.
impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let digits = text.strip_prefix('+').ok_or(PrefixError)?;
        let is_prefix = (1..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if !is_prefix {
            return Err(PrefixError);
        }
        Ok(Self { digits: digits.parse().map_err(|_| PrefixError)?, len: digits.len() as u32 })
    }
}

/// The text is not a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrefixError;

impl fmt::Display for PrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a prefix: + and 1 to 15 digits, the first of which is not 0, such as +4477")
    }
}

impl core::error::Error for PrefixError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn covers_the_numbers_that_begin_with_it() {
        let number: PhoneNumber = "+447700900123".parse().unwrap();
        for (prefix, covers) in [
            ("+4", true),
            ("+44", true),
            ("+4477009", true),
            ("+447700900123", true),
            ("+4478", false),
            ("+7", false),
            ("+4477009001230", false),
        ] {
            let prefix: Prefix = prefix.parse().unwrap();
            assert_eq!(prefix.covers(number), covers, "{prefix}");
        }
    }

    #[test]
    fn rejects_other_text() {
        for text in ["", "+", "44", "+04", "+44 7", "+1234567890123456", "+4a", "+-4"] {
            assert_eq!(text.parse::<Prefix>(), Err(PrefixError), "{text}");
        }
        assert_eq!("+4477".parse::<Prefix>().unwrap().to_string(), "+4477");
    }
}
