//! The domain that a code is bound to.

use core::fmt;

use crate::host::ends_in_a_number;

/// The longest domain, in bytes. With it, the longest app name and code, and an app hash, the
/// built-in texts fit one segment.
const LONGEST: usize = 32;

/// A domain that a code is bound to, in the form that browsers compare: at least two labels of
/// lower-case ASCII letters, digits and hyphens (RFC 1123 §2.1), at most 32 characters. Use the
/// ASCII form (`xn--…`) of an internationalised domain.
///
/// Browsers compare *sites*: a code for `example.com` is filled in on `login.example.com` too. So
/// the registered domain is sufficient.
///
/// ```
/// use countersign::message::Domain;
///
/// assert_eq!(Domain::new("example.com")?.as_str(), "example.com");
/// let error = Domain::new("example.com #999999").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "domain, byte 11: expected a-z, 0-9, hyphens and dots, such as example.com"
/// );
/// # Ok::<(), countersign::message::DomainError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Domain<'a>(&'a str);

impl<'a> Domain<'a> {
    /// Parses a domain.
    ///
    /// # Errors
    ///
    /// If `domain` does not have the form described above, or ends in a number by the rule of the
    /// [URL standard](https://url.spec.whatwg.org/#ends-in-a-number-checker). Browsers parse such a
    /// domain as an IPv4 address: `192.0.2.1`, but also `127.0.0.0x1`.
    pub fn new(domain: &'a str) -> Result<Self, DomainError> {
        let expected = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        if let Some(at) = domain.bytes().position(|c| !expected(c)) {
            return Err(DomainError::Character { at });
        }
        if domain.len() > LONGEST {
            return Err(DomainError::TooLong { length: domain.len() });
        }
        let mut at = 0;
        for label in domain.split('.') {
            if label.is_empty() || label.starts_with('-') || label.ends_with('-') {
                return Err(DomainError::Label { at });
            }
            at += label.len() + 1;
        }
        match domain.rfind('.') {
            None => Err(DomainError::NotQualified),
            Some(dot) if ends_in_a_number(domain) => Err(DomainError::Numeric { at: dot + 1 }),
            Some(_) => Ok(Self(domain)),
        }
    }

    /// Returns the domain.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

/// The error of a text that is not a domain that a code can be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DomainError {
    /// The domain contains a character other than lower-case letters, digits, hyphens and dots, as
    /// in a port, a path, an upper-case letter or a line break.
    Character {
        /// The byte offset of the character.
        at: usize,
    },
    /// The domain is longer than 32 characters.
    TooLong {
        /// The length in characters.
        length: usize,
    },
    /// A label is empty, or begins or ends with a hyphen.
    Label {
        /// The byte offset of the label.
        at: usize,
    },
    /// The domain has no dot.
    NotQualified,
    /// The last label is a number, so browsers parse the domain as an IPv4 address.
    Numeric {
        /// The byte offset of the label.
        at: usize,
    },
}

impl fmt::Display for DomainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character { at } => {
                write!(f, "domain, byte {at}: expected a-z, 0-9, hyphens and dots, such as example.com")
            }
            Self::TooLong { length } => write!(
                f,
                "domain of {length} characters: expected at most {LONGEST}; the registered domain is \
                 sufficient, because it covers its subdomains"
            ),
            Self::Label { at } => write!(
                f,
                "domain, byte {at}: expected a label that is not empty and neither begins nor ends with a hyphen"
            ),
            Self::NotQualified => f.write_str("domain: expected at least two labels, such as example.com"),
            Self::Numeric { at } => {
                write!(
                    f,
                    "domain, byte {at}: the last label is a number, so browsers parse an IP address; expected a name"
                )
            }
        }
    }
}

impl core::error::Error for DomainError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_domains() {
        for domain in
            ["a.b", "example.com", "xn--bcher-kva.example", "1and1.com", "a-b.co.uk", &"a.".repeat(16)[..31]]
        {
            assert_eq!(Domain::new(domain).unwrap().as_str(), domain);
        }
        assert!(Domain::new("0123456789012345678901234567.com").is_ok());
    }

    #[test]
    fn reports_errors_with_their_position() {
        for (domain, error) in [
            ("", DomainError::Label { at: 0 }),
            ("localhost", DomainError::NotQualified),
            ("1", DomainError::NotQualified),
            ("192.0.2.1", DomainError::Numeric { at: 8 }),
            ("127.0.0.0x1", DomainError::Numeric { at: 8 }),
            ("Example.com", DomainError::Character { at: 0 }),
            ("example.com:443", DomainError::Character { at: 11 }),
            ("example.com/", DomainError::Character { at: 11 }),
            ("@example.com", DomainError::Character { at: 0 }),
            ("example.com\n", DomainError::Character { at: 11 }),
            ("example.com\n@evil.example #1", DomainError::Character { at: 11 }),
            ("bücher.example", DomainError::Character { at: 1 }),
            ("a..b", DomainError::Label { at: 2 }),
            (".a.b", DomainError::Label { at: 0 }),
            ("a.b.", DomainError::Label { at: 4 }),
            ("a.-b.c", DomainError::Label { at: 2 }),
            ("a-.b", DomainError::Label { at: 0 }),
            ("01234567890123456789012345678.com", DomainError::TooLong { length: 33 }),
        ] {
            assert_eq!(Domain::new(domain), Err(error), "{domain}");
        }
    }
}
