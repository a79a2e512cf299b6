//! `POST /v1/totps/authenticate` and `POST /v1/totps/recover`.

use axum::response::Response;
use countersign::account::{VerifiedRecovery, VerifiedTotp};
use countersign::{Account, Error, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::accounts::account;
use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::sessions::{Begun, Factor, Terms};
use crate::users::endpoints::user_json;
use crate::users::{Totp, User};

/// A request to authenticate with a code of an authenticator app.
#[derive(Deserialize)]
pub struct AuthenticateTotp {
    user_id: String,
    totp_code: String,
    session_duration_minutes: Option<i64>,
    session_custom_claims: Option<Map<String, Value>>,
    session_token: Option<String>,
    session_jwt: Option<String>,
}

/// A request to authenticate with a recovery code.
#[derive(Deserialize)]
pub struct Recover {
    user_id: String,
    recovery_code: String,
    session_duration_minutes: Option<i64>,
    session_custom_claims: Option<Map<String, Value>>,
    session_token: Option<String>,
    session_jwt: Option<String>,
}

/// Checks a code of the user's authenticator app, and starts or continues a session if the request
/// asks for one. The first code confirms the app.
///
/// # Errors
///
/// See [`Kind`].
pub async fn authenticate(app: &App, request: AuthenticateTotp) -> Result<Response, Failure> {
    let now = app.now().await?;
    let session = SessionRequest {
        minutes: request.session_duration_minutes,
        claims: request.session_custom_claims,
        token: request.session_token,
        jwt: request.session_jwt,
    };
    let login = Login::prepare(app, &request.user_id, session, Kind::UnableToAuthTotp, now).await?;
    let checked = app.accounts.check_totp(&login.account, &request.totp_code, now).await;
    let verified = checked.map_err(|error| Failure::from_core_as(totp_failure(&error), &error, now))?;
    login.succeed(app, Proof::Totp(verified)).await
}

/// Checks a recovery code, which is used up, and starts or continues a session if the request asks
/// for one.
///
/// # Errors
///
/// See [`Kind`].
pub async fn recover(app: &App, request: Recover) -> Result<Response, Failure> {
    let now = app.now().await?;
    let session = SessionRequest {
        minutes: request.session_duration_minutes,
        claims: request.session_custom_claims,
        token: request.session_token,
        jwt: request.session_jwt,
    };
    let missing = Kind::UnableToAuthRecoveryCode;
    let login = Login::prepare(app, &request.user_id, session, missing, now).await?;
    let checked = app.accounts.check_recovery_code(&login.account, &request.recovery_code, now).await;
    let verified = checked.map_err(|error| Failure::from_core_as(recovery_failure(&error), &error, now))?;
    if let Some(sealing) = &app.recovery_codes {
        let (user_id, totp_id) = (&login.user.user_id, &login.totp.totp_id);
        let hidden = app.users.hide_recovery_code(user_id, totp_id, sealing, &request.recovery_code).await;
        if let Err(error) = hidden {
            tracing::warn!(%error, "a used recovery code is still shown");
        }
    }
    login.succeed(app, Proof::RecoveryCode(verified)).await
}

/// The session that a request asks for.
struct SessionRequest {
    minutes: Option<i64>,
    claims: Option<Map<String, Value>>,
    token: Option<String>,
    jwt: Option<String>,
}

/// The verifier's proof of a correct code.
enum Proof {
    Totp(VerifiedTotp),
    RecoveryCode(VerifiedRecovery),
}

/// A login whose code is about to be checked. Everything that the answer needs is read before, so
/// that an engine that fails after the check does not prevent the login.
struct Login {
    user: User,
    user_json: Value,
    totp: Totp,
    account: Account,
    terms: Option<Terms>,
}

impl Login {
    /// Validates the request completely, before a code is used up. `missing` is the error if the
    /// user has no authenticator app.
    async fn prepare(
        app: &App,
        user_id: &str,
        session: SessionRequest,
        missing: Kind,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let running = app.sessions.find(session.token.as_deref(), session.jwt.as_deref(), now).await?;
        let terms = Terms::read(session.minutes, session.claims.as_ref(), running)?;
        let user = app.users.user(user_id).await?.ok_or_else(|| Failure::of(Kind::UserNotFound))?;
        let totp = user.totp.clone().ok_or_else(|| Failure::of(missing))?;
        let user_json = user_json(app, &user, now).await?;
        Ok(Self { account: account(&user.user_id)?, user, user_json, totp, terms })
    }

    async fn succeed(mut self, app: &App, proof: Proof) -> Result<Response, Failure> {
        let (factor, at) = match proof {
            Proof::Totp(verified) => {
                // The first code confirms the app.
                if let Some(shown) = self.user_json.pointer_mut("/totps/0/verified") {
                    *shown = true.into();
                }
                (Factor::Totp { totp_id: self.totp.totp_id.clone() }, verified.at())
            }
            Proof::RecoveryCode(verified) => {
                (Factor::RecoveryCode { recovery_code_id: self.totp.recovery_code_id }, verified.at())
            }
        };
        let session = app.sessions.begin(&self.user, &factor, self.terms, at).await?;
        answer(Authenticated {
            user_id: self.user.user_id,
            totp_id: self.totp.totp_id,
            user: self.user_json,
            session,
        })
    }
}

/// The answer.
#[derive(Serialize)]
struct Authenticated {
    user_id: String,
    totp_id: String,
    user: Value,
    #[serde(flatten)]
    session: Begun,
}

fn totp_failure(error: &Error) -> Kind {
    match error {
        Error::Refused(Refusal::AlreadyUsed) => Kind::TotpAlreadyAuthenticated,
        Error::Refused(Refusal::NotEnrolled | Refusal::MalformedCode | Refusal::WrongCode { .. }) => {
            Kind::UnableToAuthTotp
        }
        _ => Kind::of(error),
    }
}

fn recovery_failure(error: &Error) -> Kind {
    match error {
        Error::Refused(
            Refusal::AlreadyUsed | Refusal::NotEnrolled | Refusal::MalformedCode | Refusal::WrongCode { .. },
        ) => Kind::UnableToAuthRecoveryCode,
        _ => Kind::of(error),
    }
}
