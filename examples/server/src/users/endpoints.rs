//! `POST /v1/users` and `GET /v1/users/{user_id}`.

use std::sync::Arc;

use axum::response::Response;
use countersign::limits::Lock;
use countersign::number::Allocation;
use countersign::{Recipient, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::accounts::account;
use crate::app::App;
use crate::body::answer;
use crate::clock::Rfc3339;
use crate::failure::{Failure, Kind};
use crate::recipients::{duplicate, email, phone};
use crate::users::{Profile, Status, Totp, User};

/// A request to create a user.
#[derive(Deserialize)]
pub struct CreateUser {
    phone_number: Option<String>,
    email: Option<String>,
    name: Option<Map<String, Value>>,
    external_id: Option<String>,
    trusted_metadata: Option<Map<String, Value>>,
    untrusted_metadata: Option<Map<String, Value>>,
    create_user_as_pending: Option<bool>,
}

/// Creates a user.
///
/// # Errors
///
/// See [`Kind`].
pub async fn create(app: &Arc<App>, request: CreateUser) -> Result<Response, Failure> {
    let now = app.now().await?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let recipients: Vec<Recipient> = [
        filled(request.email).map(|text| email(&text)).transpose()?,
        filled(request.phone_number).map(|text| possible(phone(&text)?)).transpose()?,
    ]
    .into_iter()
    .flatten()
    .collect();
    let pending = request.create_user_as_pending == Some(true);
    let profile = Profile {
        name: request.name,
        external_id: request.external_id,
        trusted_metadata: request.trusted_metadata,
        untrusted_metadata: request.untrusted_metadata,
    };
    let status = if pending { Status::Pending } else { Status::Active };
    let user = app.users.create(&recipients, status, profile, now).await?;
    let user = user.map_err(|taken| Failure::of(duplicate(&taken)))?;
    let id = |is_phone| {
        let contact = user.contacts.iter().find(|contact| contact.is_phone() == is_phone);
        contact.map_or_else(String::new, |contact| contact.method_id.clone())
    };
    answer(json!({
        "user_id": user.user_id,
        "email_id": id(false),
        "phone_id": id(true),
        "status": user.status,
        "user": user_json(app, &user, now).await?,
    }))
}

/// Requires a phone number with an existing calling code and a possible length. Its country is only
/// checked when something is sent there.
///
/// # Errors
///
/// [`Kind::InvalidPhoneNumber`].
pub(crate) fn possible(recipient: Recipient) -> Result<Recipient, Failure> {
    let impossible = recipient.phone().is_some_and(|number| number.allocation() == Allocation::Impossible);
    if impossible { Err(Failure::of(Kind::InvalidPhoneNumber)) } else { Ok(recipient) }
}

/// Returns a user, at the top level of the answer.
///
/// # Errors
///
/// [`Kind::UserNotFound`].
pub async fn get(app: &Arc<App>, user_id: &str) -> Result<Response, Failure> {
    let now = app.now().await?;
    let user = app.users.user(user_id).await?.ok_or_else(|| Failure::of(Kind::UserNotFound))?;
    answer(user_json(app, &user, now).await?)
}

/// Returns a user as it appears in answers.
///
/// # Errors
///
/// If the engine does not respond when asked about locks.
pub async fn user_json(app: &App, user: &User, now: Timestamp) -> Result<Value, Failure> {
    let account = app.accounts.status(&account(&user.user_id)?, now).await;
    let account = account.map_err(|error| Failure::from_core(&error, now))?;
    let mut lock = account.lock;
    let (mut emails, mut phones) = (Vec::new(), Vec::new());
    for contact in user.contacts(now) {
        let (list, id, value, recipient) = if contact.is_phone() {
            (&mut phones, "phone_id", "phone_number", phone(&contact.address)?)
        } else {
            (&mut emails, "email_id", "email", email(&contact.address)?)
        };
        list.push(json!({ id: contact.method_id, value: contact.address, "verified": contact.verified }));
        let status = app.passcodes.status(recipient, now).await;
        let status = status.map_err(|error| Failure::from_core(&error, now))?;
        lock = lock.max(status.lock);
    }
    let shown = |(totp, verified): (&Totp, bool)| json!({ "totp_id": totp.totp_id, "verified": verified });
    let totps: Vec<_> = user.totp(&account).into_iter().map(shown).collect();
    let nameless = || json!({ "first_name": "", "middle_name": "", "last_name": "" });
    Ok(json!({
        "user_id": user.user_id,
        "status": user.status,
        "created_at": Rfc3339(Timestamp::from_unix_millis(user.created_at)),
        "name": user.profile.name.clone().map_or_else(nameless, Value::Object),
        "external_id": user.profile.external_id,
        "emails": emails,
        "phone_numbers": phones,
        "webauthn_registrations": [],
        "providers": [],
        "totps": totps,
        "crypto_wallets": [],
        "biometric_registrations": [],
        "password": null,
        "roles": [],
        "is_locked": lock.is_some(),
        "lock_expires_at": lock.and_then(Lock::until).map(Rfc3339),
        "trusted_metadata": user.profile.trusted_metadata.clone().unwrap_or_default(),
        "untrusted_metadata": user.profile.untrusted_metadata.clone().unwrap_or_default(),
    }))
}
