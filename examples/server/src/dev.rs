//! Endpoints of development mode: reading messages and advancing the clock.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::body::Body;
use crate::clock::Rfc3339;
use crate::failure::{Failure, Kind};
use crate::parameters::InQuery;

/// The recipient whose messages are requested.
#[derive(Deserialize)]
pub struct To {
    to: Option<String>,
}

/// `GET /dev/outbox?to=…`: returns the messages to a phone number or email address, oldest first.
///
/// # Errors
///
/// If `to` is missing, or the engine does not respond.
pub async fn outbox(State(app): State<Arc<App>>, InQuery(asked): InQuery<To>) -> Result<Response, Failure> {
    let dev = app.dev.as_ref().ok_or(Failure::of(Kind::RouteNotFound))?;
    let to = asked.to.ok_or_else(|| {
        Failure::new(Kind::BadRequest, "missing query parameter: to (a phone number or an email address)")
    })?;
    // In a query string, an unescaped + decodes to a space.
    let to = to.strip_prefix(' ').map_or(to.clone(), |digits| format!("+{digits}"));
    Ok(Json(dev.outbox.read(&to).await?).into_response())
}

/// A request to advance the clock.
#[derive(Deserialize)]
pub struct Advance {
    advance_seconds: u64,
}

/// `POST /dev/clock`: advances the clock of all servers on this engine.
///
/// # Errors
///
/// If the clock would be too far ahead, or the engine does not respond.
pub async fn clock(State(app): State<Arc<App>>, Body(asked): Body<Advance>) -> Result<Response, Failure> {
    let now = app.clock.advance(asked.advance_seconds).await?;
    let now = now.ok_or_else(|| {
        Failure::new(Kind::BadRequest, "the clock can be advanced by at most ten years in total")
    })?;
    Ok(Json(json!({ "now": Rfc3339(now) })).into_response())
}

/// Rejects requests unless `Host` and `Origin` are loopback names. Otherwise a website could point
/// its own name at this machine (DNS rebinding) and read what is here, or submit a form to it.
pub async fn loopback_names_only(request: Request, next: Next) -> Response {
    if is_from_here(request.headers()) {
        next.run(request).await
    } else {
        let message = "a development server only accepts requests for, and from pages on, 127.0.0.1, [::1] and localhost";
        Failure::new(Kind::BadRequest, message).into_response()
    }
}

/// Rejects requests from pages of other sites. Browsers report the site in `Sec-Fetch-Site`, even
/// without an `Origin`; the server's own pages and typed addresses are accepted.
pub async fn own_pages_only(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    if matches!(site, None | Some(b"same-origin" | b"none")) {
        next.run(request).await
    } else {
        let message = "development endpoints can't be used by pages of other sites";
        Failure::new(Kind::BadRequest, message).into_response()
    }
}

fn is_from_here(headers: &HeaderMap) -> bool {
    let named = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let origin = named(header::ORIGIN).map(|origin| origin.split_once("://").map_or("", |(_, host)| host));
    named(header::HOST).is_some_and(is_loopback) && origin.is_none_or(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or_default(),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let is_name = name.eq_ignore_ascii_case("localhost")
        || name.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    is_name && is_port
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn recognises_loopback_names() {
        for name in
            ["127.0.0.1", "127.0.0.1:8080", "127.8.8.8:1", "localhost", "LOCALHOST:80", "[::1]:8080", "[::1]"]
        {
            assert!(is_loopback(name), "{name}");
        }
        for name in [
            "",
            "example.com",
            "localhost.example.com:80",
            "127.0.0.1.example.com",
            "10.0.0.1",
            "127.0.0.1:80.example.com",
            "[::1].example.com",
            "[::1",
            "localhost:",
            "[::2]:1",
            "0.0.0.0",
        ] {
            assert!(!is_loopback(name), "{name}");
        }
    }
}
