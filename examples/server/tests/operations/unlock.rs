//! Only the host's operators can unlock a locked or closed number.

use reqwest::StatusCode;
use serde_json::{Value, json};

use countersign_server_tests::{MGMT_KEY, PROJECT, SECRET, Server};

const NUMBER: &str = "+12025550101";
const PATH: &str = "/pwa/v3/projects/p/environments/e/unlock";

/// Sends a code and locks its recipient with ten wrong codes.
async fn lock(server: &Server, path: &str, body: &Value, to: &str, id: &str) -> Value {
    let (status, sent) = server.post(path, body).await;
    assert_eq!(status, StatusCode::OK, "{sent}");
    let code = server.code(to).await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..10 {
        let (status, refused) = server.authenticate(&sent[id], wrong).await;
        assert_eq!((status, error(&refused)), (StatusCode::NOT_FOUND, "otp_code_not_found"));
    }
    let (status, refused) = server.post(path, body).await;
    assert_eq!((status, error(&refused)), (StatusCode::TOO_MANY_REQUESTS, "user_lock_limit_reached"));
    sent
}

async fn lock_number(server: &Server, number: &str) -> Value {
    let body = json!({ "phone_number": number });
    lock(server, "/v1/otps/sms/login_or_create", &body, number, "phone_id").await
}

async fn logs_in(server: &Server, number: &str) {
    let sent = server.login(number).await;
    let code = server.code(number).await;
    assert_eq!(server.authenticate(&sent["phone_id"], &code).await.0, StatusCode::OK);
}

/// Closes a number with a hundred wrong codes, and lets 300 days pass. Returns the users that the
/// logins created, none of which was completed in time.
async fn close_number(server: &Server) -> Vec<Value> {
    let mut users = Vec::new();
    for failures in 1..=10 {
        users.push(lock_number(server, NUMBER).await["user_id"].clone());
        if failures < 10 {
            server.advance(24 * 60 * 60).await;
        }
    }
    server.advance(300 * 24 * 60 * 60).await;
    users
}

#[tokio::test]
async fn unlocking_a_user_includes_a_number_of_an_expired_login() {
    let server = Server::dev(&[]);
    let users = close_number(&server).await;
    let last = users.last().unwrap();
    assert_eq!(server.manage("unlock", &json!({ "user_id": last })).await.0, StatusCode::OK);
    let next = lock_number(&server, NUMBER).await["user_id"].clone();
    assert!(!users.contains(&next), "the claim had ended");
    // The number belongs to that user now, and no longer to earlier ones.
    assert_eq!(server.manage("unlock", &json!({ "user_id": last })).await.0, StatusCode::OK);
    let body = json!({ "phone_number": NUMBER });
    let (status, refused) = server.post("/v1/otps/sms/send", &body).await;
    assert_eq!((status, error(&refused)), (StatusCode::TOO_MANY_REQUESTS, "user_lock_limit_reached"));
    assert_eq!(server.manage("unlock", &json!({ "user_id": next })).await.0, StatusCode::OK);
    assert_eq!(server.post("/v1/otps/sms/send", &body).await.0, StatusCode::OK);
}

#[tokio::test]
async fn unlock_reopens_a_closed_number() {
    let server = Server::dev(&[]);
    close_number(&server).await;
    let (status, refused) =
        server.post("/v1/otps/sms/login_or_create", &json!({ "phone_number": NUMBER })).await;
    assert_eq!((status, error(&refused)), (StatusCode::TOO_MANY_REQUESTS, "user_lock_limit_reached"));

    let (status, answer) = server.manage("unlock", &json!({ "phone_number": NUMBER })).await;
    assert_eq!((status, &answer["status_code"]), (StatusCode::OK, &json!(200)), "{answer}");
    assert!(answer["request_id"].as_str().unwrap().starts_with("request-id-test-"));
    logs_in(&server, NUMBER).await;
    // Earlier failures are cleared: the next lock is a first one again.
    lock_number(&server, NUMBER).await;
    server.advance(60 * 60).await;
    logs_in(&server, NUMBER).await;
}

#[tokio::test]
async fn unlocking_a_user_includes_all_contacts() {
    let server = Server::dev(&[]);
    let (number, address) = ("+12025550102", "ada@example.com");
    let (_, user) = server.post("/v1/users", &json!({ "phone_number": number, "email": address })).await;
    let user = &user["user_id"];
    let whatsapp = json!({ "phone_number": number });
    lock(&server, "/v1/otps/whatsapp/send", &whatsapp, number, "phone_id").await;
    // The lock covers the address, too. Once it has ended, the address gets one of its own.
    let email = json!({ "email": address });
    let (status, refused) = server.post("/v1/otps/email/send", &email).await;
    assert_eq!((status, error(&refused)), (StatusCode::TOO_MANY_REQUESTS, "user_lock_limit_reached"));
    server.advance(60 * 60).await;
    lock(&server, "/v1/otps/email/send", &email, address, "email_id").await;
    let other = "+12025550103";
    lock_number(&server, other).await;
    let shown = async || server.get(&format!("/v1/users/{}", user.as_str().unwrap())).await.1;
    assert_eq!(shown().await["is_locked"], true);

    assert_eq!(server.manage("unlock", &json!({ "user_id": user })).await.0, StatusCode::OK);
    assert_eq!(shown().await["is_locked"], false);
    for (path, body) in [("/v1/otps/sms/send", &whatsapp), ("/v1/otps/email/send", &email)] {
        assert_eq!(server.post(path, body).await.0, StatusCode::OK, "{path}");
    }
    let (status, _) = server.post("/v1/otps/sms/send", &json!({ "phone_number": other })).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "another user's number stays locked");
    // All failures are cleared: the next lock is a first one again, and ends after an hour.
    lock(&server, "/v1/otps/whatsapp/send", &whatsapp, number, "phone_id").await;
    server.advance(60 * 60).await;
    for (path, body) in [("/v1/otps/sms/send", &whatsapp), ("/v1/otps/email/send", &email)] {
        assert_eq!(server.post(path, body).await.0, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn unlock_by_address() {
    let server = Server::dev(&[]);
    let body = json!({ "email": "Grace@example.com" });
    lock(&server, "/v1/otps/email/login_or_create", &body, "Grace@example.com", "email_id").await;
    assert_eq!(server.manage("unlock", &json!({ "email": "grace@EXAMPLE.com" })).await.0, StatusCode::OK);
    assert_eq!(server.post("/v1/otps/email/send", &body).await.0, StatusCode::OK);
}

/// A number stays locked after the claim of the user who named it has ended, so it can still be
/// unlocked.
#[tokio::test]
async fn unlocks_a_number_that_no_user_has() {
    let server = Server::dev(&[]);
    let user = server.login("+12025550104").await["user_id"].clone();
    let body = json!({ "phone_number": NUMBER, "user_id": user });
    lock(&server, "/v1/otps/sms/send", &body, NUMBER, "phone_id").await;
    server.advance(301).await;
    let login = json!({ "phone_number": NUMBER });
    let (status, _) = server.post("/v1/otps/sms/login_or_create", &login).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(server.manage("unlock", &login).await.0, StatusCode::OK);
    logs_in(&server, NUMBER).await;
}

#[tokio::test]
async fn unlock_rejects_unknown_and_malformed_recipients() {
    let server = Server::dev(&[]);
    let user = server.login(NUMBER).await["user_id"].clone();
    for (body, status, kind) in [
        (json!({ "user_id": "user-test-none" }), 404, "user_not_found"),
        (json!({ "phone_number": "+12025550199" }), 404, "phone_number_not_found"),
        (json!({ "email": "nobody@example.com" }), 404, "email_not_found"),
        (json!({ "phone_number": "12025550101" }), 400, "invalid_phone_number"),
        (json!({ "phone_number": "+1202555010" }), 400, "invalid_phone_number"),
        (json!({ "email": "nobody" }), 400, "invalid_email"),
        (json!({}), 400, "bad_request"),
        (json!({ "user_id": null }), 400, "bad_request"),
        (json!({ "user_id": user, "phone_number": NUMBER }), 400, "bad_request"),
        (json!({ "user_id": 7 }), 400, "bad_request"),
    ] {
        let (found, refused) = server.manage("unlock", &body).await;
        assert_eq!((found.as_u16(), error(&refused)), (status, kind), "{body}");
    }
}

#[tokio::test]
async fn unlock_requires_the_management_credentials() {
    let server = Server::dev(&[]);
    lock_number(&server, NUMBER).await;
    let body = json!({ "phone_number": NUMBER });
    for (id, secret) in [(PROJECT, SECRET), (MGMT_KEY, "wrong"), ("", "")] {
        let refused = server.send(server.request_as(id, secret, "POST", PATH).json(&body)).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{id}");
        assert_eq!(error(&refused.json().await.unwrap()), "unauthorized_credentials");
    }
    let (status, _) = server.post("/v1/otps/sms/send", &body).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "it is still locked");
}

fn error(answer: &Value) -> &str {
    answer["error_type"].as_str().unwrap_or("none")
}
