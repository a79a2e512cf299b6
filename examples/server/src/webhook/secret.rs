//! Signatures, by which a receiver knows that a message is from here.

use std::fmt;

use countersign::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::error::WebhookError;

/// Fewer bytes can be guessed.
const LEAST: usize = 16;

/// The secret that the server and the receiver share. `Debug` hides it.
#[derive(Clone)]
pub struct SigningSecret(Hmac<Sha256>);

impl SigningSecret {
    /// From its bytes.
    ///
    /// # Errors
    ///
    /// If there are fewer than 16.
    pub fn new(secret: &[u8]) -> Result<Self, WebhookError> {
        if secret.len() < LEAST {
            let length = secret.len();
            return Err(WebhookError(format!(
                "webhook: the signing secret has {length} bytes: at least {LEAST} are needed, such as `openssl rand -hex 32` makes"
            )));
        }
        let key = Hmac::new_from_slice(secret)
            .map_err(|_| WebhookError("webhook: the signing secret makes no key".to_owned()))?;
        Ok(Self(key))
    }

    /// `t=<unix seconds>,v1=<hex>`, for these bytes at this time.
    pub(super) fn sign(&self, body: &[u8], at: Timestamp) -> String {
        let seconds = at.unix_millis() / 1000;
        let mut mac = self.0.clone();
        mac.update(format!("{seconds}.").as_bytes());
        mac.update(body);
        format!("t={seconds},v1={}", base16ct::lower::encode_string(&mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '1795000000.{"id":"1"}' | openssl dgst -sha256 -hmac 0123456789abcdef`
    #[test]
    fn as_openssl_signs() {
        let secret = SigningSecret::new(b"0123456789abcdef").unwrap();
        assert_eq!(
            secret.sign(b"{\"id\":\"1\"}", Timestamp::from_unix_millis(1_795_000_000_999)),
            "t=1795000000,v1=1665ac981e1786dc109066e867c13342b3ee0450da822b7884f8592861e5b340"
        );
    }

    #[test]
    fn a_short_secret_is_refused_and_none_is_shown() {
        assert_eq!(
            SigningSecret::new(b"hidden").unwrap_err().to_string(),
            "webhook: the signing secret has 6 bytes: at least 16 are needed, such as `openssl rand -hex 32` makes"
        );
        assert!(SigningSecret::new(&[b'h'; 15]).is_err());
        let secret = SigningSecret::new(&[b'h'; 16]).unwrap();
        assert_eq!(format!("{secret:?}"), "SigningSecret(..)");
    }
}
