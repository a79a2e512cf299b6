//! `GET /errors`: explains each type of error. The `error_url` of errors links here.

use std::fmt::Write;

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::failure::Kind;

/// Returns the page, which uses the login page's stylesheet.
pub async fn page() -> Response {
    let mut rows = String::new();
    for kind in Kind::ALL {
        let (name, status, when) = (kind.name(), kind.status().as_u16(), kind.when());
        // Writing to a string can't fail.
        let _ = write!(
            rows,
            "<tr id=\"{name}\"><th scope=\"row\"><code>{name}</code></th><td>{status}</td><td>{when}</td></tr>"
        );
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Errors · countersign</title>\
         <link rel=\"icon\" href=\"/page/icon.svg\"><link rel=\"stylesheet\" href=\"/page/page.css\">\
         <main><h1>Errors</h1><div class=\"card\"><table class=\"errors\"><caption class=\"unseen\">Every error, by its type</caption><thead><tr><th scope=\"col\">error_type<th scope=\"col\">HTTP\
         <th scope=\"col\">when</thead><tbody>{rows}</tbody></table></div></main></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, page).into_response()
}
