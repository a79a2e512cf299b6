//! The page: a login as people see one, and the countries that codes may be sent to. Plain files, compiled in, that ask nobody but
//! this server for anything.
//!
//! The files call the API as a host's own service would. Beside it they read three things: whether the server is in dev, the
//! decision on a number, and the lists of countries.

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
use serde_json::{Value, json};

use crate::app::App;
use crate::body::{Body, answer};
use crate::failure::Failure;
use crate::{guards, sandbox};

/// The files, and what they read. Decisions and lists are for those who know the project's credentials, as the API is.
pub fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/page/decision", post(decide))
        .route("/page/countries", get(list))
        .route_layer(from_fn_with_state(Arc::clone(app), guards::of_the_project))
        .route("/page/settings", get(settings))
        .merge(files::routes())
        .route_layer(map_response(guarded))
}

/// In dev the page knows the credentials, which are printed as well; whoever opens another server's page has to know them.
async fn settings(State(app): State<Arc<App>>) -> Json<Value> {
    Json(match &app.dev {
        Some(dev) => json!({ "dev": true, "project_id": app.project.id, "secret": dev.secret }),
        None => json!({ "dev": false }),
    })
}

async fn decide(
    State(app): State<Arc<App>>,
    Body(question): Body<decision::Question>,
) -> Result<Response, Failure> {
    let for_tests =
        |number| app.dev.is_some() && sandbox::is_for_tests(&countersign::Recipient::Phone(number));
    answer(decision::decide(&app.policies.all().await?, for_tests, &question))
}

async fn list(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    answer(countries::countries(&app.policies.all().await?))
}

/// Nothing but this server's own files runs, is shown or is called; nobody frames the page, hears where its reader came from, or
/// keeps what it read.
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

async fn guarded(mut response: Response) -> Response {
    let headers = HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    response.headers_mut().extend(headers);
    response
}
