//! The request id and error page that every answer refers to.

use uuid::Uuid;

tokio::task_local! {
    static REQUEST: About;
}

#[derive(Clone, Debug)]
struct About {
    id: String,
    errors_page: String,
}

/// Returns a new id: `request-id-test-` and a UUID.
#[must_use]
pub fn new() -> String {
    format!("request-id-test-{}", Uuid::new_v4())
}

/// Runs a request with an id. `base` is the server's public URL.
pub async fn scope<F: Future>(id: String, base: &str, request: F) -> F::Output {
    let about = About { id, errors_page: format!("{base}/errors") };
    REQUEST.scope(about, request).await
}

/// Returns the current request's id, or a new one outside of requests.
#[must_use]
pub fn current() -> String {
    REQUEST.try_with(|request| request.id.clone()).unwrap_or_else(|_| new())
}

/// Returns the current request's id, or `None` outside of requests.
#[must_use]
pub fn known() -> Option<String> {
    REQUEST.try_with(|request| request.id.clone()).ok()
}

/// Returns the URL of the page that explains the errors.
#[must_use]
pub fn errors_page() -> String {
    REQUEST.try_with(|request| request.errors_page.clone()).unwrap_or_else(|_| "/errors".into())
}
