//! The key that signs session JWTs: one for all servers on an engine.
//!
//! It is RSA, for RS256 is what the client SDKs verify. The first server to start makes it and leaves it in the engine, sealed under
//! the servers' `SECRET`: whoever reads the engine, or a backup of it, can sign nothing.
//!
//! The engine has a list of keys. The first one signs; all verify and are published. So a key is replaced in two steps, each followed
//! by a restart of all servers, one after the other: the new key goes to the end of the list, and when everybody knows it, to its front.

mod error;
mod key;
mod sealing;

use std::fmt;

use countersign::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::documents::{Documents, Key, Revision, Written};
pub use error::SigningError;
use key::SigningKey;
pub use key::{Jwk, Jwks};
use sealing::{SealedKey, Sealing};

/// Signs JWTs, and verifies those that it or its peers have signed.
pub struct Signer {
    /// Never empty.
    keys: Vec<SigningKey>,
    jwks: Jwks,
}

/// A write meets a conflict only where another server wrote: then there is something to read.
const ATTEMPTS: u32 = 3;

/// The clocks of two servers may differ by so much: a JWT that one has just signed is valid for the other.
const CLOCKS_DIFFER_MS: u64 = 5_000;

impl Signer {
    /// With the keys of the project that the engine has; where it has none, with a new one that is there for all afterwards.
    ///
    /// # Errors
    ///
    /// If the engine does not answer, what it has can't be opened with this secret, or the secret has fewer than 16 bytes.
    pub async fn shared(documents: &Documents, project: &str, secret: &[u8]) -> Result<Self, SigningError> {
        let place = Key::new("signing-key", project);
        let sealing = Sealing::new(secret, project)?;
        for _ in 0..ATTEMPTS {
            if let Some(found) = documents.read::<Kept>(&place).await? {
                return Self::new(
                    found.value.keys.iter().map(|key| sealing.open(key)).collect::<Result<_, _>>()?,
                );
            }
            // It takes a moment in which the runtime has other things to do.
            let made = tokio::task::spawn_blocking(SigningKey::generate)
                .await
                .map_err(|_| SigningError::NoKey)??;
            let kept = Kept { keys: vec![sealing.seal(&made)?] };
            match documents.write(&place, Revision::ABSENT, &kept, None).await? {
                Written::Applied => return Self::new(vec![made]),
                Written::Conflict => {}
            }
        }
        Err(SigningError::Unreadable)
    }

    /// A JWT of these claims. It costs about a millisecond of the processor.
    ///
    /// # Errors
    ///
    /// If the claims are no JSON object, or the signature fails.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, SigningError> {
        self.keys.first().ok_or(SigningError::NoKey)?.sign(claims)
    }

    /// The claims of a JWT, if one of the keys signed it for this audience and issuer, and it is valid now.
    ///
    /// Its `exp` is over at that second; its `nbf` may be a few seconds ahead, for servers' clocks differ.
    #[must_use]
    pub fn verify(&self, jwt: &str, audience: &str, issuer: &str, now: Timestamp) -> Option<Value> {
        let kid = jsonwebtoken::decode_header(jwt).ok()?.kid?;
        let key = self.keys.iter().find(|key| key.jwk().kid == kid)?;
        let claims = key.verify(jwt, audience, issuer)?;
        // Not by jsonwebtoken, which has the system's clock: the caller's may run ahead.
        let millis = |claim: &str| claims.get(claim)?.as_u64()?.checked_mul(1000);
        let lives = now.unix_millis() < millis("exp")?;
        let begun = millis("nbf")? <= now.unix_millis() + CLOCKS_DIFFER_MS;
        (lives && begun).then_some(claims)
    }

    /// The public keys, as they are published.
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

/// What the engine keeps.
#[derive(Serialize, Deserialize)]
struct Kept {
    keys: Vec<SealedKey>,
}

/// The names of the keys; never more.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.jwk().kid)).finish()
    }
}
