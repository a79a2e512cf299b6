//! `POST /v1/otps/{channel}/send` and `…/login_or_create`.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;
use countersign::message::{CodeExpired, Locale, PasscodeMessage};
use countersign::{Challenge, Channel, Error, Handle, Issued, Lifetime, Policy, Recipient, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::account;
use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::fraud::Requester;
use crate::recipients::{duplicate, email, id_name, phone};
use crate::sandbox;
use crate::sending::{Delivery, Message, Receipt};
use crate::users::{Admitted, Call, Given, Refused, Status, written};

/// A request to send a passcode. Unknown fields are ignored.
#[derive(Deserialize)]
pub struct SendRequest {
    phone_number: Option<String>,
    email: Option<String>,
    expiration_minutes: Option<i64>,
    locale: Option<String>,
    user_id: Option<String>,
    session_token: Option<String>,
    session_jwt: Option<String>,
    create_user_as_pending: Option<bool>,
    attributes: Option<Value>,
    /// Whether the caller vouches for the person, in a header.
    #[serde(skip)]
    is_vouched: bool,
}

/// Sends a passcode to a user's phone number or email address.
///
/// # Errors
///
/// See [`Kind`].
pub async fn send(app: &Arc<App>, channel: Channel, request: SendRequest) -> Result<Response, Failure> {
    let now = app.now().await?;
    let (recipient, terms) = request.read(channel)?;
    if app.dev.is_some() && sandbox::is_sandbox(&recipient) {
        return sandbox::send(app, &recipient, false, now).await;
    }
    let policy = decide(app, &recipient, channel).await?;
    let wanted = match &request.user_id {
        Some(user_id) => Some(user_id.clone()),
        None => {
            app.sessions.user(request.session_token.as_deref(), request.session_jwt.as_deref(), now).await?
        }
    };
    let call = Call::Send(wanted.as_deref());
    let given = issue(app, &policy, &recipient, terms, call, now).await?;
    answer(json!({ "user_id": given.user_id, id_name(&recipient): given.method_id }))
}

/// Sends a passcode to a phone number or email address, and creates a user if there is none.
///
/// # Errors
///
/// See [`Kind`].
pub async fn login_or_create(
    app: &Arc<App>,
    channel: Channel,
    request: SendRequest,
) -> Result<Response, Failure> {
    let now = app.now().await?;
    let (recipient, terms) = request.read(channel)?;
    if app.dev.is_some() && sandbox::is_sandbox(&recipient) {
        return sandbox::send(app, &recipient, true, now).await;
    }
    let policy = decide(app, &recipient, channel).await?;
    let pending = request.create_user_as_pending == Some(true);
    let call = Call::LoginOrCreate(if pending { Status::Pending } else { Status::Active });
    let given = issue(app, &policy, &recipient, terms, call, now).await?;
    answer(json!({
        "user_id": given.user_id,
        id_name(&recipient): given.method_id,
        "user_created": given.created,
    }))
}

/// The terms of a passcode.
struct Terms {
    channel: Channel,
    lifetime: Lifetime,
    locale: Locale,
    requester: Requester,
}

impl SendRequest {
    /// Reads the header with which the caller vouches for the person, if there is one.
    #[must_use]
    pub fn with_headers(self, app: &App, headers: &HeaderMap) -> Self {
        let vouched = app.vouched_header.as_ref().and_then(|name| headers.get(name));
        Self { is_vouched: vouched.is_some_and(|value| value == "true"), ..self }
    }

    fn read(&self, channel: Channel) -> Result<(Recipient, Terms), Failure> {
        let missing = |field| Failure::new(Kind::BadRequest, format!("the field {field} is missing"));
        let recipient = if channel == Channel::Email {
            email(self.email.as_deref().ok_or_else(|| missing("email"))?)?
        } else {
            phone(self.phone_number.as_deref().ok_or_else(|| missing("phone_number"))?)?
        };
        let lifetime = match self.expiration_minutes {
            None => Lifetime::DEFAULT,
            Some(minutes) => u64::try_from(minutes)
                .ok()
                .and_then(|minutes| Lifetime::from_minutes(minutes).ok())
                .ok_or(Failure::of(Kind::InvalidExpiration))?,
        };
        let locale = match &self.locale {
            None => Locale::default(),
            Some(tag) => tag.parse().map_err(|_| Failure::of(Kind::InvalidLocale))?,
        };
        let requester = Requester::new(self.attributes.as_ref(), self.is_vouched);
        Ok((recipient, Terms { channel, lifetime, locale, requester }))
    }
}

fn refused(refused: Refused, recipient: &Recipient) -> Failure {
    Failure::of(match refused {
        Refused::NotFound if recipient.phone().is_some() => Kind::PhoneNumberNotFound,
        Refused::NotFound => Kind::EmailNotFound,
        Refused::Taken => duplicate(recipient),
        Refused::NoUser => Kind::UserNotFound,
        Refused::TooMany => Kind::TooManyUnverifiedFactors,
    })
}

/// Returns the policy if it allows the send. It is checked before any lookup, so that the answer
/// for a refused country does not depend on who has the number.
async fn decide(app: &App, recipient: &Recipient, channel: Channel) -> Result<Policy, Failure> {
    let policy = app.policies.of(channel).await?;
    if let Some(number) = recipient.phone() {
        let denied = |reason| Failure::from_core(&Error::Denied(reason), Timestamp::EPOCH);
        policy.decide(number, channel).into_result().map_err(denied)?;
    }
    Ok(policy)
}

/// How often a code is issued anew because its number went to another user meanwhile. Each time,
/// somebody else's call succeeded.
const ATTEMPTS: u32 = 3;

/// Issues the code, then records the claim on the recipient, then sends the message. A refused
/// request records nothing and sends nothing.
async fn issue(
    app: &Arc<App>,
    policy: &Policy,
    recipient: &Recipient,
    terms: Terms,
    call: Call<'_>,
    now: Timestamp,
) -> Result<Given, Failure> {
    for _ in 0..ATTEMPTS {
        let admitted = app.users.admit(call, recipient, now).await?;
        let admitted = admitted.map_err(|no| refused(no, recipient))?;
        let place = app.sender.place().map_err(|_| Failure::of(Kind::QueueFull))?;
        let (issued, given) = code(app, policy, recipient, &terms, call, &admitted, now).await?;
        if given.user_id != admitted.user_id() {
            // The code belongs to the account of a user who was never created.
            not_sent(Arc::clone(app), recipient.clone(), issued.handle()).await;
            continue;
        }
        let message = async {
            let to = in_users_spelling(app, recipient, &given.method_id).await?;
            message(app, &to, terms.locale, &issued, now).map_err(|_| Failure::of(Kind::Internal))
        };
        let message = match message.await {
            Ok(message) => message,
            Err(failure) => {
                app.tasks.spawn(not_sent(Arc::clone(app), recipient.clone(), issued.handle()));
                return Err(failure);
            }
        };
        let (receipt, delivery) = Receipt::new();
        place.take(message, receipt).await;
        app.tasks.spawn(delivered(Arc::clone(app), recipient.clone(), issued.handle(), delivery));
        return Ok(given);
    }
    Err(Failure::of(Kind::StoreUnavailable))
}

/// Issues a code and records the claim.
async fn code(
    app: &Arc<App>,
    policy: &Policy,
    recipient: &Recipient,
    terms: &Terms,
    call: Call<'_>,
    admitted: &Admitted,
    now: Timestamp,
) -> Result<(Issued, Given), Failure> {
    // Wrong codes count as failures of the user. A code expires with the claim that it verifies.
    let mut challenge = Challenge::new(recipient)
        .with_account(&account(admitted.user_id())?)
        .with_lifetime(terms.lifetime)
        .with_deadline(admitted.until)
        .with_policy(policy);
    if app.passcodes.guarding().is_some() {
        let requester = terms.requester.clone().with_user(app, admitted.user.as_ref(), now).await?;
        challenge = requester.describe(challenge);
    }
    let issued = app.passcodes.start(recipient, challenge, terms.channel, now).await;
    let issued = issued.map_err(|error| {
        let may_vouch = matches!(&error, Error::Guarded(ruling) if ruling.may_vouch());
        Failure::from_core(&error, now).with_may_vouch(may_vouch && app.vouched_header.is_some())
    })?;
    let mark = Some(issued.code().as_str());
    let given = match app.users.give_to(&admitted.new_user, call, recipient, mark, now).await {
        Ok(given) => given.map_err(|no| refused(no, recipient)),
        Err(error) => Err(error.into()),
    };
    match given {
        Ok(given) => Ok((issued, given)),
        Err(failure) => {
            app.tasks.spawn(not_sent(Arc::clone(app), recipient.clone(), issued.handle()));
            Err(failure)
        }
    }
}

/// Returns the recipient in the user's spelling. Email addresses that differ only in ASCII case
/// belong to one user, although a mail server may have a mailbox for each; the code goes to the
/// address that the user has.
async fn in_users_spelling(app: &App, recipient: &Recipient, method_id: &str) -> Result<Recipient, Failure> {
    if recipient.phone().is_some() {
        return Ok(recipient.clone());
    }
    let method = app.users.method(method_id).await?;
    method.and_then(|method| method.recipient()).ok_or(Failure::of(Kind::Internal))
}

fn message(
    app: &App,
    recipient: &Recipient,
    locale: Locale,
    issued: &Issued,
    now: Timestamp,
) -> Result<Message, CodeExpired> {
    let mut words = PasscodeMessage::new(app.wording.app_name, locale);
    if let Some(domain) = app.wording.origin {
        words = words.with_web_otp(domain);
    }
    Ok(Message {
        id: Uuid::new_v4(),
        to: written(recipient),
        channel: issued.channel(),
        locale,
        subject: (issued.channel() == Channel::Email).then(|| words.subject().to_string()),
        body: words.render(issued, now)?.to_wiped(),
        code: issued.code().clone(),
        expires_at: issued.expires_at(),
    })
}

async fn delivered(
    app: Arc<App>,
    recipient: Recipient,
    handle: Handle,
    delivery: tokio::sync::oneshot::Receiver<Delivery>,
) {
    let delivery = delivery.await.unwrap_or(Delivery::GivenUp);
    app.metrics.delivered(delivery);
    if delivery == Delivery::GivenUp {
        not_sent(app, recipient, handle).await;
    }
}

/// Ends the cooldown of a message that was not sent, so that the user can request another one at
/// once.
async fn not_sent(app: Arc<App>, recipient: Recipient, handle: Handle) {
    let Ok(now) = app.clock.now().await else { return };
    let told = app.passcodes.undelivered(recipient, handle, now).await;
    tracing::warn!(cooldown_ended = told.is_ok(), "a passcode was not sent");
}
