//! What a person typed.

use core::fmt;

use zeroize::Zeroize;

/// The largest number of digits.
const MOST_DIGITS: u32 = 8;

/// A person's entry, as a call owns it until it is compared. `Debug` hides it, and it is wiped on
/// drop.
///
/// ```
/// use countersign::totp::TypedTotp;
///
/// let typed = TypedTotp::parse("123 456");
/// assert_eq!(format!("{typed:?}"), "TypedTotp(..)");
/// ```
// Two words of equal width: padding would carry what was on the stack before.
pub struct TypedTotp {
    value: u32,
    digits: u32,
}

impl TypedTotp {
    /// Parses at most eight ASCII digits, and ignores spaces: apps show `123 456`. Anything else is
    /// kept as an entry that has the form of no code.
    #[must_use]
    pub fn parse(entry: &str) -> Self {
        let mut typed = Self { value: 0, digits: 0 };
        for byte in entry.bytes().filter(|byte| *byte != b' ') {
            if !byte.is_ascii_digit() || typed.digits == MOST_DIGITS {
                return Self { value: 0, digits: 0 };
            }
            // At most eight digits, which fit 27 bits.
            typed.value = typed.value * 10 + u32::from(byte - b'0');
            typed.digits += 1;
        }
        typed
    }

    /// Returns the entry as an integer if it has exactly this number of digits.
    pub(super) fn with_digits(&self, digits: u8) -> Option<&u32> {
        (self.digits == u32::from(digits)).then_some(&self.value)
    }
}

impl Drop for TypedTotp {
    fn drop(&mut self) {
        self.value.zeroize();
        self.digits.zeroize();
    }
}

impl fmt::Debug for TypedTotp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedTotp(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_spaces_only() {
        for (entry, digits, value) in [
            ("123456", 6, 123_456),
            ("123 456", 6, 123_456),
            ("  1 2 3 4 5 6  ", 6, 123_456),
            ("0000001", 7, 1),
            ("9999 9999", 8, 99_999_999),
        ] {
            assert_eq!(TypedTotp::parse(entry).with_digits(digits), Some(&value), "{entry}");
        }
        for entry in [
            "",
            " ",
            "12345",
            "1234567",
            "12345a",
            "+12345",
            "-12345",
            "123-456",
            "123\u{a0}456",
            "１２３４５６",
            "12345\0",
        ] {
            assert!(TypedTotp::parse(entry).with_digits(6).is_none(), "{entry:?}");
        }
        let long = "1".repeat(1 << 20);
        assert!((6..=8).all(|digits| TypedTotp::parse(&long).with_digits(digits).is_none()));
    }
}
