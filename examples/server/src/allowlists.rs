//! `GET` and `POST /pwa/v3/projects/{slug}/environments/{slug}/allowed_country_codes/{channel}`.

use std::sync::Arc;

use axum::response::Response;
use countersign::Channel;
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};

/// The request to replace an allowlist.
#[derive(Deserialize)]
pub struct SetAllowlist {
    country_codes: Vec<String>,
}

/// Returns a channel's allowlist.
///
/// # Errors
///
/// If the engine does not answer.
pub async fn get(app: &Arc<App>, channel: Channel) -> Result<Response, Failure> {
    answer(json!({ "country_codes": app.policies.allowed(channel).await? }))
}

/// Replaces a channel's allowlist.
///
/// # Errors
///
/// See [`Kind`].
pub async fn set(app: &Arc<App>, channel: Channel, request: SetAllowlist) -> Result<Response, Failure> {
    let set = app.policies.allow(channel, request.country_codes).await?;
    let country_codes = set.map_err(|refused| {
        let kind = Kind::ALL.iter().copied().find(|kind| kind.name() == refused.wire_name());
        Failure::new(kind.unwrap_or(Kind::BadRequest), refused.to_string())
    })?;
    answer(json!({ "country_codes": country_codes }))
}
