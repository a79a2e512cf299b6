//! The hash of an authenticator.

use core::fmt;
use core::str::FromStr;

/// The hash that an authenticator uses (RFC 6238 §1.2).
///
/// Authy, Duo and Microsoft Authenticator compute SHA-1 whatever a URI asks for, so it is the
/// default. HMAC-SHA-1 is not affected by the collisions of SHA-1 (RFC 6194 §3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC-SHA-1, the default.
    #[default]
    Sha1 = 0,
    /// HMAC-SHA-256.
    Sha256 = 1,
    /// HMAC-SHA-512.
    Sha512 = 2,
}

impl Algorithm {
    /// All algorithms, in the order of their numbers in records.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// Returns the name in URIs: `SHA1`, `SHA256` or `SHA512`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// Returns the length of the hash in bytes, which RFC 4226 §4 (R6) and RFC 6238 §5.1 recommend
    /// for secrets too.
    #[must_use]
    pub const fn output_length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Parses a name in any case.
impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let named = Self::ALL.into_iter().find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(name));
        named.ok_or(UnknownAlgorithm)
    }
}

/// The error of parsing an algorithm's name other than `SHA1`, `SHA256` or `SHA512`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm;

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown algorithm: expected SHA1, SHA256 or SHA512")
    }
}

impl core::error::Error for UnknownAlgorithm {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_round_trip_in_any_case() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
            assert_eq!(algorithm.to_string().to_lowercase().parse(), Ok(algorithm));
        }
        for name in ["", "SHA", "SHA-1", "SHA384", "MD5", "sha1 "] {
            assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name}");
        }
    }
}
