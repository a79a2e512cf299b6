//! The routes.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use countersign::Channel;
use serde_json::json;

use crate::app::App;
use crate::body::{Body, answer};
use crate::failure::{Failure, Kind};
use crate::guards::{require_project, require_workspace};
use crate::parameters::InPath;
use crate::users::endpoints as users;
use crate::{allowlists, authenticate, dev, errors, fraud, observe, otps, page, totps, unlock};

/// The longest body that the API accepts, in bytes.
const MAX_BODY: usize = 16 * 1024;

type Shared = State<Arc<App>>;
type Answer = Result<Response, Failure>;

/// Returns the router with all routes.
pub fn routes(app: &Arc<App>) -> Router {
    let project = Router::new()
        .route("/v1/otps/{channel}/send", post(send))
        .route("/v1/otps/{channel}/login_or_create", post(login_or_create))
        .route("/v1/otps/authenticate", post(authenticate))
        .route("/v1/totps", post(create_totp))
        .route("/v1/totps/authenticate", post(authenticate_totp))
        .route("/v1/totps/recovery_codes", post(recovery_codes))
        .route("/v1/totps/recover", post(recover))
        .route("/v1/users", post(create_user))
        .route("/v1/users/{user_id}", get(get_user))
        .route("/v1/users/totps/{totp_id}", delete(delete_totp))
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), require_project));
    let workspace = Router::new()
        .route(
            "/pwa/v3/projects/{project}/environments/{environment}/allowed_country_codes/{channel}",
            get(allowlist).post(set_allowlist),
        )
        .route("/pwa/v3/projects/{project}/environments/{environment}/unlock", post(unlock))
        .merge(fraud::routes())
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), require_workspace));
    let open = Router::new()
        .route("/v1/sessions/jwks/{project_id}", get(jwks))
        .route("/errors", get(errors::page))
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics));
    let mut all = project.merge(workspace).merge(open).merge(page::routes(app));
    if app.dev.is_some() {
        let for_development = Router::new()
            .route("/dev/outbox", get(dev::outbox))
            .route("/dev/clock", post(dev::clock))
            .route_layer(middleware::from_fn(dev::own_pages_only));
        all = all.merge(for_development);
    }
    all = all
        .method_not_allowed_fallback(async || Failure::of(Kind::MethodNotAllowed))
        .fallback(async || Failure::of(Kind::RouteNotFound));
    if app.dev.is_some() {
        all = all.layer(middleware::from_fn(dev::loopback_names_only));
    }
    all.layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(app), observe::observe))
        .with_state(Arc::clone(app))
}

async fn send(
    State(app): Shared,
    InPath(channel): InPath<String>,
    headers: HeaderMap,
    Body(request): Body<otps::SendRequest>,
) -> Answer {
    otps::send(&app, known(&channel)?, request.with_headers(&app, &headers)).await
}

async fn login_or_create(
    State(app): Shared,
    InPath(channel): InPath<String>,
    headers: HeaderMap,
    Body(request): Body<otps::SendRequest>,
) -> Answer {
    otps::login_or_create(&app, known(&channel)?, request.with_headers(&app, &headers)).await
}

async fn authenticate(State(app): Shared, Body(request): Body<authenticate::AuthenticateRequest>) -> Answer {
    authenticate::authenticate(&app, request).await
}

async fn create_totp(State(app): Shared, Body(request): Body<totps::CreateTotp>) -> Answer {
    totps::create(&app, request).await
}

async fn authenticate_totp(State(app): Shared, Body(request): Body<totps::AuthenticateTotp>) -> Answer {
    totps::authenticate(&app, request).await
}

async fn recovery_codes(State(app): Shared, Body(request): Body<totps::OfUser>) -> Answer {
    totps::recovery_codes(&app, request).await
}

async fn recover(State(app): Shared, Body(request): Body<totps::Recover>) -> Answer {
    totps::recover(&app, request).await
}

async fn create_user(State(app): Shared, Body(request): Body<users::CreateUser>) -> Answer {
    users::create(&app, request).await
}

async fn get_user(State(app): Shared, InPath(user_id): InPath<String>) -> Answer {
    users::get(&app, &user_id).await
}

async fn delete_totp(State(app): Shared, InPath(totp_id): InPath<String>) -> Answer {
    totps::delete(&app, &totp_id).await
}

async fn allowlist(State(app): Shared, InPath((_, _, channel)): InPath<(String, String, String)>) -> Answer {
    allowlists::get(&app, with_countries(&channel)?).await
}

async fn set_allowlist(
    State(app): Shared,
    InPath((_, _, channel)): InPath<(String, String, String)>,
    Body(request): Body<allowlists::SetAllowlist>,
) -> Answer {
    allowlists::set(&app, with_countries(&channel)?, request).await
}

async fn unlock(State(app): Shared, Body(request): Body<unlock::UnlockRequest>) -> Answer {
    unlock::unlock(&app, request).await
}

async fn jwks(State(app): Shared) -> Answer {
    answer(app.sessions.jwks())
}

/// Whether the server can do its work, which requires an engine that accepts writes.
async fn healthz(State(app): Shared) -> Answer {
    app.health.check().await?;
    Ok(Json(json!({ "status": "ok" })).into_response())
}

async fn metrics(State(app): Shared) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.render()).into_response()
}

fn known(channel: &str) -> Result<Channel, Failure> {
    channel.parse().map_err(|_| Failure::of(Kind::RouteNotFound))
}

fn with_countries(channel: &str) -> Result<Channel, Failure> {
    known(channel).and_then(|channel| match channel {
        Channel::Email => Err(Failure::of(Kind::RouteNotFound)),
        channel => Ok(channel),
    })
}
