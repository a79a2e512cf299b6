//! The page in a headless Chromium, talking to a real server.
//!
//! Every visit ends with two checks of the browser's log: that only this server was contacted, and
//! that the page neither failed nor violated its security policy.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

mod accessible;
mod chromium;
mod closed;
mod countries;
mod login;
mod refusals;
mod second_factor;
mod visit;

use std::fs;

use countersign_server_tests::Server;
use serde_json::json;
use visit::visit;

/// Everything the page consists of is served with its security headers.
#[tokio::test]
async fn page_has_security_headers() {
    let server = Server::dev(&[]);
    for path in [
        "/",
        "/countries",
        "/page/page.css",
        "/page/login.js",
        "/page/icon.svg",
        "/page/settings",
        "/page/countries",
    ] {
        let answer = reqwest::get(format!("{}{path}", server.base)).await.unwrap();
        assert_eq!(answer.status(), if path == "/page/countries" { 401 } else { 200 }, "{path}");
        let header = |name: &str| {
            answer.headers().get(name).unwrap_or_else(|| panic!("{path}: {name}")).to_str().unwrap()
        };
        let policy = header("content-security-policy");
        for rule in
            ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"]
        {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
    }
}

/// Takes the README's screenshot:
/// `COUNTERSIGN_SCREENSHOT=path cargo test -p countersign-server --test page -- --ignored
/// screenshot`
#[tokio::test]
#[ignore = "writes a screenshot to the path in COUNTERSIGN_SCREENSHOT"]
async fn screenshot() {
    let path = std::env::var("COUNTERSIGN_SCREENSHOT").unwrap();
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        page.sized(1120, 732).await;
        page.preferring("prefers-reduced-motion", "reduce").await;
        page.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
        page.open("/").await;
        page.type_into("#number", "+1 202 555 0162").await;
        page.sees("#decision", "Allowed").await;
        page.press("#send").await;
        let code = page.code().await;
        page.type_into("#code", &code[..4]).await;
        let answer = page.devtools("Page.captureScreenshot", json!({ "format": "png" })).await;
        use base64::Engine;
        let picture = base64::prelude::BASE64_STANDARD.decode(answer["data"].as_str().unwrap()).unwrap();
        assert!(picture.len() < 150_000, "{}", picture.len());
        fs::write(path, picture).unwrap();
    })
    .await;
}
