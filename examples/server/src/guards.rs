//! Who is let through to a route.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// Lets those through who show the project's credentials.
pub async fn of_the_project(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.project.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// Lets those through who show the workspace's.
pub async fn of_the_workspace(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.workspace.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}
