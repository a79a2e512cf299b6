//! Recipients of passcodes.

#[cfg(feature = "alloc")]
mod email;

use core::fmt;

#[cfg(feature = "alloc")]
pub use email::{EmailAddress, EmailError, EmailErrorKind};

use crate::channel::Channel;
use crate::number::PhoneNumber;

/// The recipient of a passcode: a phone number or, with the feature `alloc`, an email address.
///
/// `Display` writes the recipient in full; `Debug` hides most of it.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recipient {
    /// A phone number, reached by SMS or WhatsApp.
    Phone(PhoneNumber),
    /// An email address.
    #[cfg(feature = "alloc")]
    Email(EmailAddress),
}

impl Recipient {
    /// Returns whether the channel reaches this kind of recipient.
    #[must_use]
    pub const fn is_reached_by(&self, channel: Channel) -> bool {
        match self {
            Self::Phone(_) => matches!(channel, Channel::Sms | Channel::WhatsApp),
            #[cfg(feature = "alloc")]
            Self::Email(_) => matches!(channel, Channel::Email),
        }
    }

    /// Returns the phone number, if the recipient is one.
    #[must_use]
    pub const fn phone(&self) -> Option<PhoneNumber> {
        match self {
            Self::Phone(number) => Some(*number),
            #[cfg(feature = "alloc")]
            Self::Email(_) => None,
        }
    }

    /// Passes the recipient's identity to `take`, which is the same for every spelling: the kind,
    /// then the digits or the address with its ASCII letters in lower case. The record's key is
    /// derived from it.
    pub(crate) fn with_identity<T>(&self, take: impl FnOnce(u8, &[u8]) -> T) -> T {
        match self {
            Self::Phone(number) => take(b'p', &number.digits().to_le_bytes()),
            #[cfg(feature = "alloc")]
            Self::Email(address) => take(b'e', address.folded().as_bytes()),
        }
    }
}

impl From<PhoneNumber> for Recipient {
    fn from(number: PhoneNumber) -> Self {
        Self::Phone(number)
    }
}

#[cfg(feature = "alloc")]
impl From<EmailAddress> for Recipient {
    fn from(address: EmailAddress) -> Self {
        Self::Email(address)
    }
}

impl From<&Self> for Recipient {
    fn from(recipient: &Self) -> Self {
        recipient.clone()
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(number) => fmt::Display::fmt(number, f),
            #[cfg(feature = "alloc")]
            Self::Email(address) => fmt::Display::fmt(address, f),
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(number) => fmt::Debug::fmt(number, f),
            #[cfg(feature = "alloc")]
            Self::Email(address) => fmt::Debug::fmt(address, f),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "alloc")]
mod tests {
    use super::*;
    use alloc::format;

    fn both() -> (PhoneNumber, EmailAddress) {
        ("+12025550162".parse().unwrap(), "Ada@example.com".parse().unwrap())
    }

    #[test]
    fn display_shows_and_debug_hides_the_recipient() {
        let (number, address) = both();
        let (phone, email) = (Recipient::from(number), Recipient::from(address));
        assert_eq!(
            (format!("{phone}"), format!("{phone:?}")),
            ("+12025550162".into(), "+1202•••••62".into())
        );
        assert_eq!(
            (format!("{email}"), format!("{email:?}")),
            ("Ada@example.com".into(), "•••@example.com".into())
        );
    }

    #[test]
    fn phone_numbers_and_addresses_have_separate_channels() {
        let (number, address) = both();
        let (phone, email) = (Recipient::from(number), Recipient::from(address));
        for channel in Channel::ALL {
            assert_eq!(phone.is_reached_by(channel), channel != Channel::Email);
            assert_eq!(email.is_reached_by(channel), channel == Channel::Email);
        }
        assert_eq!((phone.phone(), email.phone()), (Some(number), None));
    }

    /// A number's identity is its kind and digits; an address's is its kind and lower-case form.
    #[test]
    fn recipients_have_distinct_identities() {
        let identity = |recipient: Recipient| recipient.with_identity(|kind, bytes| (kind, bytes.to_vec()));
        let (number, address) = both();
        assert_eq!(identity(number.into()), (b'p', 12_025_550_162_u64.to_le_bytes().to_vec()));
        assert_eq!(identity(address.into()), (b'e', b"ada@example.com".to_vec()));
    }
}
