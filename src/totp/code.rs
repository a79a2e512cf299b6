//! A code of an authenticator.

use core::fmt;

use zeroize::Zeroize;

/// The largest number of digits.
const LONGEST: usize = 8;

/// A code of 6 to 8 digits in clear text. `Debug` hides it, and it is wiped on drop.
///
/// A verifier never needs one: [`TotpCheck`](super::TotpCheck) compares an entry. It is for tests,
/// and for programs that take the place of an app.
#[derive(Clone)]
pub struct TotpCode {
    bytes: [u8; LONGEST],
    digits: u8,
}

impl TotpCode {
    /// Writes a value with leading zeros.
    pub(super) fn new(mut value: u32, digits: u8) -> Self {
        let mut code = Self { bytes: [b'0'; LONGEST], digits };
        for place in code.bytes.iter_mut().take(usize::from(digits)).rev() {
            *place = b'0' + (value % 10) as u8;
            value /= 10;
        }
        code
    }

    /// Returns the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let digits = self.bytes.get(..usize::from(self.digits)).unwrap_or_default();
        core::str::from_utf8(digits).unwrap_or_default()
    }
}

impl Drop for TotpCode {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn leading_zeros_are_kept() {
        assert_eq!(TotpCode::new(0, 6).as_str(), "000000");
        assert_eq!(TotpCode::new(42, 7).as_str(), "0000042");
        assert_eq!(TotpCode::new(99_999_999, 8).as_str(), "99999999");
    }

    #[test]
    fn debug_hides_the_code() {
        assert_eq!(format!("{:?}", TotpCode::new(123_456, 6)), "TotpCode(..)");
    }
}
