//! Session tokens. Each names its session and proves that one of the project's servers made it.
//!
//! A token is the session's UUID, 128 random bits, and a MAC of both under a key derived from
//! `SECRET`. So a session can have any number of tokens without a document for each, and all end
//! with it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::failure::{Failure, Kind};
use crate::secrets::Secrets;

const PREFIX: &str = "session-test-";

const PART: usize = 16;

/// Returns a new token for a session.
///
/// # Errors
///
/// If the operating system's random number generator fails.
pub(super) fn new(secrets: &Secrets, session_id: &str) -> Result<String, Failure> {
    let uuid = session_id.strip_prefix(PREFIX).and_then(|uuid| Uuid::try_parse(uuid).ok());
    let uuid = uuid.ok_or_else(|| Failure::of(Kind::Internal))?;
    let mut random = [0; PART];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(error = %error, "the operating system's random number generator failed");
        Failure::of(Kind::Internal)
    })?;
    let named = [*uuid.as_bytes(), random].concat();
    let proof = proof(secrets, &named);
    Ok(format!("{}{proof}", BASE64_URL_SAFE_NO_PAD.encode(named)))
}

/// Returns the session id in a token, if the token is valid.
pub(super) fn session_id(secrets: &Secrets, token: &str) -> Option<String> {
    let (named, shown) = token.split_at_checked(NAMED)?;
    let named = BASE64_URL_SAFE_NO_PAD.decode(named).ok()?;
    if !secrets.equal(shown, &proof(secrets, &named)) {
        return None;
    }
    let uuid = Uuid::from_slice(named.get(..PART)?).ok()?;
    Some(format!("{PREFIX}{uuid}"))
}

/// The length of a token before its MAC: 32 bytes in Base64.
const NAMED: usize = 43;

/// Returns the MAC: 128 bits in hexadecimal.
fn proof(secrets: &Secrets, named: &[u8]) -> String {
    secrets.name("session-token", &BASE64_URL_SAFE_NO_PAD.encode(named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::new_id;

    #[test]
    fn tokens_are_valid_only_under_their_secret() {
        let (ours, theirs) = (Secrets::new("a secret").unwrap(), Secrets::new("another secret").unwrap());
        let id = new_id("session");
        let tokens = [new(&ours, &id).unwrap(), new(&ours, &id).unwrap()];
        assert_ne!(tokens[0], tokens[1]);
        for token in &tokens {
            assert_eq!(session_id(&ours, token).as_deref(), Some(&*id));
            assert_eq!(session_id(&theirs, token), None);
        }
        assert_eq!(session_id(&ours, &format!("{}{}", &tokens[0][..NAMED], &tokens[1][NAMED..])), None);
        for other in ["", "x", &id, &"é".repeat(60), &tokens[0][..NAMED], &tokens[0][1..]] {
            assert_eq!(session_id(&ours, other), None, "{other}");
        }
        assert!(new(&ours, "no session").is_err());
    }
}
