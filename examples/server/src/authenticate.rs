//! `POST /v1/otps/authenticate`.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use countersign::{Channel, Error, Recipient, Refusal, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::users::{Claim, Proved, User, written};
use crate::sandbox;
use crate::sessions::{Factor, Running, Terms};
use crate::users::endpoints as users_endpoints;

/// What a client shows.
#[derive(Deserialize)]
pub struct Shown {
    method_id: String,
    code: String,
    session_duration_minutes: Option<i64>,
    session_custom_claims: Option<Map<String, Value>>,
    session_token: Option<String>,
    session_jwt: Option<String>,
}

/// Checks a code, and begins a session if one is asked for.
///
/// # Errors
///
/// See [`Kind`].
pub async fn authenticate(app: &Arc<App>, shown: Shown) -> Result<Response, Failure> {
    let Passed { user, shown: user_shown, method_id, factor, terms, resets, now } =
        check(app, &shown).await?;

    let mut fields = json!({
        "user_id": user.user_id,
        "method_id": method_id,
        "method_type": if user.contacts.iter().any(|c| c.method_id == method_id && c.is_phone()) { "phone" } else { "email" },
        "session_token": "",
        "session_jwt": "",
        "session": null,
        "reset_sessions": resets,
        "user": user_shown,
    });
    if let (Some(terms), Some(fields)) = (terms, fields.as_object_mut()) {
        let begun = app.sessions.begin(&user, &factor, terms, now).await?;
        fields.insert("session_token".into(), begun.token.into());
        fields.insert("session_jwt".into(), begun.jwt.into());
        fields.insert("session".into(), begun.session);
    }
    answer(fields)
}

struct Passed {
    user: User,
    shown: Value,
    method_id: String,
    factor: Factor,
    terms: Option<Terms>,
    /// Whether the sessions from before were ended.
    resets: bool,
    now: Timestamp,
}

async fn check(app: &App, shown: &Shown) -> Result<Passed, Failure> {
    // All that can be wrong with the request is said before a code is used up.
    if !is_method_id(&shown.method_id) {
        return Err(Failure::of(Kind::InvalidMethodId));
    }
    if shown.code.len() != 6 || !shown.code.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Failure::of(Kind::InvalidCode));
    }
    let now = app.now().await?;
    let running =
        app.sessions.find(shown.session_token.as_deref(), shown.session_jwt.as_deref(), now).await?;
    let own_session = running.as_ref().map(|running| running.session_id().to_owned());
    let terms = terms(shown, running)?;
    let not_found = || Failure::of(Kind::OtpCodeNotFound);
    let method = app.users.method(&shown.method_id).await?.ok_or_else(not_found)?;
    let recipient = method.recipient().ok_or_else(|| Failure::of(Kind::Internal))?;
    let claims = app.users.claims(&recipient).await?;
    let claim = match claims.live(&shown.method_id, now) {
        Some(claim) if app.users.holds(claim).await? => claim,
        _ => {
            // It was not verified in time, or gave way to another claim.
            let sent = app.users.was_sent_before(&shown.method_id, &recipient, &shown.code, true).await?;
            return Err(Failure::of(if sent { Kind::UnableToAuthOtpCode } else { Kind::OtpCodeNotFound }));
        }
    };
    let known = known(app, claim, now).await?;

    let channel = if app.dev.is_some() && sandbox::is_for_tests(&recipient) {
        let passed = sandbox::passes(&shown.code);
        let channel = if recipient.phone().is_some() { Channel::Sms } else { Channel::Email };
        passed.then_some(channel).ok_or_else(not_found)?
    } else {
        let channel = verify(app, &shown.method_id, &recipient, &shown.code, now).await?;
        // A code that was sent for a login does not give the number to a user who only named it.
        if claim.is_named() && !app.users.was_sent_for(claim, &shown.code) {
            return Err(not_found());
        }
        channel
    };
    let (user, user_shown, resets) = match known {
        Some((user, user_shown)) => (user, user_shown, false),
        None => {
            let own_session = own_session.as_deref();
            let proved = app.users.prove(&shown.method_id, &recipient, own_session, now).await?;
            let Proved { user, resets } = proved.ok_or_else(not_found)?;
            let user_shown = users_endpoints::shown(app, &user, now).await?;
            (user, user_shown, resets)
        }
    };
    let factor = Factor { channel, method_id: shown.method_id.clone(), address: written(&recipient) };
    let method_id = shown.method_id.clone();
    Ok(Passed { user, shown: user_shown, method_id, factor, terms, resets, now })
}

/// The user whose number or address was verified before, which is most logins: all that their answer needs is read before the code
/// is checked, so that an engine that goes away after that keeps nobody from it.
async fn known(app: &App, claim: &Claim, now: Timestamp) -> Result<Option<(User, Value)>, Failure> {
    let user = if claim.lasts() { app.users.user(&claim.user_id).await? } else { None };
    match user.filter(|user| user.is_verified(&claim.method_id)) {
        Some(user) => {
            let shown = users_endpoints::shown(app, &user, now).await?;
            Ok(Some((user, shown)))
        }
        None => Ok(None),
    }
}

/// The channel over which the code came that was right.
///
/// A method's id is the same over all sends, so the verifier is asked without a handle: whoever has the id may guess, and nobody else.
async fn verify(
    app: &App,
    method_id: &str,
    recipient: &Recipient,
    code: &str,
    now: Timestamp,
) -> Result<Channel, Failure> {
    let mut rng = App::rng();
    let moment = app.verifier.at(now, &mut rng).asynchronously();
    let error = match moment.check_without_handle(recipient, code).await {
        Ok(verified) => return Ok(verified.channel()),
        Err(error) => error,
    };
    // The verifier knows the codes of one challenge. That a code is an older one's, or the last one's whose time is long over, is
    // known from its mark.
    let newest = match &error {
        Error::Refused(Refusal::WrongCode { .. }) => Some(false),
        Error::Refused(Refusal::UnknownHandle) => Some(true),
        _ => None,
    };
    if let Some(newest) = newest
        && app.users.was_sent_before(method_id, recipient, code, newest).await?
    {
        return Err(Failure::of(Kind::UnableToAuthOtpCode));
    }
    Err(Failure::from_core(&error, now))
}

/// Whether it has the shape of an id that a send answered.
fn is_method_id(text: &str) -> bool {
    let uuid = text.strip_prefix("phone-number-test-").or_else(|| text.strip_prefix("email-test-"));
    uuid.is_some_and(|uuid| uuid.len() == 36 && Uuid::try_parse(uuid).is_ok())
}

fn terms(shown: &Shown, running: Option<Running>) -> Result<Option<Terms>, Failure> {
    // Without a session there is nothing that claims could be of: a host that always sends them loses no login by it.
    let Some(minutes) = shown.session_duration_minutes else {
        return Ok(None);
    };
    let minutes = u64::try_from(minutes).ok().filter(|minutes| (5..=527_040).contains(minutes));
    let minutes = minutes.ok_or_else(|| Failure::of(Kind::InvalidSessionDuration))?;
    let claims = shown.session_custom_claims.clone().unwrap_or_default();
    let all = running.as_ref().map_or_else(|| claims.clone(), |running| running.claims_with(&claims));
    if serde_json::to_vec(&all).is_ok_and(|bytes| bytes.len() > 4096) {
        return Err(Failure::new(
            Kind::BadRequest,
            "session_custom_claims has at most 4 KB, over all of a session",
        ));
    }
    Ok(Some(Terms { duration: Duration::from_secs(minutes * 60), claims, running }))
}

#[cfg(test)]
mod tests {
    use super::is_method_id;

    #[test]
    fn ids_have_a_shape() {
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
