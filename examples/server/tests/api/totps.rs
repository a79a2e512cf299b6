//! Authenticator apps and recovery codes.

mod at_rest;
mod concurrent;
mod locks;
mod recovery;

use countersign_server_tests::{Authenticator, Server};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::error;

/// Logs in with a new number. Returns the user's id.
async fn person(server: &Server, number: &str) -> Value {
    let sent = server.login(number).await;
    let code = server.code(number).await;
    let (status, passed) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!(status, StatusCode::OK, "{passed}");
    passed["user_id"].clone()
}

/// Begins an enrolment. Returns the answer and the app that has scanned the QR code.
async fn create(server: &Server, user_id: &Value) -> (Value, Authenticator) {
    let (status, created) = server.post("/v1/totps", &json!({ "user_id": user_id })).await;
    assert_eq!(status, StatusCode::OK, "{created}");
    let app = Authenticator::scan(created["qr_code"].as_str().unwrap());
    (created, app)
}

/// Enrols an app, and waits for its next code.
async fn enrol(server: &Server, user_id: &Value) -> (Value, Authenticator) {
    let (created, app) = create(server, user_id).await;
    let (status, passed) = authenticate(server, user_id, &app.code(server)).await;
    assert_eq!(status, StatusCode::OK, "{passed}");
    server.advance(30).await;
    (created, app)
}

async fn authenticate(server: &Server, user_id: &Value, code: &str) -> (StatusCode, Value) {
    server.post("/v1/totps/authenticate", &json!({ "user_id": user_id, "totp_code": code })).await
}

async fn recover(server: &Server, user_id: &Value, code: &Value) -> (StatusCode, Value) {
    server.post("/v1/totps/recover", &json!({ "user_id": user_id, "recovery_code": code })).await
}

async fn shown(server: &Server, user_id: &Value) -> Value {
    server.get(&format!("/v1/users/{}", user_id.as_str().unwrap())).await.1
}

/// Returns the status and the error type.
fn refused(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), error(&answer.1))
}

#[tokio::test]
async fn first_code_confirms_the_app() {
    let server = Server::dev(&[]);
    let user_id = person(&server, "+12025550101").await;
    let (created, app) = create(&server, &user_id).await;
    assert_eq!(created["user_id"], user_id);
    assert_eq!(created["secret"], app.secret());
    assert_eq!(app.names(), ("Countersign", "+12025550101"));
    let codes: Vec<_> = created["recovery_codes"].as_array().unwrap().iter().map(Value::as_str).collect();
    assert_eq!(codes.len(), 10);
    let is_well_formed = |code: &str| {
        let groups: Vec<_> = code.split('-').collect();
        let is_group = |group: &&str| {
            group.len() == 4 && group.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        groups.len() == 3 && groups.iter().all(is_group)
    };
    assert!(codes.iter().all(|code| code.is_some_and(is_well_formed)), "{codes:?}");
    let totps = |verified: bool| json!([{ "totp_id": created["totp_id"], "verified": verified }]);
    assert_eq!(created["user"]["totps"], totps(false));
    assert_eq!(shown(&server, &user_id).await["totps"], totps(false));

    let wrong = authenticate(&server, &user_id, &app.wrong_code(&server)).await;
    assert_eq!(refused(&wrong), (401, "unable_to_authenticate_totp"));
    let code = app.code(&server);
    let (status, passed) = authenticate(&server, &user_id, &format!("{} {}", &code[..3], &code[3..])).await;
    assert_eq!(status, StatusCode::OK, "{passed}");
    assert_eq!((&passed["user_id"], &passed["totp_id"]), (&user_id, &created["totp_id"]));
    assert_eq!((&passed["session"], &passed["session_token"]), (&Value::Null, &json!("")));
    assert_eq!(passed["user"]["totps"], totps(true));
    assert_eq!(shown(&server, &user_id).await["totps"], totps(true));

    let again = authenticate(&server, &user_id, &code).await;
    assert_eq!(refused(&again), (401, "totp_code_already_authenticated"));
    let other = server.post("/v1/totps", &json!({ "user_id": user_id })).await;
    assert_eq!(refused(&other), (400, "active_totp_exists"));
    server.advance(30).await;
    assert_eq!(authenticate(&server, &user_id, &app.code(&server)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn app_shows_the_email_address_or_else_the_user_id() {
    let server = Server::dev(&["--app-name", "Acme: Rome"]);
    let long = format!("{}@example.com", "x".repeat(60));
    for (body, name) in [
        (json!({ "email": "Ada@example.com", "phone_number": "+12025550101" }), Some("Ada@example.com")),
        (json!({ "email": long }), None),
        (json!({}), None),
    ] {
        let (_, user) = server.post("/v1/users", &body).await;
        let (_, app) = create(&server, &user["user_id"]).await;
        assert_eq!(app.names(), ("Acme- Rome", name.unwrap_or(user["user_id"].as_str().unwrap())));
    }
}

#[tokio::test]
async fn rejects_malformed_requests() {
    let server = Server::dev(&[]);
    let user_id = person(&server, "+12025550101").await;
    for minutes in [json!(4), json!(1441), json!(0), json!(-5), json!(i64::MAX), json!("60"), json!(5.5)] {
        let refusal =
            server.post("/v1/totps", &json!({ "user_id": user_id, "expiration_minutes": minutes })).await;
        assert_eq!(refused(&refusal), (400, "bad_request"), "{minutes}");
    }
    assert_eq!(shown(&server, &user_id).await["totps"], json!([]));
    for minutes in [json!(5), json!(1440), Value::Null] {
        let body = json!({ "user_id": user_id, "expiration_minutes": minutes });
        assert_eq!(server.post("/v1/totps", &body).await.0, StatusCode::OK, "{minutes}");
    }
    let mut unknown = json!({ "totp_code": "123456", "recovery_code": "aaaa-bbbb-cccc" });
    for (user_id, kind) in
        [(json!("user-test-none"), (404, "user_not_found")), (json!(7), (400, "bad_request"))]
    {
        unknown["user_id"] = user_id;
        for path in ["", "/authenticate", "/recover", "/recovery_codes"] {
            assert_eq!(refused(&server.post(&format!("/v1/totps{path}"), &unknown).await), kind, "{path}");
        }
    }
    for body in [json!({ "user_id": user_id }), json!({ "user_id": user_id, "totp_code": 123_456 })] {
        assert_eq!(refused(&server.post("/v1/totps/authenticate", &body).await), (400, "bad_request"));
    }
}

#[tokio::test]
async fn code_of_no_app_or_malformed_code() {
    let server = Server::dev(&[]);
    let user_id = person(&server, "+12025550101").await;
    let unable = (401, "unable_to_authenticate_totp");
    assert_eq!(refused(&authenticate(&server, &user_id, "123456").await), unable);
    enrol(&server, &user_id).await;
    for code in ["", "12345", "1234567", "abcdef", "12-345", "١٢٣٤٥٦", &"1".repeat(10_000)] {
        assert_eq!(refused(&authenticate(&server, &user_id, code).await), unable, "{code}");
    }
    // None of them counts as a failure.
    assert_eq!(shown(&server, &user_id).await["is_locked"], false);
}

#[tokio::test]
async fn pending_enrolment_expires_or_is_replaced() {
    let server = Server::dev(&[]);
    let user_id = person(&server, "+12025550101").await;
    let body = json!({ "user_id": user_id, "expiration_minutes": 5 });
    let (_, created) = server.post("/v1/totps", &body).await;
    let first = Authenticator::scan(created["qr_code"].as_str().unwrap());
    server.advance(301).await;
    let unable = (401, "unable_to_authenticate_totp");
    assert_eq!(refused(&authenticate(&server, &user_id, &first.code(&server)).await), unable);
    assert_eq!(shown(&server, &user_id).await["totps"], json!([]));
    let (_, listed) = server.post("/v1/totps/recovery_codes", &json!({ "user_id": user_id })).await;
    assert_eq!(listed["totps"], json!([]));

    let (_, second) = create(&server, &user_id).await;
    let (third_created, third) = create(&server, &user_id).await;
    for old in [first, second] {
        assert_eq!(refused(&authenticate(&server, &user_id, &old.code(&server)).await), unable);
    }
    let (status, passed) = authenticate(&server, &user_id, &third.code(&server)).await;
    assert_eq!((status, &passed["totp_id"]), (StatusCode::OK, &third_created["totp_id"]));
}

#[tokio::test]
async fn code_extends_the_presented_session() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550101").await;
    let mut body = json!({ "session_duration_minutes": 60, "method_id": sent["phone_id"] });
    body["code"] = server.code("+12025550101").await.into();
    let (_, first) = server.post("/v1/otps/authenticate", &body).await;
    let (created, app) = create(&server, &first["user_id"]).await;

    let code = app.code(&server);
    let mut body = json!({ "user_id": first["user_id"], "totp_code": code, "session_duration_minutes": 4 });
    let refusal = server.post("/v1/totps/authenticate", &body).await;
    assert_eq!(refused(&refusal), (400, "invalid_session_duration_minutes"));
    body["session_duration_minutes"] = json!(120);
    body["session_token"] = json!("no token");
    let refusal = server.post("/v1/totps/authenticate", &body).await;
    assert_eq!(refused(&refusal), (404, "session_not_found"));
    // None of these used up the code.
    body["session_token"] = first["session_token"].clone();
    let (status, second) = server.post("/v1/totps/authenticate", &body).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    assert_eq!(second["session_token"], first["session_token"]);
    assert_eq!(second["session"]["session_id"], first["session"]["session_id"]);
    let factors = &second["session"]["authentication_factors"];
    assert_eq!((&factors[0]["type"], &factors[0]["sequence_order"]), (&json!("otp"), &json!("PRIMARY")));
    assert_eq!((&factors[1]["type"], &factors[1]["sequence_order"]), (&json!("totp"), &json!("SECONDARY")));
    assert_eq!(factors[1]["delivery_method"], "authenticator_app");
    assert_eq!(factors[1]["authenticator_app_factor"], json!({ "totp_id": created["totp_id"] }));
    assert_eq!(factors.as_array().unwrap().len(), 2);
}

/// Someone who has lost the phone logs in with a recovery code, and enrols another app.
#[tokio::test]
async fn removed_app_can_be_replaced() {
    let server = Server::dev(&[]);
    let user_id = person(&server, "+12025550101").await;
    let (created, app) = enrol(&server, &user_id).await;
    let path = format!("/v1/users/totps/{}", created["totp_id"].as_str().unwrap());
    let (status, answer) = server.delete(&path).await;
    assert_eq!((status, &answer["user_id"]), (StatusCode::OK, &user_id), "{answer}");
    assert_eq!(answer["user"]["totps"], json!([]));
    assert_eq!(shown(&server, &user_id).await["totps"], json!([]));
    let unable = (401, "unable_to_authenticate_totp");
    assert_eq!(refused(&authenticate(&server, &user_id, &app.code(&server)).await), unable);
    let unable = (401, "unable_to_authenticate_recovery_code");
    assert_eq!(refused(&recover(&server, &user_id, &created["recovery_codes"][0]).await), unable);

    let (other, _) = enrol(&server, &user_id).await;
    assert_eq!(refused(&recover(&server, &user_id, &created["recovery_codes"][0]).await), unable);
    // Neither ids of earlier apps, nor those of replaced enrolments, remove it.
    for old in [path.as_str(), "/v1/users/totps/totp-test-none"] {
        assert_eq!(refused(&server.delete(old).await), (404, "totp_not_found"), "{old}");
    }
    assert_eq!(shown(&server, &user_id).await["totps"][0]["totp_id"], other["totp_id"]);
    let owner = person(&server, "+12025550102").await;
    let (replaced, _) = create(&server, &owner).await;
    create(&server, &owner).await;
    let path = format!("/v1/users/totps/{}", replaced["totp_id"].as_str().unwrap());
    assert_eq!(refused(&server.delete(&path).await), (404, "totp_not_found"));
}
