//! Errors of reading a URI.

use core::fmt;

use super::name::UriNameError;
use crate::totp::algorithm::UnknownAlgorithm;
use crate::totp::secret_error::SecretError;
use crate::totp::settings::TotpSettingError;

/// The error of a text that is not a TOTP URI. Says what is wrong and where, and contains no part of
/// the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyUriError {
    /// The text has more than 4096 bytes.
    TooLong,
    /// The text does not begin with `otpauth://`.
    NotOtpauth,
    /// The type is not `totp`.
    NotTotp,
    /// A `%` is not followed by two hexadecimal digits.
    Escape {
        /// The byte offset of the `%`.
        at: usize,
    },
    /// A part is not UTF-8 once it is decoded.
    NotUtf8 {
        /// The byte offset of the part.
        at: usize,
    },
    /// A parameter occurs twice.
    Repeated {
        /// The byte offset of the second one.
        at: usize,
    },
    /// There is no parameter `secret`.
    MissingSecret,
    /// The secret is invalid. Its position counts from its own first byte.
    Secret(SecretError),
    /// The algorithm is unknown.
    Algorithm(UnknownAlgorithm),
    /// The digits or the period are out of range.
    Setting(TotpSettingError),
    /// The issuer is not a name.
    Issuer(UriNameError),
    /// The account is not a name.
    Account(UriNameError),
}

impl KeyUriError {
    /// Returns the error in snake case, such as `missing_secret`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::TooLong => "uri_too_long",
            Self::NotOtpauth => "not_otpauth",
            Self::NotTotp => "not_totp",
            Self::Escape { .. } => "invalid_escape",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::Repeated { .. } => "repeated_parameter",
            Self::MissingSecret => "missing_secret",
            Self::Secret(error) => error.kind().as_str(),
            Self::Algorithm(_) => "invalid_algorithm",
            Self::Setting(error) => error.as_str(),
            Self::Issuer(_) => "invalid_issuer",
            Self::Account(_) => "invalid_account",
        }
    }
}

impl fmt::Display for KeyUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("URI: expected at most 4096 bytes"),
            Self::NotOtpauth => f.write_str("URI: expected otpauth:// in front"),
            Self::NotTotp => f.write_str("URI: expected otpauth://totp/; other types are not supported"),
            Self::Escape { at } => write!(f, "URI, byte {at}: expected two hexadecimal digits after %"),
            Self::NotUtf8 { at } => write!(f, "URI, from byte {at} on: not UTF-8 once decoded"),
            Self::Repeated { at } => write!(f, "URI, byte {at}: this parameter occurs twice"),
            Self::MissingSecret => f.write_str("URI: the parameter secret is missing"),
            Self::Secret(error) => error.fmt(f),
            Self::Algorithm(error) => error.fmt(f),
            Self::Setting(error) => error.fmt(f),
            Self::Issuer(error) => write!(f, "issuer: {error}"),
            Self::Account(error) => write!(f, "account: {error}"),
        }
    }
}

impl core::error::Error for KeyUriError {}
