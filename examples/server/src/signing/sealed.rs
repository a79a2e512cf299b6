//! Encryption of signing keys in the engine.

use serde::{Deserialize, Serialize};

use super::error::SigningError;
use super::key::SigningKey;
use crate::sealing::{SealError, Sealing};

/// An encrypted key.
#[derive(Serialize, Deserialize)]
pub(super) struct SealedKey {
    kid: String,
    /// The encrypted PKCS#8.
    sealed: String,
}

/// Encrypts signing keys, each bound to its id.
pub(super) struct Wrapping(Sealing);

impl Wrapping {
    /// Creates the encryption for one project.
    pub(super) fn new(secret: &[u8], project: &str) -> Result<Self, SigningError> {
        Sealing::new(secret, "signing-key", project).map(Self).map_err(|error| match error {
            SealError::ShortSecret(length) => SigningError::ShortSecret(length),
            _ => SigningError::NoKey,
        })
    }

    pub(super) fn seal(&self, key: &SigningKey) -> Result<SealedKey, SigningError> {
        let kid = key.jwk().kid.clone();
        let clear = key.to_pkcs8()?;
        let sealed = self.0.seal(&kid, clear.as_ref()).map_err(|_| SigningError::NoKey)?;
        Ok(SealedKey { kid, sealed })
    }

    pub(super) fn open(&self, key: &SealedKey) -> Result<SigningKey, SigningError> {
        let clear = self.0.open(&key.kid, &key.sealed).map_err(|error| match error {
            SealError::OtherSecret => SigningError::OtherSecret(key.kid.clone()),
            _ => SigningError::Unreadable,
        })?;
        SigningKey::from_pkcs8(&clear)
    }
}
