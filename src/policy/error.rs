//! What is wrong with a list of countries.

use core::fmt;

use crate::channel::Channel;
use crate::region::{RegionSet, UnknownRegion};

/// A change of a policy that was refused as a whole; the policy is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// The allowlist has countries that are unsupported on the channel, or codes that name no country.
    InvalidCountries {
        /// The channel whose list it is.
        channel: Channel,
        /// The unsupported ones among the countries.
        unsupported: RegionSet,
        /// The first code that names no country.
        unknown: Option<UnknownRegion>,
    },
    /// The allowlist has no country: to send nothing, don't start; to deny countries, use the denylist.
    EmptyAllowlist {
        /// The channel whose list it is.
        channel: Channel,
    },
    /// Email has no country.
    NotATelephoneChannel {
        /// The channel that was named.
        channel: Channel,
    },
}

impl PolicyError {
    /// The name that clients of passcode APIs know this error by.
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
                    f.write_str("can't be allowed:")?;
                    unsupported.iter().try_for_each(|region| write!(f, " {region}"))?;
                }
                match unknown {
                    Some(unknown) if unsupported.is_empty() => write!(f, "{unknown}"),
                    Some(unknown) => write!(f, "; {unknown}"),
                    None => Ok(()),
                }
            }
            Self::EmptyAllowlist { channel } => {
                write!(f, "{channel} allowlist: it is empty; name at least one country")
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
    fn a_refused_list_is_told_what_is_wrong_with_it() {
        for (error, wire_name, message) in [
            (
                refused(&["FR", "RU", "BS"]),
                "country_code_allowlist_invalid_country_codes",
                "sms allowlist: can't be allowed: BS RU",
            ),
            (
                refused(&["FR", "ZZ", "YY"]),
                "country_code_allowlist_invalid_country_codes",
                "sms allowlist: ZZ is not an ISO 3166-1 alpha-2 code (nor XK, AC, TA)",
            ),
            (
                refused(&["ZZ", "RU"]),
                "country_code_allowlist_invalid_country_codes",
                "sms allowlist: can't be allowed: RU; ZZ is not an ISO 3166-1 alpha-2 code (nor XK, AC, TA)",
            ),
            (
                refused(&[]),
                "country_code_allowlist_empty",
                "sms allowlist: it is empty; name at least one country",
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
