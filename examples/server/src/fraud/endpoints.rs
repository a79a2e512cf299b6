//! `…/guard/…` under `/pwa/v3/projects/{slug}/environments/{slug}`: what operators see and do.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use countersign::error::Fault;
use countersign::guard::{Override, Scope};
use countersign::{Challenge, Channel, Error, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::overrides::{self, OverrideError};
use super::present::guarding;
use super::{Requester, import, shown};
use crate::app::App;
use crate::body::{Body, answer};
use crate::clock::Rfc3339;
use crate::failure::{Failure, Kind};
use crate::recipients::phone;
use crate::users::{Call, Refused};

type Shared = State<Arc<App>>;
type Answer = Result<Response, Failure>;

/// Returns the routes. Without a guard, they are not found.
pub fn routes() -> Router<Arc<App>> {
    let path = |name| format!("/pwa/v3/projects/{{project}}/environments/{{environment}}/guard/{name}");
    Router::new()
        .route(&path("refusals"), get(refusals))
        .route(&path("explain"), post(explain))
        .route(&path("forgive"), post(forgive))
        .route(&path("overrides"), get(list_overrides).post(put_override))
        .route(&path("import"), post(import::import))
}

/// Returns the last refusals of this server.
async fn refusals(State(app): Shared) -> Answer {
    answer(json!({ "refusals": guarding(&app)?.refusals.newest_first() }))
}

/// A send to rule on.
#[derive(Deserialize)]
struct ExplainRequest {
    phone_number: String,
    channel: Option<String>,
    user_id: Option<String>,
    attributes: Option<Value>,
    vouched: Option<bool>,
}

/// Rules on a send as if it were requested now.
async fn explain(State(app): Shared, Body(request): Body<ExplainRequest>) -> Answer {
    let (guarding, now) = (guarding(&app)?, app.now().await?);
    let (recipient, channel) = (phone(&request.phone_number)?, channel(request.channel.as_deref())?);
    let policy = app.policies.of(channel).await?;
    let call = Call::Send(request.user_id.as_deref());
    let requester = Requester::new(request.attributes.as_ref(), request.vouched == Some(true));
    // Without a user, this is a login of somebody new.
    let requester = match app.users.admit(call, &recipient, now).await? {
        Ok(admitted) => requester.with_user(&app, admitted.user.as_ref(), now).await?,
        Err(Refused::NoUser) => return Err(Failure::of(Kind::UserNotFound)),
        Err(_) => requester,
    };
    let challenge = requester.describe(Challenge::new(&recipient).with_policy(&policy));
    let ruling = guarding.explain(challenge, channel, now).await;
    answer(shown::ruling(&ruling.map_err(|error| Failure::from_core(&error, now))?))
}

/// A tally to forgive.
#[derive(Deserialize)]
struct ForgiveRequest {
    scope: String,
    channel: Option<String>,
}

/// Clears what is unanswered in a scope.
async fn forgive(State(app): Shared, Body(request): Body<ForgiveRequest>) -> Answer {
    let (guarding, now) = (guarding(&app)?, app.now().await?);
    let message = "scope: expected a block of 100, 1,000, 10,000 or 1,000,000 numbers (+44770090xxxx), a region (GB) or purse";
    let unknown = || Failure::new(Kind::BadRequest, message);
    let scope: Scope = request.scope.parse().map_err(|_| unknown())?;
    let forgiven = guarding.forgive(channel(request.channel.as_deref())?, scope, now).await;
    forgiven.map_err(|error| match error {
        Error::Fault(Fault::NoTallyOfScope) => unknown(),
        error => Failure::from_core(&error, now),
    })?;
    answer(json!({}))
}

/// An override to make, or to end with 0 minutes.
#[derive(Deserialize)]
struct OverrideRequest {
    scope: String,
    treatment: Value,
    minutes: u64,
}

/// Makes an override.
async fn put_override(State(app): Shared, Body(request): Body<OverrideRequest>) -> Answer {
    let (guarding, now) = (guarding(&app)?, app.now().await?);
    let bad = |error: OverrideError| Failure::new(Kind::BadRequest, error.to_string());
    let lasts = Duration::from_secs(request.minutes.saturating_mul(60));
    let rule = overrides::read(&request.scope, &request.treatment, lasts, now).map_err(bad)?;
    let rules = guarding.overrides.put(rule, now).await?.map_err(bad)?;
    answer(json!({ "overrides": listed(&rules, now) }))
}

/// Returns the overrides in force.
async fn list_overrides(State(app): Shared) -> Answer {
    let (guarding, now) = (guarding(&app)?, app.now().await?);
    answer(json!({ "overrides": listed(&guarding.overrides.read().await?.0, now) }))
}

fn listed(rules: &[Override], now: Timestamp) -> Vec<Value> {
    let in_force = rules.iter().filter(|rule| now < rule.until());
    let shown = in_force.map(|rule| {
        let (scope, until) = (overrides::scope(rule), Rfc3339(rule.until()));
        json!({ "scope": scope, "treatment": rule.treatment(), "until": until })
    });
    shown.collect()
}

/// Parses the channel, SMS by default.
fn channel(name: Option<&str>) -> Result<Channel, Failure> {
    match name {
        None | Some("sms") => Ok(Channel::Sms),
        Some("whatsapp") => Ok(Channel::WhatsApp),
        Some(_) => Err(Failure::new(Kind::BadRequest, "channel: expected sms or whatsapp")),
    }
}
