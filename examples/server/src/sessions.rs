//! Sessions: an opaque token that the server knows, and a JWT that anybody verifies with the published key.

mod token;

use std::time::Duration;

use countersign::{Channel, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Rfc3339;
use crate::documents::{Document, Documents, Key, Revision, Written};
use crate::failure::{Failure, Kind};
use crate::users::{User, new_id, user_key};
use crate::secrets::Secrets;
use crate::signing::{Jwks, Signer};

/// A JWT is good for five minutes, for it can't be called back; the token for as long as the session.
const JWT_LIFE: Duration = Duration::from_secs(5 * 60);

/// Where the SDKs look for the session in a JWT.
const CLAIM: &str = "https://stytch.com/session";

/// What JWTs say of themselves; a host's claims of these names are left out.
const RESERVED: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", CLAIM];

/// Sessions.
#[derive(Debug)]
pub struct Sessions {
    documents: Documents,
    secrets: Secrets,
    signer: Signer,
    project_id: String,
}

/// How somebody proved to be there.
pub struct Factor {
    /// Over which channel the code came.
    pub channel: Channel,
    /// The `phone_id` or `email_id`.
    pub method_id: String,
    /// The number or the address.
    pub address: String,
}

/// What session is asked for.
pub struct Terms {
    /// How long it lasts.
    pub duration: Duration,
    /// The host's claims.
    pub claims: Map<String, Value>,
    /// The one that it goes on with, if it is the same user's.
    pub running: Option<Running>,
}

/// A session that runs.
pub struct Running {
    /// The token, if it was shown one and not a JWT.
    token: Option<String>,
    held: Document<Held>,
}

/// A session that begins, or goes on.
pub struct Begun {
    /// The token.
    pub token: String,
    /// The JWT.
    pub jwt: String,
    /// The session as answers show it.
    pub session: Value,
}

/// A session as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Held {
    session_id: String,
    user_id: String,
    /// The generation of the user's sessions that it is one of.
    #[serde(default)]
    generation: u64,
    started_at: u64,
    expires_at: u64,
    factors: Vec<Value>,
    claims: Map<String, Value>,
}

impl Running {
    /// Its id.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.held.value.session_id
    }

    /// The claims that it would have with these.
    #[must_use]
    pub fn claims_with(&self, more: &Map<String, Value>) -> Map<String, Value> {
        let mut claims = self.held.value.claims.clone();
        merge(&mut claims, more.clone());
        claims
    }
}

impl Sessions {
    /// Kept there; JWTs are this project's.
    #[must_use]
    pub fn new(documents: Documents, secrets: Secrets, signer: Signer, project_id: &str) -> Self {
        Self { documents, secrets, signer, project_id: project_id.to_owned() }
    }

    /// The keys by which JWTs are verified (RFC 7517).
    #[must_use]
    pub const fn jwks(&self) -> &Jwks {
        self.signer.jwks()
    }

    /// The user of a session that is shown.
    ///
    /// # Errors
    ///
    /// If the engine does not answer, or there is no such session.
    pub async fn user(
        &self,
        token: Option<&str>,
        jwt: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<String>, Failure> {
        Ok(self.find(token, jwt, now).await?.map(|running| running.held.value.user_id))
    }

    /// The session that is shown, by its token or by its JWT.
    ///
    /// # Errors
    ///
    /// If the engine does not answer, or there is no such session.
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

    /// Begins a session, or goes on with one. Whoever showed its token keeps that one; whoever showed a JWT gets a new token of the same
    /// session. All of them are good for as long as the session is.
    ///
    /// # Errors
    ///
    /// If the engine does not answer, or the generator or the signer is out of order.
    pub async fn begin(
        &self,
        user: &User,
        factor: &Factor,
        terms: Terms,
        now: Timestamp,
    ) -> Result<Begun, Failure> {
        let mut running = terms.running.filter(|running| running.held.value.user_id == user.user_id);
        let claims: Map<_, _> =
            terms.claims.into_iter().filter(|(name, _)| !RESERVED.contains(&name.as_str())).collect();
        let (token, held) = loop {
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
            // A session that was changed meanwhile is let be: the code was right, so there is a new one.
            if self.documents.write(&key, revision, &held, Some(terms.duration)).await? == Written::Applied {
                break (token, held);
            }
        };
        let session = held.shown(now);
        let jwt = self.jwt(&held, &session, now)?;
        Ok(Begun { token, jwt, session })
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
            tracing::error!(error = %error, "a session could not be signed");
            Failure::of(Kind::Internal)
        })
    }

    fn issuer(&self) -> String {
        format!("stytch.com/{}", self.project_id)
    }
}

impl Factor {
    fn shown(&self, first: bool, now: Timestamp) -> Value {
        let at = Rfc3339(now);
        let (name, value) = if self.channel == Channel::Email {
            ("email_factor", json!({ "email_id": self.method_id, "email_address": self.address }))
        } else {
            ("phone_number_factor", json!({ "phone_id": self.method_id, "phone_number": self.address }))
        };
        json!({
            "type": "otp",
            "delivery_method": self.channel.as_str(),
            "last_authenticated_at": at,
            "created_at": at,
            "updated_at": at,
            "sequence_order": if first { "PRIMARY" } else { "SECONDARY" },
            name: value,
        })
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

    /// A factor that proves itself again is the one that it was: each of them stands in every JWT, which travels in headers.
    fn prove(&mut self, factor: &Factor, now: Timestamp) {
        let shown = factor.shown(self.factors.is_empty(), now);
        let is_same = |known: &&mut Value| {
            let what = ["delivery_method", "phone_number_factor", "email_factor"];
            what.iter().all(|field| known.get(field) == shown.get(field))
        };
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

/// Sets claims; one that is null is deleted.
fn merge(claims: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        if value.is_null() {
            claims.remove(&name);
        } else {
            claims.insert(name, value);
        }
    }
}
