//! The purpose of a code.

use core::fmt;

/// The purpose of a code: a name of 1 to 10 bytes of lower-case ASCII letters, digits, `-` and `_`.
///
/// A code is valid for its own purpose only: one that was sent for a login does not confirm a
/// change of the phone number.
///
/// ```
/// use countersign::Purpose;
///
/// const RECOVERY: Purpose = match Purpose::new("recovery") {
///     Ok(purpose) => purpose,
///     Err(_) => panic!("too long"),
/// };
/// assert_eq!(RECOVERY.as_str(), "recovery");
/// assert_eq!(Purpose::default(), Purpose::LOGIN);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Purpose([u8; Self::LEN]);

impl Purpose {
    /// Length in a record and in a tag, in bytes. The name is padded with zeros.
    pub(crate) const LEN: usize = 10;

    /// The purpose `login`, the default.
    pub const LOGIN: Self = Self(*b"login\0\0\0\0\0");

    /// Creates a purpose with this name.
    ///
    /// # Errors
    ///
    /// If the name is not 1 to 10 characters of `a`–`z`, `0`–`9`, `-` and `_`.
    pub const fn new(name: &str) -> Result<Self, PurposeError> {
        let name = name.as_bytes();
        if name.is_empty() || name.len() > Self::LEN {
            return Err(PurposeError);
        }
        let mut bytes = [0; Self::LEN];
        let mut place = 0;
        while place < name.len() {
            if !is_allowed(name[place]) {
                return Err(PurposeError);
            }
            bytes[place] = name[place];
            place += 1;
        }
        Ok(Self(bytes))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default().trim_end_matches('\0')
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(Self::LEN);
        let (name, rest) = bytes.split_at(end);
        let is_name = end > 0 && name.iter().all(|&byte| is_allowed(byte));
        (is_name && rest.iter().all(|&byte| byte == 0)).then_some(Self(bytes))
    }
}

const fn is_allowed(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_')
}

impl Default for Purpose {
    fn default() -> Self {
        Self::LOGIN
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Purpose({self})")
    }
}

/// The name is not a valid purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurposeError;

impl fmt::Display for PurposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("purpose name: expected 1 to 10 characters of a-z, 0-9, - and _")
    }
}

impl core::error::Error for PurposeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_names_round_trip_and_others_are_rejected() {
        for name in ["a", "login", "add-phone", "1234567890", "_"] {
            let purpose = Purpose::new(name).unwrap();
            assert_eq!(purpose.as_str(), name);
            assert_eq!(Purpose::from_bytes(*purpose.as_bytes()), Some(purpose));
        }
        for name in ["", "12345678901", "Login", "a b", "ä", "a\0"] {
            assert_eq!(Purpose::new(name), Err(PurposeError), "{name}");
        }
        assert_eq!(Purpose::from_bytes([0; 10]), None);
        assert_eq!(Purpose::from_bytes(*b"Login\0\0\0\0\0"), None);
        assert_eq!(Purpose::from_bytes(*b"a\0b\0\0\0\0\0\0\0"), None);
    }
}
