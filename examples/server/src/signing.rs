//! The key that signs session JWTs, shared by all servers on an engine.
//!
//! An RSA key, because the client SDKs verify RS256. The first server to start generates it and
//! stores it in the engine, encrypted under the servers' `SECRET`: access to the engine or its
//! backups is not enough to sign.
//!
//! The engine stores a list of keys. The first one signs; all of them verify and are published. A
//! key is replaced in two steps, each followed by a rolling restart of all servers: first the new
//! key is added to the end of the list, and once all servers know it, it moves to the front.

mod error;
mod key;
mod sealed;

use std::fmt;

use countersign::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::documents::{Documents, Key, Revision, Written};
pub use error::SigningError;
use key::SigningKey;
pub use key::{Jwk, Jwks};
use sealed::{SealedKey, Wrapping};

/// Signs JWTs, and verifies those signed by any server on the engine.
pub struct Signer {
    /// Never empty.
    keys: Vec<SigningKey>,
    jwks: Jwks,
}

/// The number of attempts to store a new key. After a conflict there is a key to read.
const ATTEMPTS: u32 = 3;

/// The tolerated difference between servers' clocks, so that one accepts a JWT that another has
/// just signed.
const CLOCK_SKEW_MS: u64 = 5_000;

impl Signer {
    /// Loads the project's keys from the engine. If there are none, generates a key and stores it.
    ///
    /// # Errors
    ///
    /// If the engine does not respond, the keys can't be decrypted with this secret, or the secret
    /// has fewer than 16 bytes.
    pub async fn shared(documents: &Documents, project: &str, secret: &[u8]) -> Result<Self, SigningError> {
        let place = Key::new("signing-key", project);
        let wrapping = Wrapping::new(secret, project)?;
        for _ in 0..ATTEMPTS {
            if let Some(found) = documents.read::<Kept>(&place).await? {
                return Self::new(
                    found.value.keys.iter().map(|key| wrapping.open(key)).collect::<Result<_, _>>()?,
                );
            }
            // Generating a key takes a moment, so it must not block the runtime.
            let made = tokio::task::spawn_blocking(SigningKey::generate)
                .await
                .map_err(|_| SigningError::NoKey)??;
            let kept = Kept { keys: vec![wrapping.seal(&made)?] };
            match documents.write(&place, Revision::ABSENT, &kept, None).await? {
                Written::Applied => return Self::new(vec![made]),
                Written::Conflict => {}
            }
        }
        Err(SigningError::Unreadable)
    }

    /// Signs a JWT with these claims. This takes about a millisecond of CPU time.
    ///
    /// # Errors
    ///
    /// If the claims are not a JSON object, or signing fails.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, SigningError> {
        self.keys.first().ok_or(SigningError::NoKey)?.sign(claims)
    }

    /// Returns the claims of a JWT if it was signed by one of the keys, for this audience and
    /// issuer, and is valid now.
    ///
    /// It is invalid from the second `exp` on. Its `nbf` may be a few seconds ahead, because
    /// servers' clocks differ.
    #[must_use]
    pub fn verify(&self, jwt: &str, audience: &str, issuer: &str, now: Timestamp) -> Option<Value> {
        let kid = jsonwebtoken::decode_header(jwt).ok()?.kid?;
        let key = self.keys.iter().find(|key| key.jwk().kid == kid)?;
        let claims = key.verify(jwt, audience, issuer)?;
        // jsonwebtoken would use the system's clock, but the caller's may be ahead.
        let millis = |claim: &str| claims.get(claim)?.as_u64()?.checked_mul(1000);
        let is_unexpired = now.unix_millis() < millis("exp")?;
        let has_begun = millis("nbf")? <= now.unix_millis() + CLOCK_SKEW_MS;
        (is_unexpired && has_begun).then_some(claims)
    }

    /// Returns the public keys.
    #[must_use]
    pub const fn jwks(&self) -> &Jwks {
        &self.jwks
    }

    fn new(keys: Vec<SigningKey>) -> Result<Self, SigningError> {
        if keys.is_empty() {
            return Err(SigningError::Unreadable);
        }
        let jwks = Jwks { keys: keys.iter().map(|key| key.jwk().clone()).collect() };
        Ok(Self { keys, jwks })
    }
}

/// The keys as stored in the engine.
#[derive(Serialize, Deserialize)]
struct Kept {
    keys: Vec<SealedKey>,
}

/// Shows only the key ids.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.jwk().kid)).finish()
    }
}
