//! What every answer carries, wherever it is made: the id of its request, and where its errors are explained.

use uuid::Uuid;

tokio::task_local! {
    static REQUEST: About;
}

#[derive(Clone, Debug)]
struct About {
    id: String,
    errors_page: String,
}

/// A new id: `request-id-test-` and a UUID.
#[must_use]
pub fn new() -> String {
    format!("request-id-test-{}", Uuid::new_v4())
}

/// Runs a request under its id. `base` is the server's public URL.
pub async fn scope<F: Future>(id: String, base: &str, request: F) -> F::Output {
    let about = About { id, errors_page: format!("{base}/errors") };
    REQUEST.scope(about, request).await
}

/// The id of the request that is being answered.
#[must_use]
pub fn current() -> String {
    REQUEST.try_with(|request| request.id.clone()).unwrap_or_else(|_| new())
}

/// The same; none outside of requests.
#[must_use]
pub fn known() -> Option<String> {
    REQUEST.try_with(|request| request.id.clone()).ok()
}

/// The page that explains the errors.
#[must_use]
pub fn errors_page() -> String {
    REQUEST.try_with(|request| request.errors_page.clone()).unwrap_or_else(|_| "/errors".into())
}
