//! Writes a URI.

use alloc::string::String;
use core::fmt::Write;

use super::percent::{encode, encoded_length};
use super::{KeyUri, UriName};
use crate::totp::text::SecretText;

/// Upper bound of what the URI contains besides its names and its secret.
const REST: usize = 96;

pub(super) fn text(uri: &KeyUri) -> SecretText {
    let secret = uri.secret.to_base32();
    let issuer = uri.issuer.as_ref().map(UriName::as_str);
    let names = 2 * issuer.map_or(0, encoded_length) + encoded_length(uri.account.as_str());
    let mut text = String::with_capacity(REST + names + secret.as_str().len());

    text.push_str("otpauth://totp/");
    if let Some(issuer) = issuer {
        encode(issuer, &mut text);
        text.push(':');
    }
    encode(uri.account.as_str(), &mut text);
    text.push_str("?secret=");
    text.push_str(secret.as_str());
    if let Some(issuer) = issuer {
        text.push_str("&issuer=");
        encode(issuer, &mut text);
    }
    let settings = uri.settings;
    let (algorithm, digits, period) = (settings.algorithm(), settings.digits(), settings.period());
    // A `String` accepts every text.
    let _ = write!(text, "&algorithm={algorithm}&digits={digits}&period={period}");
    SecretText::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::totp::{Algorithm, TotpSecret, TotpSettings};

    /// The buffer that is wiped is the only one if it never grew.
    #[test]
    fn the_longest_uri_fits_its_first_buffer() {
        let rest = "otpauth://totp/:?secret=&issuer=&algorithm=SHA512&digits=8&period=120".len();
        assert!(rest <= REST, "{rest}");
        let name = UriName::new(&"\u{1F600}".repeat(64)).unwrap();
        let settings = TotpSettings::DEFAULT.with_algorithm(Algorithm::Sha512).with_period(120).unwrap();
        let uri = KeyUri::new(name.clone(), name, TotpSecret::from_bytes(&[255; 64]).unwrap(), settings);
        assert_eq!(text(&uri).as_str().len(), rest + 3 * 64 * 12 + 103);
    }
}
