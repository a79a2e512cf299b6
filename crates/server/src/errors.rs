//! `GET /errors`: what each type of error means. Every error's `error_url` leads here.

use std::fmt::Write;

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::failure::Kind;

/// The page, which needs nothing but itself.
pub async fn page() -> Response {
    let mut rows = String::new();
    for kind in Kind::ALL {
        let (name, status, when) = (kind.name(), kind.status().as_u16(), kind.when());
        // Writing to a string does not fail.
        let _ = write!(
            rows,
            "<tr id=\"{name}\"><th scope=\"row\"><code>{name}</code></th><td>{status}</td><td>{when}</td></tr>"
        );
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Errors</title><h1>Errors</h1><table><thead><tr><th scope=\"col\">error_type<th scope=\"col\">HTTP<th scope=\"col\">when\
         </thead><tbody>{rows}</tbody></table></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, page).into_response()
}
