//! Malformed and unauthenticated requests, and requests during shutdown.

use countersign_server_tests::{MGMT_KEY, MGMT_SECRET, PROJECT, SECRET, Server};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::error;

#[tokio::test]
async fn hostile_requests_get_api_errors() {
    let server = Server::dev(&[]);
    let long = json!({ "phone_number": "1".repeat(20_000) }).to_string();
    for (method, path, body, status, kind) in [
        ("POST", "/v1/otps/sms/send", "{", 400, "bad_request"),
        ("POST", "/v1/otps/sms/send", "\u{0}", 400, "bad_request"),
        ("POST", "/v1/otps/sms/send", &long, 413, "request_too_large"),
        ("POST", "/v1/otps/pigeon/send", "{}", 404, "route_not_found"),
        ("POST", "/v1/otps/nothing", "{}", 404, "route_not_found"),
        ("GET", "/v1/otps/sms/send", "", 405, "method_not_allowed"),
        ("GET", "/v1/users/../../etc/passwd", "", 404, "route_not_found"),
        ("GET", "/v1/users/%00", "", 404, "user_not_found"),
        ("GET", "/v1/users/%ff", "", 404, "route_not_found"),
        ("POST", "/v1/otps/%ff/send", "{}", 404, "route_not_found"),
        ("GET", "/dev/outbox?to=a&to=b", "", 400, "bad_request"),
        ("POST", "/v1/otps/authenticate", r#"{"method_id":"x","code":"123456"}"#, 400, "invalid_method_id"),
        ("POST", "/dev/clock", r#"{"advance_seconds":-1}"#, 400, "bad_request"),
        ("POST", "/dev/clock", r#"{"advance_seconds":18446744073709551615}"#, 400, "bad_request"),
    ] {
        let response = server.send(server.request(method, path).body(body.to_owned())).await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let answer: Value = response.json().await.unwrap();
        assert_eq!((error(&answer), &answer["status_code"]), (kind, &json!(status)), "{method} {path}");
        assert_eq!(answer["request_id"], id);
        let url = answer["error_url"].as_str().unwrap();
        let page = reqwest::get(url).await.unwrap().text().await.unwrap();
        assert!(page.contains(&format!("id=\"{kind}\"")), "{url}");
    }
}

#[tokio::test]
async fn credentials_open_only_their_own_paths() {
    let server = Server::dev(&[]);
    let list = "/pwa/v3/projects/p/environments/e/allowed_country_codes/sms";
    for (user, secret, api, lists) in [
        (PROJECT, SECRET, 200, 401),
        (MGMT_KEY, MGMT_SECRET, 401, 200),
        (PROJECT, "wrong", 401, 401),
        ("", "", 401, 401),
    ] {
        let get = async |path: String| {
            let request = server.request_as(user, secret, "GET", &path);
            server.send(request).await.status().as_u16()
        };
        let user_id = server.login("+12025550110").await["user_id"].as_str().unwrap().to_owned();
        assert_eq!(
            (get(format!("/v1/users/{user_id}")).await, get(list.into()).await),
            (api, lists),
            "{user}"
        );
    }
}

#[tokio::test]
async fn stopping_server_answers_pending_requests() {
    let mut server = Server::dev(&[]);
    let logins: Vec<_> = (0..20).map(|n| format!("+120255503{n:02}")).collect();
    let pending = join_all(logins.iter().map(|number| server.login(number)));
    let answers = pending.await;
    assert!(answers.iter().all(|answer| answer["status_code"] == 200));
    server.terminate();
    assert!(server.exited_within(countersign_engines::TIMEOUT), "the server did not exit after SIGTERM");
}
