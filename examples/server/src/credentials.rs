//! Credentials for HTTP Basic authentication.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::failure::{Failure, Kind};
use crate::secrets::Secrets;

/// An id and its secret, for HTTP Basic authentication (RFC 7617).
pub struct Credentials {
    /// The id, which is not secret.
    pub id: String,
    both: Zeroizing<String>,
    secrets: Secrets,
}

impl Credentials {
    /// Creates credentials that requests must present.
    #[must_use]
    pub fn new(id: &str, secret: &str, secrets: Secrets) -> Self {
        Self { id: id.to_owned(), both: Zeroizing::new(format!("{id}:{secret}")), secrets }
    }

    /// Checks a request's credentials in constant time.
    ///
    /// # Errors
    ///
    /// [`Kind::Unauthorized`].
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let shown = shown(headers).unwrap_or_default();
        if self.secrets.equal(&shown, &self.both) { Ok(()) } else { Err(Failure::of(Kind::Unauthorized)) }
    }
}

fn shown(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    let (scheme, encoded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let text = Zeroizing::new(String::from_utf8(decoded).ok()?);
    scheme.eq_ignore_ascii_case("Basic").then_some(text)
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_the_exact_credentials() {
        let credentials = Credentials::new("project-1", "its secret", Secrets::new("root").unwrap());
        let check = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            credentials.check(&headers).is_ok()
        };
        let encoded = BASE64_STANDARD.encode("project-1:its secret");
        assert!(check(&format!("Basic {encoded}")) && check(&format!("basic {encoded}")));
        assert!(credentials.check(&HeaderMap::new()).is_err());
        for wrong in [
            "project-1:",
            "project-1:its secre",
            "project-1:its secret ",
            ":its secret",
            "project-2:its secret",
            "",
        ] {
            assert!(!check(&format!("Basic {}", BASE64_STANDARD.encode(wrong))), "{wrong}");
        }
        for wrong in [format!("Bearer {encoded}"), encoded.clone(), "Basic".into(), "Basic !".into()] {
            assert!(!check(&wrong), "{wrong}");
        }
        assert_eq!(format!("{credentials:?}"), "Credentials(project-1)");
    }
}
