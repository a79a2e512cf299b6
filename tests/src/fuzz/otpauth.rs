//! `otpauth://` URIs: what is read is written in the one form and read again, without a change.

use countersign::totp::{KeyUri, UriName};

use crate::totp;

/// Takes any UTF-8 text.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let uri: KeyUri = match text.parse() {
        Ok(uri) => uri,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.as_str().is_empty());
            return;
        }
    };
    for name in [uri.issuer(), Some(uri.account())].into_iter().flatten() {
        assert!((1..=64).contains(&name.as_str().chars().count()));
        assert!(!name.as_str().contains(|c: char| c == ':' || c.is_control()));
    }
    let written = uri.to_text();
    let again: KeyUri = written.as_str().parse().unwrap();
    assert!(again == uri, "{written:?} reads as it was written");
    assert_eq!(again.to_text().as_str(), written.as_str());
    if let Some(issuer) = uri.issuer() {
        let parts = totp::parts(written.as_str());
        assert_eq!(parts.issuer, issuer.as_str());
        assert_eq!(parts.account, UriName::as_str(uri.account()));
        let names: Vec<_> = parts.parameters.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["secret", "issuer", "algorithm", "digits", "period"]);
    }
}
