//! The domain that a code is bound to.

use core::fmt;

use crate::host::ends_in_a_number;

/// The longest domain: with the longest app name, the longest code and an app's hash, the built-in texts stay in one segment.
const LONGEST: usize = 32;

/// A domain that a code is bound to, in the form that browsers compare: small ASCII letters, digits and hyphens, at least two labels
/// (RFC 1123 §2.1), at most 32 characters; one with other letters in its ASCII form (`xn--…`).
///
/// Browsers ask for the same *site*: a code for `example.com` is filled in on `login.example.com` too, so that the domain which was
/// registered will do.
///
/// ```
/// use countersign::message::Domain;
///
/// assert_eq!(Domain::new("example.com")?.as_str(), "example.com");
/// let error = Domain::new("example.com #999999").unwrap_err();
/// assert_eq!(error.to_string(), "domain, byte 11: expected a-z, 0-9, hyphens and dots, such as example.com");
/// # Ok::<(), countersign::message::DomainError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Domain<'a>(&'a str);

impl<'a> Domain<'a> {
    /// A domain.
    ///
    /// # Errors
    ///
    /// If it is not one of that form; also if it ends in a number, as the
    /// [URL standard](https://url.spec.whatwg.org/#ends-in-a-number-checker) has it, for browsers read
    /// that as an IPv4 address: `192.0.2.1`, and `127.0.0.0x1` too.
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

    /// The domain.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

/// A text that is no domain which a code can be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DomainError {
    /// Something else than a small letter, a digit, a hyphen or a dot: a port, a path, a capital, a line break …
    Character {
        /// The byte.
        at: usize,
    },
    /// More than 32 characters.
    TooLong {
        /// Its length.
        length: usize,
    },
    /// An empty label, or one that begins or ends with a hyphen.
    Label {
        /// Where the label begins.
        at: usize,
    },
    /// No dot.
    NotQualified,
    /// The last label is a number, so that browsers read an IPv4 address.
    Numeric {
        /// Where the label begins.
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
                "domain of {length} characters: expected at most {LONGEST}; the registered domain is enough, \
                 for it covers its subdomains"
            ),
            Self::Label { at } => write!(
                f,
                "domain, byte {at}: expected a label that is not empty and neither begins nor ends with a hyphen"
            ),
            Self::NotQualified => {
                f.write_str("domain: expected a name of two labels or more, such as example.com")
            }
            Self::Numeric { at } => {
                write!(f, "domain, byte {at}: the last label is a number, and browsers read an IP address")
            }
        }
    }
}

impl core::error::Error for DomainError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_domains() {
        for domain in
            ["a.b", "example.com", "xn--bcher-kva.example", "1and1.com", "a-b.co.uk", &"a.".repeat(16)[..31]]
        {
            assert_eq!(Domain::new(domain).unwrap().as_str(), domain);
        }
        assert!(Domain::new("0123456789012345678901234567.com").is_ok());
    }

    #[test]
    fn what_is_wrong_and_where() {
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
