//! `POST /v1/users` and `GET /v1/users/{user_id}`.

use std::sync::Arc;

use axum::response::Response;
use countersign::limits::Lock;
use countersign::number::Allocation;
use countersign::{Recipient, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::body::answer;
use crate::clock::Rfc3339;
use crate::failure::{Failure, Kind};
use crate::users::{Profile, Status, User};
use crate::recipients::{duplicate, email, phone};

/// A user that a host wants.
#[derive(Deserialize)]
pub struct Wanted {
    phone_number: Option<String>,
    email: Option<String>,
    name: Option<Map<String, Value>>,
    external_id: Option<String>,
    trusted_metadata: Option<Map<String, Value>>,
    untrusted_metadata: Option<Map<String, Value>>,
    create_user_as_pending: Option<bool>,
}

/// Makes a user.
///
/// # Errors
///
/// See [`Kind`].
pub async fn create(app: &Arc<App>, wanted: Wanted) -> Result<Response, Failure> {
    let now = app.now().await?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let recipients: Vec<Recipient> = [
        filled(wanted.email).map(|text| email(&text)).transpose()?,
        filled(wanted.phone_number).map(|text| possible(phone(&text)?)).transpose()?,
    ]
    .into_iter()
    .flatten()
    .collect();
    let pending = wanted.create_user_as_pending == Some(true);
    let profile = Profile {
        name: wanted.name,
        external_id: wanted.external_id,
        trusted_metadata: wanted.trusted_metadata,
        untrusted_metadata: wanted.untrusted_metadata,
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
        "user": shown(app, &user, now).await?,
    }))
}

/// A number that exists by its calling code and length. Its country is asked when something is sent there.
///
/// # Errors
///
/// [`Kind::InvalidPhoneNumber`].
pub(crate) fn possible(recipient: Recipient) -> Result<Recipient, Failure> {
    let impossible = recipient.phone().is_some_and(|number| number.allocation() == Allocation::Impossible);
    if impossible { Err(Failure::of(Kind::InvalidPhoneNumber)) } else { Ok(recipient) }
}

/// A user, at the top of the answer.
///
/// # Errors
///
/// [`Kind::UserNotFound`].
pub async fn get(app: &Arc<App>, user_id: &str) -> Result<Response, Failure> {
    let now = app.now().await?;
    let user = app.users.user(user_id).await?.ok_or_else(|| Failure::of(Kind::UserNotFound))?;
    answer(shown(app, &user, now).await?)
}

/// A user as answers show one.
///
/// # Errors
///
/// If the engine does not say whether the user is locked.
pub async fn shown(app: &App, user: &User, now: Timestamp) -> Result<Value, Failure> {
    let mut lock = None;
    let (mut emails, mut phones) = (Vec::new(), Vec::new());
    for contact in user.contacts(now) {
        let (list, id, value, recipient) = if contact.is_phone() {
            (&mut phones, "phone_id", "phone_number", phone(&contact.address)?)
        } else {
            (&mut emails, "email_id", "email", email(&contact.address)?)
        };
        list.push(json!({ id: contact.method_id, value: contact.address, "verified": contact.verified }));
        let mut rng = App::rng();
        let status = app.verifier.at(now, &mut rng).asynchronously().status(recipient).await;
        let status = status.map_err(|error| Failure::from_core(&error, now))?;
        lock = lock.max(status.lock);
    }
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
        "totps": [],
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
