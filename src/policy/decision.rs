//! Decisions of a policy.

use core::fmt;

use crate::number::Kind;

/// Whether a passcode may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It may be sent.
    Allow,
    /// It may not be sent, for this reason.
    Deny(Reason),
}

impl Decision {
    /// Returns whether a passcode may be sent.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allow)
    }

    /// Returns the decision in snake case: `allow`, or the [reason](Reason::as_str) of a denial.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny(reason) => reason.as_str(),
        }
    }

    /// Returns the reason of a denial.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Allow => None,
            Self::Deny(reason) => Some(reason),
        }
    }

    /// Converts the decision into a result, for use with `?`.
    ///
    /// # Errors
    ///
    /// The reason of a denial.
    pub const fn into_result(self) -> Result<(), Reason> {
        match self {
            Self::Allow => Ok(()),
            Self::Deny(reason) => Err(reason),
        }
    }
}

/// Why a passcode may not be sent. If several reasons apply, the first in this order is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The channel does not fit the recipient: a phone number over email, or an email address over
    /// SMS or WhatsApp.
    NotATelephoneChannel,
    /// The number belongs to no country but to a satellite or global service.
    NoCountry,
    /// No range of the calling code has numbers of this length.
    Impossible,
    /// The country is unsupported on this channel and cannot be allowed.
    UnsupportedCountry,
    /// The country is on the denylist.
    CountryDenied,
    /// The country is not on the allowlist.
    CountryNotAllowed,
    /// The numbering plan does not know the number's range.
    Unallocated,
    /// Numbers of this kind can't be reached on the channel, or should not be.
    Kind(Kind),
}

impl Reason {
    /// Returns the error's name in passcode APIs.
    #[must_use]
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::NotATelephoneChannel => "bad_request",
            Self::Impossible | Self::Unallocated | Self::Kind(_) => "invalid_phone_number",
            Self::NoCountry | Self::UnsupportedCountry | Self::CountryDenied | Self::CountryNotAllowed => {
                "invalid_phone_number_country_code"
            }
        }
    }

    /// Returns the reason in snake case, which is more specific than the wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotATelephoneChannel => "not_a_telephone_channel",
            Self::NoCountry => "no_country",
            Self::UnsupportedCountry => "unsupported_country",
            Self::CountryDenied => "country_denied",
            Self::CountryNotAllowed => "country_not_allowed",
            Self::Impossible => "impossible",
            Self::Unallocated => "unallocated",
            Self::Kind(kind) => kind.as_str(),
        }
    }

    /// Returns the reason's number, which is 100 or greater and never changes.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::NotATelephoneChannel => 100,
            Self::NoCountry => 101,
            Self::Impossible => 102,
            Self::UnsupportedCountry => 103,
            Self::CountryDenied => 104,
            Self::CountryNotAllowed => 105,
            Self::Unallocated => 106,
            Self::Kind(kind) => 120 + kind.number() as u16,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotATelephoneChannel => {
                "the channel does not fit the recipient: sms and whatsapp reach phone numbers, email reaches email addresses"
            }
            Self::NoCountry => "the number belongs to a satellite or global service, not to a country",
            Self::UnsupportedCountry => "the number's country is unsupported on this channel",
            Self::CountryDenied => "the number's country is on the denylist",
            Self::CountryNotAllowed => "the number's country is not on the allowlist",
            Self::Impossible => "no number of this calling code has this length",
            Self::Unallocated => "the numbering plan does not know the number's range",
            Self::Kind(kind) => return write!(f, "numbers of kind {kind} are not sent passcodes"),
        })
    }
}

impl core::error::Error for Reason {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn reasons_have_wire_names_names_and_messages() {
        for (reason, wire_name, name, of_the_sentence) in [
            (Reason::NotATelephoneChannel, "bad_request", "not_a_telephone_channel", "does not fit"),
            (Reason::NoCountry, "invalid_phone_number_country_code", "no_country", "satellite"),
            (Reason::Impossible, "invalid_phone_number", "impossible", "length"),
            (
                Reason::UnsupportedCountry,
                "invalid_phone_number_country_code",
                "unsupported_country",
                "unsupported on this channel",
            ),
            (Reason::CountryDenied, "invalid_phone_number_country_code", "country_denied", "denylist"),
            (
                Reason::CountryNotAllowed,
                "invalid_phone_number_country_code",
                "country_not_allowed",
                "not on the allowlist",
            ),
            (Reason::Unallocated, "invalid_phone_number", "unallocated", "does not know"),
            (Reason::Kind(Kind::Pager), "invalid_phone_number", "pager", "kind pager are not sent"),
        ] {
            assert_eq!((reason.wire_name(), reason.as_str()), (wire_name, name));
            let sentence = reason.to_string();
            assert!(sentence.contains(of_the_sentence), "{sentence}");
        }
    }

    #[test]
    fn converts_to_a_reason_and_a_result() {
        let denied = Decision::Deny(Reason::NoCountry);
        assert_eq!(
            (denied.reason(), denied.into_result()),
            (Some(Reason::NoCountry), Err(Reason::NoCountry))
        );
        assert_eq!((Decision::Allow.reason(), Decision::Allow.into_result()), (None, Ok(())));
        assert!(Decision::Allow.is_allowed() && !denied.is_allowed());
        assert_eq!((Decision::Allow.as_str(), denied.as_str()), ("allow", "no_country"));
    }
}
