//! `POST /pwa/v3/projects/{slug}/environments/{slug}/unlock`: ends locks, on an operator's word.

use std::sync::Arc;

use axum::response::Response;
use countersign::{Recipient, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::users::{By, Call, Ruling};
use crate::recipients::{email, phone};
use crate::users::endpoints::possible;

/// Whose locks end: of exactly one of these.
#[derive(Deserialize)]
pub struct Whom {
    user_id: Option<String>,
    phone_number: Option<String>,
    email: Option<String>,
}

/// Clears the failures and locks of a number or an address, or of all those of a user. Sends stay counted.
///
/// The server shows no device tokens, so each recipient has one lane, and this reaches all of it.
///
/// # Errors
///
/// See [`Kind`].
pub async fn unlock(app: &Arc<App>, whom: Whom) -> Result<Response, Failure> {
    let now = app.now().await?;
    match (whom.user_id, whom.phone_number, whom.email) {
        (Some(user_id), None, None) => {
            for recipient in recipients_of(app, &user_id, now).await? {
                clear(app, recipient, now).await?;
            }
        }
        (None, Some(number), None) => one(app, possible(phone(&number)?)?, now).await?,
        (None, None, Some(address)) => one(app, email(&address)?, now).await?,
        _ => {
            let message = "exactly one of the fields user_id, phone_number and email is needed";
            return Err(Failure::new(Kind::BadRequest, message));
        }
    }
    answer(json!({}))
}

/// A user's own numbers and addresses. One that the user named, and that is another's by now, is not among them;
/// one whose login was not finished in time is, as long as nobody else has it: its lock is still there.
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

/// A lock outlives the claim on a number, so a number that no user has is unlocked too. One that nobody has
/// and nothing is known of is an operator's slip, who is told so.
async fn one(app: &App, recipient: Recipient, now: Timestamp) -> Result<(), Failure> {
    let mut rng = App::rng();
    let moment = app.verifier.at(now, &mut rng).asynchronously();
    // A record that can't be shown is one that needs to be mended.
    let is_known = moment
        .status(recipient.clone())
        .await
        .map_or(true, |status| status.failures_in_a_row > 0 || status.challenge.is_some());
    let unknown = if recipient.phone().is_some() { Kind::PhoneNumberNotFound } else { Kind::EmailNotFound };
    let claims = app.users.claims(&recipient).await?;
    let has_user = !matches!(claims.rule(Call::Send(None), now), Ruling::NotFound);
    clear(app, recipient, now).await?;
    if is_known || has_user { Ok(()) } else { Err(Failure::of(unknown)) }
}

async fn clear(app: &App, recipient: Recipient, now: Timestamp) -> Result<(), Failure> {
    let mut rng = App::rng();
    let unlocked = app.verifier.at(now, &mut rng).asynchronously().unlock(recipient).await;
    unlocked.map_err(|error| Failure::from_core(&error, now))
}
