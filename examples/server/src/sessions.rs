//! Sessions: an opaque token known to the server, and a JWT that can be verified with the published
//! key.

mod factor;
mod terms;
mod token;

use std::time::Duration;

use countersign::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Rfc3339;
use crate::documents::{Document, Documents, Key, Revision, Written};
use crate::failure::{Failure, Kind};
use crate::secrets::Secrets;
use crate::signing::{Jwks, Signer};
use crate::users::{User, new_id, user_key};
pub use factor::Factor;
pub use terms::Terms;

/// The life of a JWT: short, because it can't be revoked. The token lasts as long as the session.
const JWT_LIFE: Duration = Duration::from_secs(5 * 60);

/// The claim in which the SDKs look for the session.
const CLAIM: &str = "https://stytch.com/session";

/// Claims set by the server; a host's claims with these names are ignored.
const RESERVED: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", CLAIM];

/// The sessions of a project.
#[derive(Debug)]
pub struct Sessions {
    documents: Documents,
    secrets: Secrets,
    signer: Signer,
    project_id: String,
}

/// An active session.
pub struct Running {
    /// The token, if the client presented it rather than a JWT.
    token: Option<String>,
    held: Document<Held>,
}

/// A session that was started or continued, as fields of an answer. If the request asked for none,
/// the texts are empty.
#[derive(Default, Serialize)]
pub struct Begun {
    session_token: String,
    session_jwt: String,
    session: Value,
}

/// A session as stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct Held {
    session_id: String,
    user_id: String,
    /// The generation of the user's sessions that it belongs to.
    #[serde(default)]
    generation: u64,
    started_at: u64,
    expires_at: u64,
    factors: Vec<Value>,
    claims: Map<String, Value>,
}

impl Running {
    /// Returns the session's id.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.held.value.session_id
    }

    /// Returns the session's claims merged with `more`.
    #[must_use]
    pub fn claims_with(&self, more: &Map<String, Value>) -> Map<String, Value> {
        let mut claims = self.held.value.claims.clone();
        merge(&mut claims, more.clone());
        claims
    }
}

impl Sessions {
    /// Creates the sessions of a project.
    #[must_use]
    pub fn new(documents: Documents, secrets: Secrets, signer: Signer, project_id: &str) -> Self {
        Self { documents, secrets, signer, project_id: project_id.to_owned() }
    }

    /// Returns the keys that verify JWTs (RFC 7517).
    #[must_use]
    pub const fn jwks(&self) -> &Jwks {
        self.signer.jwks()
    }

    /// Returns the user of the presented session, if any.
    ///
    /// # Errors
    ///
    /// If the engine does not respond, or the session does not exist.
    pub async fn user(
        &self,
        token: Option<&str>,
        jwt: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<String>, Failure> {
        Ok(self.find(token, jwt, now).await?.map(|running| running.held.value.user_id))
    }

    /// Returns the session of the presented token or JWT, if any.
    ///
    /// # Errors
    ///
    /// If the engine does not respond, or the session does not exist.
    pub async fn find(
        &self,
        token: Option<&str>,
        jwt: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Running>, Failure> {
        let unknown = || Failure::of(Kind::SessionNotFound);
        let id = match (token.filter(|text| !text.is_empty()), jwt.filter(|text| !text.is_empty())) {
            (None, None) => return Ok(None),
            (Some(token), _) => token::session_id(&self.secrets, token).ok_or_else(unknown)?,
            (None, Some(jwt)) => {
                let claims =
                    self.signer.verify(jwt, &self.project_id, &self.issuer(), now).ok_or_else(unknown)?;
                let id = claims.get(CLAIM).and_then(|session| session.get("id")).and_then(Value::as_str);
                id.ok_or_else(unknown)?.to_owned()
            }
        };
        let held: Option<Document<Held>> = self.documents.read(&Key::new("session", id)).await?;
        let held = held.filter(|held| now.unix_millis() < held.value.expires_at).ok_or_else(unknown)?;
        let user: Option<Document<User>> = self.documents.read(&user_key(&held.value.user_id)).await?;
        if !user.is_some_and(|user| user.value.admits.session(held.value.generation, &held.value.session_id))
        {
            return Err(unknown());
        }
        let token = token.filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Some(Running { token, held }))
    }

    /// Starts or continues a session, if the request asks for one.
    ///
    /// A client that presented the session's token keeps it; one that presented a JWT gets a new
    /// token of the same session. All tokens are valid until the session ends.
    ///
    /// # Errors
    ///
    /// If the engine does not respond, or drawing random bytes or signing fails.
    pub async fn begin(
        &self,
        user: &User,
        factor: &Factor,
        terms: Option<Terms>,
        now: Timestamp,
    ) -> Result<Begun, Failure> {
        let Some(terms) = terms else { return Ok(Begun::default()) };
        let (session_token, held) = self.write(user, factor, terms, now).await?;
        let session = held.shown(now);
        let session_jwt = self.jwt(&held, &session, now)?;
        Ok(Begun { session_token, session_jwt, session })
    }

    /// Writes the session. Returns it with its token.
    async fn write(
        &self,
        user: &User,
        factor: &Factor,
        terms: Terms,
        now: Timestamp,
    ) -> Result<(String, Held), Failure> {
        let mut running = terms.running.filter(|running| running.held.value.user_id == user.user_id);
        let claims: Map<_, _> =
            terms.claims.into_iter().filter(|(name, _)| !RESERVED.contains(&name.as_str())).collect();
        loop {
            let (shown, mut held, revision) = match running.take() {
                Some(Running { token, held }) => (token, held.value, held.revision),
                None => (None, Held::new(&user.user_id, now), Revision::ABSENT),
            };
            let token = match shown {
                Some(token) => token,
                None => token::new(&self.secrets, &held.session_id)?,
            };
            held.expires_at = (now + terms.duration).unix_millis();
            held.generation = user.admits.generation;
            merge(&mut held.claims, claims.clone());
            held.prove(factor, now);
            let key = Key::new("session", &held.session_id);
            // If the session changed meanwhile, start a new one: the code was right.
            if self.documents.write(&key, revision, &held, Some(terms.duration)).await? == Written::Applied {
                return Ok((token, held));
            }
        }
    }

    fn jwt(&self, held: &Held, session: &Value, now: Timestamp) -> Result<String, Failure> {
        let seconds = |time: Timestamp| time.unix_millis() / 1000;
        let mut inner = session.clone();
        if let Some(inner) = inner.as_object_mut() {
            inner.insert("id".into(), held.session_id.clone().into());
            for left_out in ["session_id", "user_id", "custom_claims"] {
                inner.remove(left_out);
            }
        }
        let expires = (now + JWT_LIFE).min(Timestamp::from_unix_millis(held.expires_at));
        let mut claims = held.claims.clone();
        claims.extend([
            ("iss".to_owned(), self.issuer().into()),
            ("aud".to_owned(), json!([self.project_id])),
            ("sub".to_owned(), held.user_id.clone().into()),
            ("iat".to_owned(), seconds(now).into()),
            ("nbf".to_owned(), seconds(now).into()),
            ("exp".to_owned(), seconds(expires).into()),
            (CLAIM.to_owned(), inner),
        ]);
        self.signer.sign(&claims).map_err(|error| {
            tracing::error!(error = %error, "failed to sign a session");
            Failure::of(Kind::Internal)
        })
    }

    fn issuer(&self) -> String {
        format!("stytch.com/{}", self.project_id)
    }
}

impl Held {
    fn new(user_id: &str, now: Timestamp) -> Self {
        Self {
            session_id: new_id("session"),
            user_id: user_id.to_owned(),
            generation: 0,
            started_at: now.unix_millis(),
            expires_at: 0,
            factors: Vec::new(),
            claims: Map::new(),
        }
    }

    /// Updates a factor that was used before, instead of adding it again: every JWT contains all
    /// factors, and travels in headers.
    fn prove(&mut self, factor: &Factor, now: Timestamp) {
        let shown = factor.shown(self.factors.is_empty(), now);
        let is_same =
            |known: &&mut Value| Factor::FIELDS.iter().all(|field| known.get(field) == shown.get(field));
        match self.factors.iter_mut().find(is_same).and_then(Value::as_object_mut) {
            Some(known) => {
                for when in ["last_authenticated_at", "updated_at"] {
                    known.insert(when.into(), json!(Rfc3339(now)));
                }
            }
            None => self.factors.push(shown),
        }
    }

    fn shown(&self, now: Timestamp) -> Value {
        json!({
            "session_id": self.session_id,
            "user_id": self.user_id,
            "started_at": Rfc3339(Timestamp::from_unix_millis(self.started_at)),
            "last_accessed_at": Rfc3339(now),
            "expires_at": Rfc3339(Timestamp::from_unix_millis(self.expires_at)),
            "authentication_factors": self.factors,
            "attributes": { "ip_address": "", "user_agent": "" },
            "custom_claims": self.claims,
            "roles": [],
        })
    }
}

/// Merges custom claims. A null claim is deleted.
fn merge(claims: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        if value.is_null() {
            claims.remove(&name);
        } else {
            claims.insert(name, value);
        }
    }
}
