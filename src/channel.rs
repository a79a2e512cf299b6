//! Channels that deliver passcodes.

use core::fmt;
use core::str::FromStr;

/// The channel that delivers a passcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// A text message to a phone number.
    Sms,
    /// A WhatsApp message to a phone number.
    WhatsApp,
    /// A message to an email address. It has no country, so no country policy applies to it.
    Email,
}

impl Channel {
    /// All channels, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Sms, Self::WhatsApp, Self::Email];

    /// Returns the lower-case name: `sms`, `whatsapp` or `email`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::WhatsApp => "whatsapp",
            Self::Email => "email",
        }
    }

    /// Returns the channel's number in records and tags, which never changes.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Sms => 1,
            Self::WhatsApp => 2,
            Self::Email => 3,
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.number() == number)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(name: &str) -> Result<Self, UnknownChannel> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name).ok_or(UnknownChannel)
    }
}

/// The error of parsing a channel's name other than `sms`, `whatsapp` or `email`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownChannel;

impl fmt::Display for UnknownChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown channel: expected sms, whatsapp or email")
    }
}

impl core::error::Error for UnknownChannel {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn channels_round_trip_through_names_and_numbers() {
        for channel in Channel::ALL {
            assert_eq!(channel.as_str().parse(), Ok(channel));
            assert_eq!(channel.to_string(), channel.as_str());
            assert_eq!(Channel::from_number(channel.number()), Some(channel));
        }
        assert_eq!("SMS".parse::<Channel>(), Err(UnknownChannel));
        assert_eq!(Channel::from_number(0), None);
    }
}
