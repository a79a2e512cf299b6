//! Errors of the signer.

use std::fmt;

use countersign::store::StoreError;

/// An error of the signer.
#[derive(Debug)]
#[non_exhaustive]
pub enum SigningError {
    /// The engine did not respond.
    Store(StoreError),
    /// The secret is too short, with this many bytes: keys encrypted under it could be decrypted by
    /// brute force.
    ShortSecret(usize),
    /// The key with this id can't be decrypted: other servers on the engine use another secret, or
    /// the key was modified.
    OtherSecret(String),
    /// The stored signing keys are malformed.
    Unreadable,
    /// No key could be generated.
    NoKey,
    /// The claims are not a JSON object, or signing failed.
    NoSignature,
}

impl From<StoreError> for SigningError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => {
                write!(f, "can't load or store the signing key: {error}")
            }
            Self::ShortSecret(length) => write!(
                f,
                "SECRET has {length} bytes: at least 16 are needed, because it encrypts the signing key"
            ),
            Self::OtherSecret(kid) => write!(
                f,
                "the signing key in the engine was encrypted with another SECRET (key {kid}): start this server with the same SECRET as the others"
            ),
            Self::Unreadable => {
                f.write_str("the signing key in the engine is malformed: was it written by another program?")
            }
            Self::NoKey => f.write_str("failed to generate a signing key"),
            Self::NoSignature => f.write_str("failed to sign the claims: they must be a JSON object"),
        }
    }
}

impl std::error::Error for SigningError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
