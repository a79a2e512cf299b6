//! Secrets in Base32, compared with a plain reading.

use countersign::totp::TotpSecret;

use crate::totp;

/// Takes any UTF-8 text.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match (text.parse::<TotpSecret>(), totp::base32(text)) {
        (Ok(secret), Some(plain)) => {
            assert_eq!(secret.as_bytes(), plain);
            let written = secret.to_base32();
            assert!(written.as_str().bytes().all(|c| matches!(c, b'A'..=b'Z' | b'2'..=b'7')));
            assert_eq!(written.as_str().len(), (plain.len() * 8).div_ceil(5));
            assert!(written.as_str().parse::<TotpSecret>() == Ok(secret), "round trip");
        }
        (Err(error), None) => assert!(error.position() <= text.len()),
        (parsed, plain) => panic!("{parsed:?}, but the plain reading has {plain:?}"),
    }
}
