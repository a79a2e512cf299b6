//! Email addresses, as far as a passcode needs them.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// An email address: one `@` with something on both sides, no white space or control characters, at most 254 bytes
/// (RFC 5321 §4.5.3.1.3). Whether it exists, only a passcode that comes back can tell.
///
/// Two spellings that differ in case are equal, for they share one record: nobody gets more tries by shouting.
/// `Display` gives the address as it was written, `Debug` hides it.
///
/// ```
/// use countersign::EmailAddress;
///
/// let address: EmailAddress = "Ada@example.com".parse()?;
/// assert_eq!(address, "ada@EXAMPLE.com".parse()?);
/// assert_eq!(address.as_str(), "Ada@example.com");
/// # Ok::<(), countersign::EmailError>(())
/// ```
#[derive(Clone)]
pub struct EmailAddress {
    written: Box<str>,
    folded: Box<str>,
}

impl EmailAddress {
    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The address in lower case.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let stray =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | '<' | '>' | ',' | ';' | '"');
        if local.is_empty()
            || domain.is_empty()
            || text.len() > 254
            || local.contains(stray)
            || domain.contains(stray)
        {
            return Err(EmailError);
        }
        let folded: String = text.to_lowercase();
        Ok(Self { written: text.into(), folded: folded.into() })
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for EmailAddress {}

impl core::hash::Hash for EmailAddress {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

/// Only the domain is shown.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.written.rsplit_once('@').map_or("", |(_, domain)| domain);
        write!(f, "•••@{domain}")
    }
}

/// A text that is no email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailError;

impl EmailError {
    /// The name that clients of passcode APIs know this error by.
    pub const WIRE_NAME: &'static str = "invalid_email";
}

impl fmt::Display for EmailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an email address: expected name@domain without spaces, at most 254 bytes")
    }
}

impl core::error::Error for EmailError {}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use alloc::format;
    use core::hash::{BuildHasher, BuildHasherDefault};
    use std::hash::DefaultHasher;

    fn hash(address: &EmailAddress) -> u64 {
        BuildHasherDefault::<DefaultHasher>::default().hash_one(address)
    }

    #[test]
    fn what_is_an_address_and_what_is_not() {
        for text in ["a@b", "ada.lovelace+otp@mail.example.com", "jörg@exämple.de"] {
            assert_eq!(text.parse::<EmailAddress>().map(|address| format!("{address}")), Ok(text.into()));
        }
        let long = "a".repeat(250) + "@b.de";
        for text in ["", "a", "@b", "a@", "a b@c", "a@b c", "a@b\n", "a@b@c", "<a@b>", "a@b,c@d", &long] {
            assert_eq!(text.parse::<EmailAddress>().map(drop), Err(EmailError), "{text}");
        }
    }

    #[test]
    fn it_is_written_as_it_was_and_compared_without_its_case() {
        let (address, louder): (EmailAddress, EmailAddress) =
            ("Ada@example.com".parse().unwrap(), "ADA@EXAMPLE.COM".parse().unwrap());
        assert_eq!((address.as_str(), address.folded()), ("Ada@example.com", "ada@example.com"));
        assert_eq!(address, louder);
        assert_ne!(address, "bea@example.com".parse().unwrap());
        assert_eq!(hash(&address), hash(&louder), "what is equal is found under one hash");
        assert_ne!(hash(&address), hash(&"bea@example.com".parse().unwrap()));
    }

    #[test]
    fn an_address_has_254_bytes_at_most() {
        let of = |bytes: usize| "a".repeat(bytes - 5) + "@b.de";
        assert!(of(254).parse::<EmailAddress>().is_ok());
        assert!(of(255).parse::<EmailAddress>().is_err() && of(300).parse::<EmailAddress>().is_err());
    }

    #[test]
    fn debug_hides_the_name() {
        let address: EmailAddress = "ada@example.com".parse().unwrap();
        assert_eq!(format!("{address:?}"), "•••@example.com");
    }
}
