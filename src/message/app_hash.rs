//! The hash of an Android app.

use core::fmt;

/// The 11 characters by which Android's SMS Retriever recognises an app: the beginning of a hash of
/// its package and certificate, in base64 (`A`–`Z`, `a`–`z`, `0`–`9`, `+`, `/`). Its
/// [documentation] explains how to compute it.
///
/// ```
/// use countersign::message::AppHash;
///
/// assert_eq!(AppHash::new("FA+9qCX9VSu")?.as_str(), "FA+9qCX9VSu");
/// assert!(AppHash::new("FA-9qCX9VSu").is_err());
/// # Ok::<(), countersign::message::AppHashError>(())
/// ```
///
/// [documentation]: https://developers.google.com/identity/sms-retriever/verify#computing_your_apps_hash_string
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AppHash([u8; 11]);

impl AppHash {
    /// Parses the hash of an app.
    ///
    /// # Errors
    ///
    /// If `hash` is not 11 characters of base64.
    pub fn new(hash: &str) -> Result<Self, AppHashError> {
        let bytes = hash.as_bytes().try_into().map_err(|_| AppHashError)?;
        let is_base64 = hash.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/'));
        if is_base64 { Ok(Self(bytes)) } else { Err(AppHashError) }
    }

    /// Returns the hash as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The error of a text that is not an app hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppHashError;

impl fmt::Display for AppHashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not an Android app hash: expected 11 characters of A-Z, a-z, 0-9, + and /, such as FA+9qCX9VSu",
        )
    }
}

impl core::error::Error for AppHashError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_eleven_characters_of_base64() {
        for hash in ["FA+9qCX9VSu", "///////////", "00000000000"] {
            assert_eq!(AppHash::new(hash).unwrap().as_str(), hash);
        }
        for hash in
            ["", "FA+9qCX9VS", "FA+9qCX9VSuu", "FA+9qCX9VS=", "FA+9qCX9VS\n", "FA+9qCX9 Su", "FA+9qCX9Vü"]
        {
            assert_eq!(AppHash::new(hash), Err(AppHashError), "{hash}");
        }
    }
}
