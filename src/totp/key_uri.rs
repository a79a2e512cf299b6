//! `otpauth://` URIs, in the [Key URI Format] that authenticator apps scan as QR codes.
//!
//! [Key URI Format]: https://github.com/google/google-authenticator/wiki/Key-Uri-Format

mod error;
mod name;
mod percent;
mod read;
mod write;

use core::fmt;
use core::str::FromStr;

pub use error::KeyUriError;
pub use name::{UriName, UriNameError};

use super::secret::TotpSecret;
use super::settings::TotpSettings;
use super::text::SecretText;

/// What an `otpauth://` URI contains: who issued a secret, for which account, the secret, and the
/// settings.
///
/// It is written in one form, which every app reads:
/// `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…&algorithm=…&digits=…&period=…`, in this order,
/// with percent-encoding of everything but unreserved characters (RFC 3986 §2.3).
///
/// ```
/// use countersign::totp::{KeyUri, TotpSecret, TotpSettings, UriName};
///
/// let secret = TotpSecret::from_bytes(b"12345678901234567890")?;
/// let (issuer, account) = (UriName::new("Acme & Co")?, UriName::new("ada@example.com")?);
/// let uri = KeyUri::new(issuer, account, secret, TotpSettings::DEFAULT);
/// assert_eq!(
///     uri.to_text().as_str(),
///     "otpauth://totp/Acme%20%26%20Co:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
///      &issuer=Acme%20%26%20Co&algorithm=SHA1&digits=6&period=30"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Reading accepts what other programs write: the parts of a URI in any case, in any order and with
/// unknown parameters, `%3A` for the colon and spaces after it, a missing issuer, and defaults for
/// missing settings. The parameter `issuer` wins over the label, and `+` is a plus sign. A
/// parameter that occurs twice is an error, because programs disagree on which one counts.
///
/// ```
/// use countersign::totp::{Algorithm, KeyUri, KeyUriError};
///
/// let uri: KeyUri = "otpauth://TOTP/Old%3A%20ada?issuer=Acme&SECRET=GEZDGNBVGY3TQOJQGEZDGNBVGY\
///                    &algorithm=sha256&image=x".parse()?;
/// assert_eq!(uri.issuer().map(|issuer| issuer.as_str()), Some("Acme"));
/// assert_eq!(uri.account().as_str(), "ada");
/// assert_eq!((uri.settings().algorithm(), uri.settings().digits()), (Algorithm::Sha256, 6));
///
/// let error = "otpauth://hotp/ada?secret=GEZDGNBVGY3TQOJQ&counter=1".parse::<KeyUri>();
/// assert_eq!(error.unwrap_err(), KeyUriError::NotTotp);
/// # Ok::<(), KeyUriError>(())
/// ```
///
/// `Debug` shows neither the secret nor the account, which is often an email address.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyUri {
    issuer: Option<UriName>,
    account: UriName,
    secret: TotpSecret,
    settings: TotpSettings,
}

impl KeyUri {
    /// Creates the contents of a URI.
    #[must_use]
    pub const fn new(issuer: UriName, account: UriName, secret: TotpSecret, settings: TotpSettings) -> Self {
        Self { issuer: Some(issuer), account, secret, settings }
    }

    /// Returns the issuer, if the URI that was read has one.
    #[must_use]
    pub const fn issuer(&self) -> Option<&UriName> {
        self.issuer.as_ref()
    }

    /// Returns the account.
    #[must_use]
    pub const fn account(&self) -> &UriName {
        &self.account
    }

    /// Returns the secret.
    #[must_use]
    pub const fn secret(&self) -> &TotpSecret {
        &self.secret
    }

    /// Returns the settings.
    #[must_use]
    pub const fn settings(&self) -> TotpSettings {
        self.settings
    }

    /// Writes the URI. Without an issuer, it has neither its part of the label nor its parameter.
    #[must_use]
    pub fn to_text(&self) -> SecretText {
        write::text(self)
    }
}

impl FromStr for KeyUri {
    type Err = KeyUriError;

    fn from_str(text: &str) -> Result<Self, KeyUriError> {
        read::uri(text)
    }
}

impl fmt::Debug for KeyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuer = self.issuer.as_ref().map(UriName::as_str);
        f.debug_struct("KeyUri")
            .field("issuer", &issuer)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
