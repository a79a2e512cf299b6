//! The web page: a login as users see it, and the countries that codes may be sent to. Static files
//! that are compiled in and only call this server.
//!
//! The page calls the API as a host's service would. It also reads three endpoints of its own: the
//! settings, the decision on a phone number, and the lists of countries.

mod countries;
mod decision;
mod files;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use countersign::{Kind, Region};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::body::{Body, answer};
use crate::failure::Failure;
use crate::parameters::InQuery;
use crate::{guards, sandbox};

/// Returns the routes of the files and of the page's endpoints. Decisions and lists require the
/// project's credentials, like the API.
pub fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/page/decision", post(decide))
        .route("/page/countries", get(list))
        .route_layer(from_fn_with_state(Arc::clone(app), guards::require_project))
        .route("/page/settings", get(settings))
        .merge(files::routes())
        .route_layer(map_response(with_security_headers))
}

/// What the browser tells about itself.
#[derive(Deserialize)]
struct Browser {
    /// Its region. Unknown codes are ignored.
    region: Option<String>,
}

/// Returns the page's settings. In development mode they include the credentials, which are also
/// printed at start-up; otherwise users have to enter them. If the browser names a region, they
/// include a mobile number as people there write it.
async fn settings(State(app): State<Arc<App>>, InQuery(browser): InQuery<Browser>) -> Json<Value> {
    let mut settings = match &app.dev {
        Some(dev) => json!({ "dev": true, "project_id": app.project.id, "secret": dev.secret }),
        None => json!({ "dev": false }),
    };
    let region = browser.region.and_then(|code| code.parse::<Region>().ok());
    if let Some(example) = region.and_then(|region| region.example(Kind::Mobile)) {
        settings["example"] = example.national().as_str().into();
    }
    Json(settings)
}

async fn decide(
    State(app): State<Arc<App>>,
    Body(question): Body<decision::Question>,
) -> Result<Response, Failure> {
    let is_sandbox =
        |number| app.dev.is_some() && sandbox::is_sandbox(&countersign::Recipient::Phone(number));
    answer(decision::decide(&app.policies.all().await?, is_sandbox, &question))
}

async fn list(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    answer(countries::countries(&app.policies.all().await?))
}

/// Security headers: the page may only load and call this server's own files, can't be framed,
/// sends no referrer and is not cached.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types 'none'",
    ),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

async fn with_security_headers(mut response: Response) -> Response {
    let headers = HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    response.headers_mut().extend(headers);
    response
}
