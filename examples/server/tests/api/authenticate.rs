//! Authenticating with codes: correct, wrong, concurrent, superseded and expired ones.

use std::collections::HashMap;

use countersign_server_tests::Server;
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::error;

#[tokio::test]
async fn code_logs_in_once_and_verifies_the_number() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550101").await;
    assert_eq!(sent["user_created"], true);
    let code = server.code("+12025550101").await;
    let (status, passed) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!(
        (status, &passed["session"], &passed["session_token"]),
        (StatusCode::OK, &Value::Null, &json!(""))
    );
    assert_eq!(passed["user"]["phone_numbers"][0]["verified"], true);
    assert_eq!(server.login("+12025550101").await["user_created"], false);
    let (status, refused) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!((status, error(&refused)), (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"));
}

#[tokio::test]
async fn one_concurrent_submission_succeeds() {
    let server = Server::dev(&[]);
    for round in 0..5 {
        let number = format!("+1202555020{round}");
        let sent = server.login(&number).await;
        let code = server.code(&number).await;
        let attempts = (0..40).map(|_| server.authenticate(&sent["phone_id"], &code));
        let mut counted: HashMap<StatusCode, usize> = HashMap::new();
        for (status, _) in join_all(attempts).await {
            *counted.entry(status).or_default() += 1;
        }
        assert_eq!(counted, HashMap::from([(StatusCode::OK, 1), (StatusCode::UNAUTHORIZED, 39)]));
    }
}

#[tokio::test]
async fn ten_wrong_codes_lock_for_an_hour() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550102").await;
    let code = server.code("+12025550102").await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..10 {
        let (status, refused) = server.authenticate(&sent["phone_id"], wrong).await;
        assert_eq!((status, error(&refused)), (StatusCode::NOT_FOUND, "otp_code_not_found"));
    }
    let (status, refused) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!((status, error(&refused)), (StatusCode::TOO_MANY_REQUESTS, "user_lock_limit_reached"));
    let body = json!({ "phone_number": "+12025550102" });
    let (status, refused) = server.post("/v1/otps/sms/send", &body).await;
    assert_eq!((status, error(&refused)), (StatusCode::TOO_MANY_REQUESTS, "user_lock_limit_reached"));
    let user = sent["user_id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/v1/users/{user}")).await.1["is_locked"], true);

    server.advance(3600).await;
    assert_eq!(server.get(&format!("/v1/users/{user}")).await.1["is_locked"], false);
    let (status, refused) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!((status, error(&refused)), (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"));
    server.login("+12025550102").await;
    let code = server.code("+12025550102").await;
    assert_eq!(server.authenticate(&sent["phone_id"], &code).await.0, StatusCode::OK);
}

#[tokio::test]
async fn refuses_superseded_codes_on_any_channel() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550103").await;
    let mut older = server.code("+12025550103").await;
    for (path, more) in [
        ("/v1/otps/sms/send", json!({})),
        ("/v1/otps/sms/send", json!({ "expiration_minutes": 10 })),
        ("/v1/otps/whatsapp/send", json!({})),
        ("/v1/otps/sms/login_or_create", json!({ "expiration_minutes": 1, "locale": "fr" })),
    ] {
        let mut body = json!({ "phone_number": "+12025550103" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, again) = server.post(path, &body).await;
        assert_eq!((status, &again["phone_id"]), (StatusCode::OK, &sent["phone_id"]));
        let newer = server.code("+12025550103").await;
        if newer == older {
            continue;
        }
        let (status, refused) = server.authenticate(&sent["phone_id"], &older).await;
        assert_eq!(
            (status, error(&refused)),
            (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"),
            "{path} {more}"
        );
        older = newer;
    }
    // The code was valid for a minute; a day later the verifier has deleted it.
    for seconds in [61, 24 * 60 * 60, 60 * 24 * 60 * 60] {
        server.advance(seconds).await;
        let (status, refused) = server.authenticate(&sent["phone_id"], &older).await;
        assert_eq!(
            (status, error(&refused)),
            (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"),
            "{seconds}"
        );
    }
}
