//! What is derived from the project's secret, each for one use.

use countersign::{KeyError, Keys};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Keys that all servers of a project have, and nobody who reads their engine.
#[derive(Clone)]
pub struct Secrets {
    root: Zeroizing<Vec<u8>>,
}

impl Secrets {
    /// From the project's secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self { root: Zeroizing::new(secret.as_bytes().to_vec()) }
    }

    /// The keys of the verifier.
    ///
    /// # Errors
    ///
    /// None that is known: they are long enough.
    pub fn codes(&self) -> Result<Keys, KeyError> {
        Keys::from_secret(self.derived("codes").as_slice())
    }

    /// What the engine's copy of the signing key is sealed with.
    #[must_use]
    pub fn sealing(&self) -> Zeroizing<Vec<u8>> {
        self.derived("sealing")
    }

    /// A name from which nobody reads what it names: of a number in a document's key, of a token.
    #[must_use]
    pub fn name(&self, kind: &str, text: &str) -> String {
        let hash = self.hash(&["name", kind, text]);
        hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether two texts are equal, in a time that does not tell where they differ, nor how long the second is.
    #[must_use]
    pub fn equal(&self, given: &str, expected: &str) -> bool {
        self.hash(&["equal", given]).ct_eq(&self.hash(&["equal", expected])).into()
    }

    fn derived(&self, purpose: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.hash(&["key", purpose]).to_vec())
    }

    fn hash(&self, parts: &[&str]) -> [u8; 32] {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.root) else { return [0; 32] };
        mac.update(b"countersign-server");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
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
    fn uses_and_projects_are_apart() {
        let (one, two) = (Secrets::new("one secret of a project"), Secrets::new("two secrets of a project"));
        assert_eq!(one.name("phone", "+12025550162").len(), 32);
        assert_ne!(one.name("phone", "+12025550162"), one.name("email", "+12025550162"));
        assert_ne!(one.name("phone", "+12025550162"), two.name("phone", "+12025550162"));
        assert_ne!(one.sealing(), two.sealing());
        assert!(one.equal("a", "a") && !one.equal("a", "b") && !one.equal("a", "a "));
        assert_eq!(format!("{one:?}"), "Secrets");
    }
}
