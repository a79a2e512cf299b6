//! What a person typed.

use zeroize::Zeroize;

/// A person's entry as an integer. Wiped on drop.
pub(super) struct TypedCode(u32);

impl TypedCode {
    /// Parses exactly `digits` ASCII digits, and ignores spaces: apps show `123 456`. Anything else
    /// is `None`.
    pub(super) fn parse(entry: &str, digits: u8) -> Option<Self> {
        let (mut typed, mut count) = (Self(0), 0);
        for byte in entry.bytes().filter(|byte| *byte != b' ') {
            if !byte.is_ascii_digit() || count == digits {
                return None;
            }
            // At most eight digits, which fit 27 bits.
            typed.0 = typed.0 * 10 + u32::from(byte - b'0');
            count += 1;
        }
        (count == digits).then_some(typed)
    }

    pub(super) const fn value(&self) -> &u32 {
        &self.0
    }
}

impl Drop for TypedCode {
    fn drop(&mut self) {
        self.0.zeroize();
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
            assert_eq!(TypedCode::parse(entry, digits).map(|typed| typed.0), Some(value), "{entry}");
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
            assert!(TypedCode::parse(entry, 6).is_none(), "{entry:?}");
        }
        assert!(TypedCode::parse(&"1".repeat(1 << 20), 6).is_none());
    }
}
