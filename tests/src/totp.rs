//! Authenticators by other means: codes with an index and texts, Base32 bit by bit, and the parts
//! of a written URI.

use countersign::totp::Algorithm;
use hmac::{Hmac, KeyInit, Mac};

/// Returns the code of a step as RFC 4226 §5.4 computes it.
pub fn code(algorithm: Algorithm, digits: usize, secret: &[u8], step: u64) -> String {
    let hash = match algorithm {
        Algorithm::Sha1 => hash::<Hmac<sha1::Sha1>>(secret, step),
        Algorithm::Sha256 => hash::<Hmac<sha2::Sha256>>(secret, step),
        Algorithm::Sha512 => hash::<Hmac<sha2::Sha512>>(secret, step),
    };
    let place = usize::from(hash.last().unwrap() % 16);
    let truncated = u32::from_be_bytes(hash[place..place + 4].try_into().unwrap()) % (1 << 31);
    let text = format!("{truncated:08}");
    text[text.len() - digits..].to_owned()
}

fn hash<M: Mac + KeyInit>(secret: &[u8], step: u64) -> Vec<u8> {
    <M as KeyInit>::new_from_slice(secret)
        .unwrap()
        .chain_update(step.to_be_bytes())
        .finalize()
        .into_bytes()
        .to_vec()
}

/// Decodes a secret, if it is one.
pub fn base32(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|c| !" -".contains(*c)).collect();
    let plain = plain.trim_end_matches('=').to_ascii_uppercase();
    let mut bits = String::new();
    for c in plain.chars() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c)?;
        bits += &format!("{value:05b}");
    }
    // A last character that adds no whole byte is one too many.
    let bytes = bits.len() / 8;
    if bits.len() - 8 * bytes >= 5 || !(16..=64).contains(&bytes) {
        return None;
    }
    Some((0..bytes).map(|byte| u8::from_str_radix(&bits[8 * byte..8 * byte + 8], 2).unwrap()).collect())
}

/// A written URI, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Parts {
    pub issuer: String,
    pub account: String,
    pub parameters: Vec<(String, String)>,
}

/// Takes apart a URI in the one form that is written, and panics if it has another.
pub fn parts(uri: &str) -> Parts {
    let rest = uri.strip_prefix("otpauth://totp/").unwrap();
    let (label, query) = rest.split_once('?').unwrap();
    let (issuer, account) = label.split_once(':').unwrap();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
    Parts {
        issuer: unescaped(issuer),
        account: unescaped(account),
        parameters: pairs.map(|(name, value)| (name.to_owned(), unescaped(value))).collect(),
    }
}

/// Decodes percent-encoding, and panics if anything but an unreserved character was not encoded.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if c == '%' {
            assert!(!rest[1..3].contains(|c: char| c.is_lowercase()), "escapes are in upper case");
            bytes.push(u8::from_str_radix(&rest[1..3], 16).unwrap());
            3
        } else {
            assert!(c.is_ascii_alphanumeric() || "-._~".contains(c), "{c} in {text}");
            bytes.push(c as u8);
            1
        };
        rest = &rest[length..];
    }
    String::from_utf8(bytes).unwrap()
}
