//! Signatures as specified by Standard Webhooks, by which a receiver recognises this server's
//! messages.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::WebhookError;

/// The prefix of a secret.
const PREFIX: &str = "whsec_";

/// The permitted lengths of a secret, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// The secret shared by the server and its receiver: `whsec_` and base64. `Debug` hides it.
///
/// There are two while a secret is being replaced, the new one first. Each message is signed with
/// both, so a receiver can verify it with either.
#[derive(Clone)]
pub struct SigningSecret(Vec<Hmac<Sha256>>);

/// The timestamp and signatures of an attempt.
pub(super) struct Signed {
    /// The time of the attempt, in Unix seconds.
    pub(super) timestamp: String,
    /// `v1,<base64>` for each secret, separated by spaces.
    pub(super) signature: String,
}

impl FromStr for SigningSecret {
    type Err = WebhookError;

    /// Parses one or more secrets, separated by spaces.
    fn from_str(text: &str) -> Result<Self, WebhookError> {
        let keys: Vec<_> = text.split_whitespace().map(key).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(wrong("it is empty"));
        }
        Ok(Self(keys))
    }
}

fn key(secret: &str) -> Result<Hmac<Sha256>, WebhookError> {
    let encoded = secret.strip_prefix(PREFIX).ok_or_else(|| wrong("it does not begin with whsec_"))?;
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| wrong("what follows whsec_ is not base64"))?;
    let bytes = Zeroizing::new(bytes);
    if !LENGTHS.contains(&bytes.len()) {
        return Err(wrong(&format!("it has {} bytes", bytes.len())));
    }
    Hmac::new_from_slice(&bytes).map_err(|_| wrong("it can't be used as a key"))
}

fn wrong(why: &str) -> WebhookError {
    WebhookError(format!(
        "webhook: the signing secret must be whsec_ and the base64 of 24 to 64 random bytes ({why}); \
         `echo whsec_$(openssl rand -base64 32)` generates one"
    ))
}

impl SigningSecret {
    /// Signs the body of the message with this id, at this time.
    pub(super) fn sign(&self, id: Uuid, body: &[u8], at: Timestamp) -> Signed {
        let timestamp = (at.unix_millis() / 1000).to_string();
        let signatures = self.0.iter().map(|key| {
            let mut mac = key.clone();
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(body);
            format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
        });
        Signed { signature: signatures.collect::<Vec<_>>().join(" "), timestamp }
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

    const ID: Uuid = Uuid::from_u128(0x5b6f_0c6e_61f4_4b0c_9a53_3a8f_2b1d_7c11);
    const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
    const OLDER: &str = "whsec_b2xkZXIgb2xkZXIgb2xkZXIgb2xkZXIg";

    fn signed(secret: &str) -> Signed {
        let secret: SigningSecret = secret.parse().unwrap();
        secret.sign(ID, b"{\"id\":\"1\"}", Timestamp::from_unix_millis(1_795_000_000_999))
    }

    /// `printf '5b6f0c6e-61f4-4b0c-9a53-3a8f2b1d7c11.1795000000.{"id":"1"}' |
    /// openssl dgst -sha256 -hmac 0123456789abcdef01234567 -binary | base64`
    #[test]
    fn signs_as_openssl_does() {
        let signed = signed(SECRET);
        assert_eq!(signed.timestamp, "1795000000");
        assert_eq!(signed.signature, "v1,QaYGlfjQ+iXwnXhiFmTK6CEMch+aQJZnjNy36zHrnj0=");
    }

    #[test]
    fn signs_under_both_secrets_while_one_is_replaced() {
        let [new, old] = [SECRET, OLDER].map(|secret| signed(secret).signature);
        assert_ne!(new, old);
        assert_eq!(signed(&format!("{SECRET} {OLDER}")).signature, format!("{new} {old}"));
    }

    #[test]
    fn rejects_invalid_secrets_without_repeating_them() {
        let of = |bytes: usize| format!("whsec_{}", BASE64_STANDARD.encode(vec![b'h'; bytes]));
        for (secret, why) in [
            (String::new(), "it is empty"),
            ("hidden hidden hidden hidden".to_owned(), "it does not begin with whsec_"),
            ("whsec_hidden!".to_owned(), "what follows whsec_ is not base64"),
            (of(23), "it has 23 bytes"),
            (of(65), "it has 65 bytes"),
            (format!("{SECRET} {}", of(23)), "it has 23 bytes"),
        ] {
            let error = secret.parse::<SigningSecret>().unwrap_err().to_string();
            assert_eq!(error, wrong(why).to_string());
            assert!(!error.contains("hidden") && !error.contains("aGho"), "{error}");
        }
        for good in [of(24), of(64), format!("  {SECRET}\n")] {
            let secret: SigningSecret = good.parse().unwrap();
            assert_eq!(format!("{secret:?}"), "SigningSecret(..)");
        }
        assert_eq!(
            wrong("it is empty").to_string(),
            "webhook: the signing secret must be whsec_ and the base64 of 24 to 64 random bytes (it is empty); \
             `echo whsec_$(openssl rand -base64 32)` generates one"
        );
    }
}
