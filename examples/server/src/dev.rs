//! What only a server for development has: messages to be read, and a clock that can be put forward.

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

/// Whose messages.
#[derive(Deserialize)]
pub struct To {
    to: Option<String>,
}

/// `GET /dev/outbox?to=…`: the messages to a number or an address, the oldest first.
///
/// # Errors
///
/// If `to` is missing, or the engine does not answer.
pub async fn outbox(State(app): State<Arc<App>>, InQuery(asked): InQuery<To>) -> Result<Response, Failure> {
    let dev = app.dev.as_ref().ok_or(Failure::of(Kind::RouteNotFound))?;
    let to = asked.to.ok_or_else(|| {
        Failure::new(Kind::BadRequest, "the parameter to is missing: a number or an address")
    })?;
    // In a query, a + that nobody escaped is a space.
    let to = to.strip_prefix(' ').map_or(to.clone(), |digits| format!("+{digits}"));
    Ok(Json(dev.outbox.read(&to).await?).into_response())
}

/// How far the clock is put forward.
#[derive(Deserialize)]
pub struct Advance {
    advance_seconds: u64,
}

/// `POST /dev/clock`: puts the clock forward, of all servers on this engine.
///
/// # Errors
///
/// If it would go too far, or the engine does not answer.
pub async fn clock(State(app): State<Arc<App>>, Body(asked): Body<Advance>) -> Result<Response, Failure> {
    let now = app.clock.advance(asked.advance_seconds).await?;
    let now =
        now.ok_or_else(|| Failure::new(Kind::BadRequest, "the clock can be put forward ten years in all"))?;
    Ok(Json(json!({ "now": Rfc3339(now) })).into_response())
}

/// A page of another site can have its name point to this machine, and read what is here; or send a form to it. So the name that a
/// browser was given must be one of loopback, and so must the page's that it comes from.
pub async fn loopback_names_only(request: Request, next: Next) -> Response {
    if is_from_here(request.headers()) {
        next.run(request).await
    } else {
        let message = "a server for development answers to 127.0.0.1, [::1] and localhost only, and to pages from there";
        Failure::new(Kind::BadRequest, message).into_response()
    }
}

/// What is for development is for the server's own pages and for who types the address: a browser says in
/// `Sec-Fetch-Site` whose page asks, also where it sends no `Origin`.
pub async fn own_pages_only(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    if matches!(site, None | Some(b"same-origin" | b"none")) {
        next.run(request).await
    } else {
        let message = "what is for development is not for pages of other sites";
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
    fn names_of_loopback() {
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
