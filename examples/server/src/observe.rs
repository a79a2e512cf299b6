//! Wraps every request: assigns its id, logs it, records metrics and limits its duration.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::info;

use crate::app::App;
use crate::failure::{Failure, Kind, Noted};
use crate::request_id;

/// The time limit of a request: a few calls to an engine that does not respond.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs a request to its end even if its client disconnects: a check that is dropped midway may
/// have used up a code without anyone learning the result.
///
/// The log contains the route rather than the path, because a path or query may contain a phone
/// number.
pub async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let waiting = app.metrics.in_flight();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    let method = request.method().clone();
    let id = request_id::new();
    let base = &app.public_url;

    let (task_id, task_base) = (id.clone(), base.clone());
    let task =
        app.tasks.spawn(async move { request_id::scope(task_id, &task_base, next.run(request)).await });
    let answered = tokio::time::timeout(REQUEST_TIMEOUT, task).await;
    let late = || request_id::scope(id.clone(), base, async { Failure::of(Kind::TimedOut).into_response() });
    let mut response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            request_id::scope(id.clone(), base, async { Failure::of(Kind::Internal).into_response() }).await
        }
        Err(_) => late().await,
    };

    let took = began.elapsed();
    let status = response.status().as_u16();
    let noted = response.extensions().get::<Noted>();
    if let Some(noted) = noted {
        app.metrics.denied(noted.reason);
    }
    let (error, reason) = noted.map_or(("", ""), |noted| (noted.kind.name(), noted.reason));
    app.metrics.request(matched.as_ref(), status, took);
    drop(waiting);
    info!(request_id = id, %method, route, status, error, reason, took_ms = took.as_secs_f64() * 1000.0, "answered");
    // Answers contain tokens, codes and personal data, and must not be cached.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
