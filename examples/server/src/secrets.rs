//! Keys derived from the project's secret.

use countersign::Keys;
use countersign::keys::KeyError;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The salt of the derivation, so that another program with the same secret gets other keys.
const SALT: &[u8] = b"countersign-server 1";

/// Keys that a project's servers share, unknown to anyone who can read their engine. HKDF-SHA256
/// (RFC 5869) derives them from the project's secret, with a separate label for each use.
#[derive(Clone)]
pub struct Secrets {
    codes: Zeroizing<[u8; 32]>,
    sealing: Zeroizing<[u8; 32]>,
    names: Hmac<Sha256>,
    comparing: Hmac<Sha256>,
}

impl Secrets {
    /// Derives the keys from the project's secret.
    ///
    /// # Errors
    ///
    /// None: HKDF derives keys of this length from secrets of any length.
    pub fn new(secret: &str) -> Result<Self, KeyError> {
        let root = Hkdf::new(Some(SALT), secret.as_bytes());
        Ok(Self {
            codes: derive(&root, "codes")?,
            sealing: derive(&root, "sealing")?,
            names: mac(&root, "names")?,
            comparing: mac(&root, "comparing")?,
        })
    }

    /// Returns the verifier's keys.
    ///
    /// # Errors
    ///
    /// None: the derived key is long enough.
    pub fn codes(&self) -> Result<Keys, KeyError> {
        Keys::from_secret(self.codes.as_slice())
    }

    /// Returns the key that the signing key is encrypted with in the engine.
    #[must_use]
    pub fn sealing(&self) -> &[u8] {
        self.sealing.as_slice()
    }

    /// Returns a keyed hash that hides `text`: a phone number in a document's key, or a token.
    #[must_use]
    pub fn name(&self, kind: &str, text: &str) -> String {
        let hash = hash(&self.names, &[kind, text]);
        base16ct::lower::encode_string(&hash[..16])
    }

    /// Compares two texts. The time reveals neither where they differ nor how long `expected` is.
    #[must_use]
    pub fn equal(&self, given: &str, expected: &str) -> bool {
        hash(&self.comparing, &[given]).ct_eq(&hash(&self.comparing, &[expected])).into()
    }
}

/// Derives a key for one use.
fn derive(root: &Hkdf<Sha256>, label: &str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut key = Zeroizing::new([0; 32]);
    root.expand(label.as_bytes(), &mut *key).map_err(|_| KeyError::TooShort { bytes: 0 })?;
    Ok(key)
}

fn mac(root: &Hkdf<Sha256>, label: &str) -> Result<Hmac<Sha256>, KeyError> {
    let key = derive(root, label)?;
    Hmac::new_from_slice(&*key).map_err(|_| KeyError::TooShort { bytes: 0 })
}

/// Computes a MAC over several parts. Each is preceded by its length, so that different lists can't
/// collide.
fn hash(key: &Hmac<Sha256>, parts: &[&str]) -> [u8; 32] {
    let mut mac = key.clone();
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_use_and_project() {
        let [one, two] =
            ["one secret of a project", "two secrets of a project"].map(|text| Secrets::new(text).unwrap());
        assert_eq!(one.name("phone", "+12025550162").len(), 32);
        assert_ne!(one.name("phone", "+12025550162"), one.name("email", "+12025550162"));
        assert_ne!(one.name("phone", "+12025550162"), two.name("phone", "+12025550162"));
        assert_ne!(one.sealing(), two.sealing());
        assert!(one.equal("a", "a") && !one.equal("a", "b") && !one.equal("a", "a "));
        assert_ne!(one.sealing(), one.codes.as_slice());
        assert_eq!(format!("{one:?}"), "Secrets");
    }

    /// Computed with Python's `hmac`, following RFC 5869.
    #[test]
    fn derives_keys_by_hkdf() {
        let secrets = Secrets::new("one secret of a project").unwrap();
        let hex = |bytes: &[u8]| base16ct::lower::encode_string(bytes);
        assert_eq!(
            hex(secrets.sealing()),
            "35a625a8ce2cc957f928737acff576579722bc773ac06e7c60b137537eacacbf"
        );
        assert_eq!(secrets.name("phone", "+12025550162"), "9723c937d81e9d8c59d96588871a5b5e");
    }
}
