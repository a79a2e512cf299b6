//! Whom a passcode is sent to.

#[cfg(feature = "alloc")]
mod email;

use core::fmt;

#[cfg(feature = "alloc")]
pub use email::{EmailAddress, EmailError};

use crate::channel::Channel;
use crate::number::PhoneNumber;

/// Whom a passcode is sent to: a telephone number or, with the feature `alloc`, an email address.
///
/// `Display` gives it in full, `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recipient {
    /// By SMS or WhatsApp.
    Phone(PhoneNumber),
    /// By email.
    #[cfg(feature = "alloc")]
    Email(EmailAddress),
}

impl Recipient {
    /// Whether the channel reaches this kind of recipient.
    #[must_use]
    pub const fn is_reached_by(&self, channel: Channel) -> bool {
        match self {
            Self::Phone(_) => matches!(channel, Channel::Sms | Channel::WhatsApp),
            #[cfg(feature = "alloc")]
            Self::Email(_) => matches!(channel, Channel::Email),
        }
    }

    /// The telephone number, if it is one.
    #[must_use]
    pub const fn phone(&self) -> Option<PhoneNumber> {
        match self {
            Self::Phone(number) => Some(*number),
            #[cfg(feature = "alloc")]
            Self::Email(_) => None,
        }
    }

    /// Hands out the bytes under which the recipient's record is kept, the same for every spelling: the kind, then the
    /// digits or the address in lower case.
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
