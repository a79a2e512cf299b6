//! Email addresses with one canonical spelling each.

mod error;
mod syntax;

use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

pub use error::{EmailError, EmailErrorKind};

/// An email address in ASCII: a local part, `@` and a host name, at most 254 bytes in all
/// (RFC 5321 §4.5.3.1.3).
///
/// - The local part is 1 to 64 bytes (RFC 5321 §4.5.3.1.1) of letters, digits, `.` and
///   ``!#$%&'*+-/=?^_`{|}~`` (`atext`, RFC 5322 §3.2.3). Dots may appear anywhere, because Japanese
///   carriers issued addresses such as `a..b.@example.com`. Quoted strings and comments are
///   rejected.
/// - The domain is a host name (RFC 1123 §2.1): labels of 1 to 63 letters, digits and hyphens, with
///   no hyphen at either end, separated by single dots. A trailing dot is rejected. A single label
///   is accepted (`localhost`). The limit of 253 bytes for a host name never applies, because an
///   address cannot be that long.
/// - The last label is not a number. RFC 1123 distinguishes host names from IPv4 addresses by an
///   alphabetic last label. Top-level domains such as `xn--p1ai` now contain digits too, so this
///   type uses the rule of the [URL standard]: the last label is neither all digits nor `0x`
///   followed by hexadecimal digits. Address literals (`[192.0.2.1]`) are rejected as well.
///
/// [URL standard]: https://url.spec.whatwg.org/#ends-in-a-number-checker
///
/// Addresses that differ only in the case of ASCII letters are equal, and share one record and its
/// budgets. Nothing else is folded: if two addresses were folded into one, the mailbox of one would
/// receive codes that prove the other. For example, `K` (U+212A, KELVIN SIGN) lower-cases to `k` in
/// Unicode, but is another person's mailbox to a mail server. So every character outside ASCII is
/// rejected.
///
/// `Display` writes the address as it was given; `Debug` hides its local part. Only a passcode that
/// is sent and entered can show whether the mailbox exists.
///
/// ```
/// use countersign::EmailAddress;
/// use countersign::recipient::EmailErrorKind;
///
/// let address: EmailAddress = "Ada@example.com".parse()?;
/// assert_eq!(address, "ada@EXAMPLE.com".parse()?);
/// assert_eq!(address.as_str(), "Ada@example.com");
///
/// let error = "ada@example..com".parse::<EmailAddress>().unwrap_err();
/// assert_eq!((error.kind(), error.position()), (EmailErrorKind::EmptyLabel, 12));
/// # Ok::<(), countersign::recipient::EmailError>(())
/// ```
///
/// # Internationalised addresses
///
/// A domain outside ASCII has an ASCII form, its A-labels, which is accepted:
/// `ada@xn--bcher-kva.example` for `ada@bücher.example`. Before parsing, convert the part after the
/// last `@` by ToASCII of [UTS 46](https://www.unicode.org/reports/tr46/#ToASCII), in Rust with
/// `idna::domain_to_ascii_strict` of the crate `idna`. Never normalise or lower-case the local
/// part.
///
/// Local parts outside ASCII (RFC 6531) are not supported: they have no ASCII form, and mail
/// servers disagree on which spellings are the same mailbox.
#[derive(Clone)]
pub struct EmailAddress {
    written: Box<str>,
    folded: Box<str>,
}

impl EmailAddress {
    /// Returns the address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Returns the address with its ASCII letters in lower case.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        syntax::check(text)?;
        Ok(Self { written: text.into(), folded: text.to_ascii_lowercase().into() })
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

/// Shows the domain only.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.written.rsplit_once('@').map_or("", |(_, domain)| domain);
        write!(f, "•••@{domain}")
    }
}

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
    fn preserves_spelling_and_compares_without_ascii_case() {
        let (address, louder): (EmailAddress, EmailAddress) =
            ("Ada@example.com".parse().unwrap(), "ADA@EXAMPLE.COM".parse().unwrap());
        assert_eq!((address.as_str(), address.folded()), ("Ada@example.com", "ada@example.com"));
        assert_eq!(format!("{address}"), "Ada@example.com");
        assert_eq!(address, louder);
        assert_ne!(address, "bea@example.com".parse().unwrap());
        assert_eq!(hash(&address), hash(&louder), "equal addresses have equal hashes");
        assert_ne!(hash(&address), hash(&"bea@example.com".parse().unwrap()));
    }

    #[test]
    fn debug_hides_the_local_part() {
        let address: EmailAddress = "ada@example.com".parse().unwrap();
        assert_eq!(format!("{address:?}"), "•••@example.com");
    }
}
