//! Errors of changing a policy.

use core::fmt;

use crate::channel::Channel;
use crate::region::{RegionSet, UnknownRegion};

/// The error of a change of a policy. The change is rejected as a whole, and the policy is
/// unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// The allowlist contains countries that are unsupported on the channel, or codes that name no
    /// country.
    InvalidCountries {
        /// The channel of the list.
        channel: Channel,
        /// The countries in the list that are unsupported.
        unsupported: RegionSet,
        /// The first code that names no country.
        unknown: Option<UnknownRegion>,
    },
    /// The allowlist is empty. To send nothing, do not start challenges; to deny countries, use the
    /// denylist.
    EmptyAllowlist {
        /// The channel of the list.
        channel: Channel,
    },
    /// The channel is email, which has no countries.
    NotATelephoneChannel {
        /// The given channel.
        channel: Channel,
    },
}

impl PolicyError {
    /// Returns the error's name in passcode APIs.
    #[must_use]
    pub const fn wire_name(&self) -> &'static str {
        match self {
            Self::InvalidCountries { .. } => "country_code_allowlist_invalid_country_codes",
            Self::EmptyAllowlist { .. } => "country_code_allowlist_empty",
            Self::NotATelephoneChannel { .. } => "bad_request",
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidCountries { channel, unsupported, unknown } => {
                write!(f, "{channel} allowlist: ")?;
                if !unsupported.is_empty() {
                    f.write_str("unsupported countries:")?;
                    unsupported.iter().try_for_each(|region| write!(f, " {region}"))?;
                }
                match unknown {
                    Some(unknown) if unsupported.is_empty() => write!(f, "{unknown}"),
                    Some(unknown) => write!(f, "; {unknown}"),
                    None => Ok(()),
                }
            }
            Self::EmptyAllowlist { channel } => {
                write!(f, "{channel} allowlist is empty; name at least one country")
            }
            Self::NotATelephoneChannel { channel } => {
                write!(f, "{channel} has no countries; policies are for sms and whatsapp")
            }
        }
    }
}

impl core::error::Error for PolicyError {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use crate::{Policy, Region};
    use alloc::string::ToString;

    fn refused(codes: &[&str]) -> PolicyError {
        Policy::default().set_allowed_codes(Channel::Sms, codes).unwrap_err()
    }

    #[test]
    fn errors_have_wire_names_and_messages() {
        for (error, wire_name, message) in [
            (
                refused(&["FR", "RU", "BS"]),
                "country_code_allowlist_invalid_country_codes",
                "sms allowlist: unsupported countries: BS RU",
            ),
            (
                refused(&["FR", "ZZ", "YY"]),
                "country_code_allowlist_invalid_country_codes",
                "sms allowlist: ZZ is not an ISO 3166-1 alpha-2 code (nor XK, AC, TA)",
            ),
            (
                refused(&["ZZ", "RU"]),
                "country_code_allowlist_invalid_country_codes",
                "sms allowlist: unsupported countries: RU; ZZ is not an ISO 3166-1 alpha-2 code (nor XK, AC, TA)",
            ),
            (
                refused(&[]),
                "country_code_allowlist_empty",
                "sms allowlist is empty; name at least one country",
            ),
            (
                Policy::default().deny(Channel::Email, [Region::FR]).unwrap_err(),
                "bad_request",
                "email has no countries; policies are for sms and whatsapp",
            ),
        ] {
            assert_eq!((error.wire_name(), error.to_string().as_str()), (wire_name, message));
        }
    }
}
