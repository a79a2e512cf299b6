//! `POST /pwa/v3/projects/{slug}/environments/{slug}/unlock`: clears locks on an operator's
//! request.

use std::sync::Arc;

use axum::response::Response;
use countersign::{Recipient, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::accounts::account;
use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::recipients::{email, phone};
use crate::users::endpoints::possible;
use crate::users::{By, Call, Ruling};

/// The recipient or user to unlock: exactly one of the fields.
#[derive(Deserialize)]
pub struct UnlockRequest {
    user_id: Option<String>,
    phone_number: Option<String>,
    email: Option<String>,
}

/// Clears the failures and locks of a user and of all their phone numbers and email addresses, or of
/// one of these and its user. Sends remain counted.
///
/// The server uses no device tokens, so each recipient has a single lane, and this clears it.
///
/// # Errors
///
/// See [`Kind`].
pub async fn unlock(app: &Arc<App>, request: UnlockRequest) -> Result<Response, Failure> {
    let now = app.now().await?;
    match (request.user_id, request.phone_number, request.email) {
        (Some(user_id), None, None) => {
            for recipient in recipients_of(app, &user_id, now).await? {
                clear(app, recipient, now).await?;
            }
            clear_account(app, &user_id, now).await?;
        }
        (None, Some(number), None) => one(app, possible(phone(&number)?)?, now).await?,
        (None, None, Some(address)) => one(app, email(&address)?, now).await?,
        _ => {
            let message = "exactly one of the fields user_id, phone_number and email is required";
            return Err(Failure::new(Kind::BadRequest, message));
        }
    }
    answer(json!({}))
}

/// Returns a user's phone numbers and email addresses. Those that the user named and another user
/// has by now are excluded. Those whose login expired are included as long as nobody else has them,
/// because their lock is still there.
async fn recipients_of(app: &App, user_id: &str, now: Timestamp) -> Result<Vec<Recipient>, Failure> {
    let user = app.users.user(user_id).await?.ok_or_else(|| Failure::of(Kind::UserNotFound))?;
    let mut recipients = Vec::new();
    for contact in &user.contacts {
        let recipient = if contact.is_phone() { phone(&contact.address)? } else { email(&contact.address)? };
        let claims = app.users.claims(&recipient).await?;
        let is_own = if claims.live(&contact.method_id, now).is_some() {
            !matches!(claims.rule(Call::Send(Some(user_id)), now), Ruling::Taken)
        } else {
            contact.by == By::Login && matches!(claims.rule(Call::Send(None), now), Ruling::NotFound)
        };
        if is_own {
            recipients.push(recipient);
        }
    }
    Ok(recipients)
}

/// Unlocks one recipient. A lock outlives the claim on a phone number, so it is cleared even if no
/// user has the number. If nothing at all is known about the recipient, it is probably a typing
/// error, so an error is returned.
async fn one(app: &App, recipient: Recipient, now: Timestamp) -> Result<(), Failure> {
    // A record that can't be read counts as known, since it needs repair.
    let status = app.passcodes.status(recipient.clone(), now).await;
    let is_known = status.map_or(true, |status| status.failures_in_a_row > 0 || status.challenge.is_some());
    let unknown = if recipient.phone().is_some() { Kind::PhoneNumberNotFound } else { Kind::EmailNotFound };
    let claims = app.users.claims(&recipient).await?;
    let user_id = match claims.rule(Call::Send(None), now) {
        Ruling::Join(claim) => Some(&claim.user_id),
        _ => None,
    };
    clear(app, recipient, now).await?;
    match user_id {
        Some(user_id) => clear_account(app, user_id, now).await,
        None if is_known => Ok(()),
        None => Err(Failure::of(unknown)),
    }
}

async fn clear_account(app: &App, user_id: &str, now: Timestamp) -> Result<(), Failure> {
    let unlocked = app.accounts.unlock(&account(user_id)?, now).await;
    unlocked.map_err(|error| Failure::from_core(&error, now))
}

async fn clear(app: &App, recipient: Recipient, now: Timestamp) -> Result<(), Failure> {
    let unlocked = app.passcodes.unlock(recipient, now).await;
    unlocked.map_err(|error| Failure::from_core(&error, now))
}
