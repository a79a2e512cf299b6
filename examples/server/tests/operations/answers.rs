//! Properties of all answers: links to the public URL, no caching, and errors for duplicate keys.

use reqwest::StatusCode;
use serde_json::{Value, json};

use countersign_server_tests::{PROJECT, SECRET, Server};

async fn error_url(server: &Server, host: &str) -> String {
    let request = server.request("GET", "/v1/users/none").header("host", host);
    let answer: Value = server.send(request).await.json().await.unwrap();
    answer["error_url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn links_use_the_public_url_and_never_the_host_header() {
    let public = "https://login.example.com/otp";
    let slash = format!("{public}/");
    for (options, expected) in [
        (&[][..], None),
        (&["--public-url", public], Some(public)),
        (&["--public-url", &slash], Some(public)),
        (&["--public-url", public, "--origin", "example.org"], Some(public)),
        (&["--origin", "example.org"], Some("https://example.org")),
    ] {
        let server = Server::dev(options);
        let expected = expected.unwrap_or(&server.base).to_owned();
        for host in ["localhost:1", "127.0.0.1", "localhost", "evil.example"] {
            let url = error_url(&server, host).await;
            let (page, kind) = url.split_once('#').unwrap();
            assert_eq!(page, format!("{expected}/errors"), "{options:?} {host}");
            assert!(["user_not_found", "bad_request"].contains(&kind));
        }
    }
    for wrong in [
        "example.com",
        "ftp://example.com",
        "https://a:b@example.com/",
        "https://example.com/?a",
        "https://example.com/#a",
    ] {
        let said = Server::fails(&["--dev", "--listen", "127.0.0.1:0", "--public-url", wrong]);
        assert!(said.contains("--public-url"), "{said}");
    }
}

#[tokio::test]
async fn answers_are_not_cached() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550101").await;
    let code = server.code("+12025550101").await;
    let user = format!("/v1/users/{}", sent["user_id"].as_str().unwrap());
    let body = json!({ "method_id": sent["phone_id"], "code": code, "session_duration_minutes": 60 });
    for (method, path, body, status) in [
        ("POST", "/v1/otps/authenticate", &body, 200),
        ("POST", "/v1/otps/authenticate", &body, 401),
        ("POST", "/v1/otps/sms/login_or_create", &json!({ "phone_number": "+12025550101" }), 200),
        ("GET", &user, &Value::Null, 200),
        ("GET", "/dev/outbox?to=%2B12025550101", &Value::Null, 200),
        ("GET", "/page/settings", &Value::Null, 200),
        ("GET", "/healthz", &Value::Null, 200),
        ("GET", "/none", &Value::Null, 404),
    ] {
        let request = server.request(method, path);
        let answer = server.send(if body.is_null() { request } else { request.json(body) }).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        let stored: Vec<_> = answer.headers().get_all("cache-control").iter().collect();
        assert_eq!(stored, ["no-store"], "{path}");
    }
}

/// Browsers report which site a request comes from. Only the server's own pages and typed addresses
/// may read the outbox.
#[tokio::test]
async fn development_endpoints_reject_other_sites() {
    let server = Server::dev(&[]);
    server.login("+12025550101").await;
    for (site, status) in [
        (Some("same-origin"), 200),
        (Some("none"), 200),
        (None, 200),
        (Some("cross-site"), 400),
        (Some("same-site"), 400),
        (Some("Cross-Site"), 400),
        (Some(""), 400),
    ] {
        for (method, path) in [("GET", "/dev/outbox?to=%2B12025550101"), ("POST", "/dev/clock")] {
            let mut request = server.request(method, path).body(r#"{"advance_seconds":0}"#);
            if let Some(site) = site {
                request = request.header("sec-fetch-site", site);
            }
            assert_eq!(server.send(request).await.status().as_u16(), status, "{site:?} {path}");
        }
        // Any site may link to the page itself.
        let request = server.request("GET", "/").header("sec-fetch-site", "cross-site");
        assert_eq!(server.send(request).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn rejects_duplicate_keys_by_name() {
    let server = Server::dev(&[]);
    let (number, other) = ("+12025550101", "+12025550102");
    for (path, body, key) in [
        (
            "sms/login_or_create",
            format!(r#"{{"phone_number":"{number}","phone_number":"{other}"}}"#),
            "phone_number",
        ),
        (
            "sms/login_or_create",
            format!(r#"{{"phone_number":"{number}","phone_number":"{number}"}}"#),
            "phone_number",
        ),
        (
            "sms/login_or_create",
            format!(r#"{{"phone_number":"{number}","phone_numbe\u0072":"{other}"}}"#),
            "phone_number",
        ),
        (
            "sms/login_or_create",
            format!(r#"{{"unknown":1,"phone_number":"{number}","unknown":2}}"#),
            "unknown",
        ),
        (
            "sms/login_or_create",
            format!(r#"{{"phone_number":"{number}","attributes":{{"ip":[{{}},{{"a":1,"b":{{}},"a":1}}]}}}}"#),
            "attributes.ip.1.a",
        ),
        (
            "authenticate",
            r#"{"method_id":"x","code":"123456","session_custom_claims":{"plan":1,"plan":null}}"#.to_owned(),
            "session_custom_claims.plan",
        ),
    ] {
        let path = format!("/v1/otps/{path}");
        let answer = server.send(server.request("POST", &path).body(body.clone())).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{body}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["error_type"], "bad_request");
        assert_eq!(answer["error_message"], format!("duplicate key in the body: {key}"), "{body}");
        assert!(server.outbox(number).await.is_empty() && server.outbox(other).await.is_empty());
    }
    // The same key in different objects is fine, and so is the same value under two keys.
    let body = format!(
        r#"{{"phone_number":"{number}","attributes":{{"phone_number":"{number}","a":[{{"a":1}},{{"a":1}}]}}}}"#
    );
    let request = server.request_as(PROJECT, SECRET, "POST", "/v1/otps/sms/login_or_create").body(body);
    assert_eq!(server.send(request).await.status(), StatusCode::OK);
}
