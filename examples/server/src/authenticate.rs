//! `POST /v1/otps/authenticate`.

use std::sync::Arc;

use axum::response::Response;
use countersign::limits::Lock;
use countersign::{Channel, Error, Recipient, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::accounts::account;
use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::sandbox;
use crate::sessions::{Begun, Factor, Terms};
use crate::users::endpoints as users_endpoints;
use crate::users::{Claim, Claims, Proved, User, written};

/// A request to authenticate with a code.
#[derive(Deserialize)]
pub struct AuthenticateRequest {
    method_id: String,
    code: String,
    session_duration_minutes: Option<i64>,
    session_custom_claims: Option<Map<String, Value>>,
    session_token: Option<String>,
    session_jwt: Option<String>,
}

/// Checks a code, and starts a session if the request asks for one.
///
/// # Errors
///
/// See [`Kind`].
pub async fn authenticate(app: &Arc<App>, request: AuthenticateRequest) -> Result<Response, Failure> {
    let Checked { user, user_json, method_id, factor, terms, resets, now } = check(app, &request).await?;

    let session = app.sessions.begin(&user, &factor, terms, now).await?;
    let is_phone = user.contacts.iter().any(|c| c.method_id == method_id && c.is_phone());
    answer(Authenticated {
        user_id: user.user_id,
        method_id,
        method_type: if is_phone { "phone" } else { "email" },
        reset_sessions: resets,
        user: user_json,
        session,
    })
}

/// The answer.
#[derive(Serialize)]
struct Authenticated {
    user_id: String,
    method_id: String,
    method_type: &'static str,
    reset_sessions: bool,
    user: Value,
    #[serde(flatten)]
    session: Begun,
}

struct Checked {
    user: User,
    user_json: Value,
    method_id: String,
    factor: Factor,
    terms: Option<Terms>,
    /// Whether earlier sessions were ended.
    resets: bool,
    now: Timestamp,
}

async fn check(app: &App, request: &AuthenticateRequest) -> Result<Checked, Failure> {
    // Validate the request completely before a code is used up.
    if !is_method_id(&request.method_id) {
        return Err(Failure::of(Kind::InvalidMethodId));
    }
    if request.code.len() != 6 || !request.code.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Failure::of(Kind::InvalidCode));
    }
    let now = app.now().await?;
    let running =
        app.sessions.find(request.session_token.as_deref(), request.session_jwt.as_deref(), now).await?;
    let own_session = running.as_ref().map(|running| running.session_id().to_owned());
    let terms =
        Terms::read(request.session_duration_minutes, request.session_custom_claims.as_ref(), running)?;
    let not_found = || Failure::of(Kind::OtpCodeNotFound);
    let method = app.users.method(&request.method_id).await?.ok_or_else(not_found)?;
    let recipient = method.recipient().ok_or_else(|| Failure::of(Kind::Internal))?;
    let claims = app.users.claims(&recipient).await?;
    let claim = match claims.live(&request.method_id, now) {
        Some(claim) if app.users.holds(claim).await? => claim,
        _ => {
            // The claim expired before it was verified, or gave way to another one.
            let sent = app.users.was_sent_before(&request.method_id, &recipient, &request.code, true).await?;
            return Err(Failure::of(if sent { Kind::UnableToAuthOtpCode } else { Kind::OtpCodeNotFound }));
        }
    };
    let known = known(app, claim, now).await?;

    let channel = if app.dev.is_some() && sandbox::is_sandbox(&recipient) {
        let passed = sandbox::passes(&request.code);
        let channel = if recipient.phone().is_some() { Channel::Sms } else { Channel::Email };
        passed.then_some(channel).ok_or_else(not_found)?
    } else {
        let channel = verify(app, &claims, claim, &recipient, &request.code, now).await?;
        // A code that was sent for a login must not give the number to a user who only named it.
        if claim.is_named() && !app.users.was_sent_for(claim, &request.code) {
            return Err(not_found());
        }
        channel
    };
    let (user, user_json, resets) = match known {
        Some((user, user_json)) => (user, user_json, false),
        None => {
            let own_session = own_session.as_deref();
            let proved = app.users.prove(&request.method_id, &recipient, own_session, now).await?;
            let Proved { user, resets } = proved.ok_or_else(not_found)?;
            let user_json = users_endpoints::user_json(app, &user, now).await?;
            (user, user_json, resets)
        }
    };
    let factor =
        Factor::Passcode { channel, method_id: request.method_id.clone(), address: written(&recipient) };
    let method_id = request.method_id.clone();
    Ok(Checked { user, user_json, method_id, factor, terms, resets, now })
}

/// Returns the user if the recipient was verified before, as in most logins. Everything that the
/// answer needs is read before the code is checked, so that an engine that fails after the check
/// does not prevent the login.
async fn known(app: &App, claim: &Claim, now: Timestamp) -> Result<Option<(User, Value)>, Failure> {
    let user = if claim.lasts() { app.users.user(&claim.user_id).await? } else { None };
    match user.filter(|user| user.is_verified(&claim.method_id)) {
        Some(user) => {
            let shown = users_endpoints::user_json(app, &user, now).await?;
            Ok(Some((user, shown)))
        }
        None => Ok(None),
    }
}

/// Checks the code, and returns the channel that it was sent over.
///
/// A method id is the same for all sends, so the verifier is called without a handle. Only callers
/// who know the id can guess. Failures count for the user whom the newest code was sent for.
async fn verify(
    app: &App,
    claims: &Claims,
    claim: &Claim,
    recipient: &Recipient,
    code: &str,
    now: Timestamp,
) -> Result<Channel, Failure> {
    let failed = |error: &Error| Failure::from_core(error, now);
    let account_id = match claims.sent_for_other(claim) {
        None => &claim.user_id,
        Some(other) => {
            // The check goes by the other account, so this one's lock is checked here.
            let status = app.accounts.status(&account(&claim.user_id)?, now).await;
            match status.map_err(|error| failed(&error))?.lock {
                Some(Lock::Until(until)) => return Err(failed(&Refusal::Locked { until }.into())),
                Some(Lock::Closed) => return Err(failed(&Refusal::Closed.into())),
                None => other,
            }
        }
    };
    let error = match app.passcodes.check(recipient, &account(account_id)?, code, now).await {
        Ok(verified) => return Ok(verified.channel()),
        Err(error) => error,
    };
    // The verifier knows only the codes of the current challenge. Codes of earlier challenges, and
    // of the last one after it was deleted, are recognised by their marks.
    let newest = match &error {
        Error::Refused(Refusal::WrongCode { .. }) => Some(false),
        Error::Refused(Refusal::UnknownHandle) => Some(true),
        _ => None,
    };
    if let Some(newest) = newest
        && app.users.was_sent_before(&claim.method_id, recipient, code, newest).await?
    {
        return Err(Failure::of(Kind::UnableToAuthOtpCode));
    }
    Err(failed(&error))
}

/// Whether the text has the form of a method id.
fn is_method_id(text: &str) -> bool {
    let uuid = text.strip_prefix("phone-number-test-").or_else(|| text.strip_prefix("email-test-"));
    uuid.is_some_and(|uuid| uuid.len() == 36 && Uuid::try_parse(uuid).is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_method_id;

    #[test]
    fn recognises_method_ids() {
        assert!(is_method_id("phone-number-test-3d5aee52-7b9a-4f8e-a9a4-0d1d5b1f5b0e"));
        assert!(is_method_id("email-test-3d5aee52-7b9a-4f8e-a9a4-0d1d5b1f5b0e"));
        for wrong in [
            "",
            "phone-number-test-",
            "user-test-3d5aee52-7b9a-4f8e-a9a4-0d1d5b1f5b0e",
            "phone-number-test-3d5aee527b9a4f8ea9a40d1d5b1f5b0e",
            "phone-number-test-3d5aee52-7b9a-4f8e-a9a4-0d1d5b1f5b0g",
            "email-test-3d5aee52-7b9a-4f8e-a9a4-0d1d5b1f5b0e ",
        ] {
            assert!(!is_method_id(wrong), "{wrong}");
        }
    }
}
