//! Authentication of routes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// Requires the project's credentials.
pub async fn require_project(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.project.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// Requires the workspace's credentials.
pub async fn require_workspace(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.workspace.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}
