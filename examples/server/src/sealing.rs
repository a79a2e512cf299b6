//! Encryption of secrets stored in the engine: signing keys and recovery codes.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

/// The minimum length of a secret: a shorter one could be found by brute force.
const MIN_SECRET: usize = 16;

/// Encrypts with AES-256-GCM, under a key derived from the servers' secret by HKDF-SHA256.
pub struct Sealing(RandomizedNonceKey);

/// An error of [`Sealing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// The secret is too short, with this many bytes.
    ShortSecret(usize),
    /// What was sealed is malformed.
    Malformed,
    /// It was sealed with another secret or for another purpose, or was modified.
    OtherSecret,
    /// The random number generator, or the cipher, failed.
    Failed,
}

impl Sealing {
    /// Derives the key for one use and one project. Secrets of other uses and projects can't be
    /// decrypted with it.
    ///
    /// # Errors
    ///
    /// [`SealError::ShortSecret`] if the secret has fewer than 16 bytes.
    pub fn new(secret: &[u8], purpose: &str, project: &str) -> Result<Self, SealError> {
        if secret.len() < MIN_SECRET {
            return Err(SealError::ShortSecret(secret.len()));
        }
        let mut key = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, format!("countersign-server {purpose}").as_bytes())
            .extract(secret)
            .expand(&[project.as_bytes()], &AES_256_GCM)
            .and_then(|expanded| expanded.fill(&mut *key))
            .and_then(|()| RandomizedNonceKey::new(&AES_256_GCM, &*key))
            .map(Self)
            .map_err(|_| SealError::Failed)
    }

    /// Encrypts a secret, bound to the name of its owner. Returns the nonce, the encrypted secret
    /// and the tag, in Base64.
    ///
    /// # Errors
    ///
    /// [`SealError::Failed`] if the random number generator fails.
    pub fn seal(&self, owner: &str, clear: &[u8]) -> Result<String, SealError> {
        // With room for the tag, so that the clear text is encrypted in place.
        let mut sealed = Zeroizing::new(Vec::with_capacity(clear.len() + AES_256_GCM.tag_len()));
        sealed.extend_from_slice(clear);
        let nonce =
            self.0.seal_in_place_append_tag(Aad::from(owner), &mut *sealed).map_err(|_| SealError::Failed)?;
        Ok(BASE64.encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    /// Decrypts a secret of this owner.
    ///
    /// # Errors
    ///
    /// [`SealError::Malformed`] or [`SealError::OtherSecret`].
    pub fn open(&self, owner: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut sealed = Zeroizing::new(BASE64.decode(sealed).map_err(|_| SealError::Malformed)?);
        let (nonce, sealed) = sealed.split_at_mut_checked(NONCE_LEN).ok_or(SealError::Malformed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Malformed)?;
        let clear =
            self.0.open_in_place(nonce, Aad::from(owner), sealed).map_err(|_| SealError::OtherSecret)?;
        Ok(Zeroizing::new(clear.to_vec()))
    }
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealing")
    }
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShortSecret(length) => {
                write!(f, "the secret has {length} bytes: at least {MIN_SECRET} are needed")
            }
            Self::Malformed => f.write_str("what was sealed is malformed"),
            Self::OtherSecret => f.write_str("it was sealed with another secret, or was modified"),
            Self::Failed => f.write_str("the random number generator or the cipher failed"),
        }
    }
}

impl std::error::Error for SealError {}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a secret of sixteen bytes or more";

    #[test]
    fn opens_only_for_its_secret_use_project_and_owner() {
        let sealing = |secret, purpose, project| Sealing::new(secret, purpose, project).unwrap();
        let own = sealing(SECRET, "codes", "project");
        let sealed = own.seal("owner", b"clear").unwrap();
        assert_eq!(**own.open("owner", &sealed).unwrap(), *b"clear");
        assert_ne!(sealed, own.seal("owner", b"clear").unwrap(), "a new nonce each time");
        assert_eq!(own.open("other", &sealed).unwrap_err(), SealError::OtherSecret);
        for other in [
            sealing(b"another secret of some length", "codes", "project"),
            sealing(SECRET, "keys", "project"),
            sealing(SECRET, "codes", "another"),
        ] {
            assert_eq!(other.open("owner", &sealed).unwrap_err(), SealError::OtherSecret);
        }
    }

    #[test]
    fn rejects_short_secrets_and_malformed_text() {
        assert_eq!(Sealing::new(b"short", "codes", "p").unwrap_err(), SealError::ShortSecret(5));
        let sealing = Sealing::new(SECRET, "codes", "p").unwrap();
        for text in ["", "AAAA", "not base64!"] {
            assert_eq!(sealing.open("owner", text).unwrap_err(), SealError::Malformed, "{text}");
        }
    }
}
