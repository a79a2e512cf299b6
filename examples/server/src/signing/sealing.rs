//! Encryption of keys stored in the engine.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::error::SigningError;
use super::key::SigningKey;

/// The minimum length of a secret: a shorter one could be found by brute force.
const MIN_SECRET: usize = 16;

/// An encrypted key.
#[derive(Serialize, Deserialize)]
pub(super) struct SealedKey {
    kid: String,
    /// The nonce, the encrypted PKCS#8 and the tag, in Base64.
    sealed: String,
}

/// Encrypts keys with AES-256-GCM, under a key derived from the servers' secret by HKDF-SHA256.
pub(super) struct Sealing(RandomizedNonceKey);

impl Sealing {
    /// Creates the encryption for one project. Keys of other projects can't be decrypted.
    pub(super) fn new(secret: &[u8], project: &str) -> Result<Self, SigningError> {
        if secret.len() < MIN_SECRET {
            return Err(SigningError::ShortSecret(secret.len()));
        }
        let mut key = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, b"countersign-server signing-key")
            .extract(secret)
            .expand(&[project.as_bytes()], &AES_256_GCM)
            .and_then(|expanded| expanded.fill(&mut *key))
            .and_then(|()| RandomizedNonceKey::new(&AES_256_GCM, &*key))
            .map(Self)
            .map_err(|_| SigningError::NoKey)
    }

    pub(super) fn seal(&self, key: &SigningKey) -> Result<SealedKey, SigningError> {
        let kid = key.jwk().kid.clone();
        let clear = key.to_pkcs8()?;
        // With room for the tag, so that the clear text is encrypted in place.
        let mut sealed = Zeroizing::new(Vec::with_capacity(clear.as_ref().len() + AES_256_GCM.tag_len()));
        sealed.extend_from_slice(clear.as_ref());
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(&kid), &mut *sealed)
            .map_err(|_| SigningError::NoKey)?;
        Ok(SealedKey { sealed: BASE64.encode([nonce.as_ref().as_slice(), &sealed].concat()), kid })
    }

    pub(super) fn open(&self, key: &SealedKey) -> Result<SigningKey, SigningError> {
        let mut sealed = Zeroizing::new(BASE64.decode(&key.sealed).map_err(|_| SigningError::Unreadable)?);
        let (nonce, sealed) = sealed.split_at_mut_checked(NONCE_LEN).ok_or(SigningError::Unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SigningError::Unreadable)?;
        let clear = self
            .0
            .open_in_place(nonce, Aad::from(&key.kid), sealed)
            .map_err(|_| SigningError::OtherSecret(key.kid.clone()))?;
        SigningKey::from_pkcs8(clear)
    }
}
