//! Why there is no signer, or no signature.

use std::fmt;

use countersign::store::StoreError;

/// Why there is no signer, or no signature.
#[derive(Debug)]
#[non_exhaustive]
pub enum SigningError {
    /// The engine did not answer.
    Store(StoreError),
    /// The secret has so many bytes, which are too few: keys sealed under it could be opened by
    /// trying.
    ShortSecret(usize),
    /// The key of this name does not open: other servers on the engine run with another secret, or
    /// somebody altered it.
    OtherSecret(String),
    /// What the engine has under the signing key's name is none.
    Unreadable,
    /// No key could be made.
    NoKey,
    /// The claims are no JSON object, or the signature failed.
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
                write!(f, "the signing key can't be read from the engine or written to it: {error}")
            }
            Self::ShortSecret(length) => write!(
                f,
                "SECRET has {length} bytes: at least 16 are needed, for the signing key is sealed under it"
            ),
            Self::OtherSecret(kid) => write!(
                f,
                "the signing key in the engine was sealed under another SECRET (key {kid}): start this server with the SECRET of the others"
            ),
            Self::Unreadable => f.write_str(
                "what the engine has as signing key can't be read: was it written by another program?",
            ),
            Self::NoKey => f.write_str("no signing key could be made"),
            Self::NoSignature => f.write_str("the claims could not be signed: they have to be a JSON object"),
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
