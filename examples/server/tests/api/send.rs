//! Sends and refused sends.

use countersign_server_tests::Server;
use reqwest::StatusCode;
use serde_json::json;

use crate::error;

/// A code for a user's account goes to the user's mailbox, not to one with a similar address.
#[tokio::test]
async fn code_goes_to_the_address_in_its_users_spelling() {
    let server = Server::dev(&[]);
    let ours = "Kate@example.com";
    for (address, path) in [
        (ours, "/v1/otps/email/login_or_create"),
        ("kate@example.com", "/v1/otps/email/send"),
        ("KATE@EXAMPLE.COM", "/v1/otps/email/login_or_create"),
    ] {
        let (status, sent) = server.post(path, &json!({ "email": address })).await;
        assert_eq!(status, StatusCode::OK, "{sent}");
        let outbox = server.outbox(ours).await;
        assert_eq!(outbox.last().unwrap()["to"], ours, "{address}");
        let (status, passed) = server.authenticate(&sent["email_id"], &server.code(ours).await).await;
        assert_eq!((status, &passed["user"]["emails"][0]["email"]), (StatusCode::OK, &json!(ours)));
    }
    // The Kelvin sign is a k in Unicode case folding, but it starts a different address.
    for path in ["/v1/otps/email/send", "/v1/otps/email/login_or_create"] {
        let (status, refused) = server.post(path, &json!({ "email": "\u{212a}ate@example.com" })).await;
        assert_eq!((status, &refused["error_type"]), (StatusCode::BAD_REQUEST, &json!("invalid_email")));
        let said = refused["error_message"].as_str().unwrap();
        assert!(said.contains("byte 0") && !said.contains("ate@"), "{said}");
    }
}

#[tokio::test]
async fn refused_send_attaches_and_sends_nothing() {
    let server = Server::dev(&[]);
    let user = server.login("+12025550106").await["user_id"].clone();
    let fr = "+33612345678";
    for (body, kind) in [
        (json!({ "phone_number": fr, "user_id": user }), "invalid_phone_number_country_code"),
        (
            json!({ "phone_number": "+12025550107", "user_id": user, "expiration_minutes": 11 }),
            "invalid_expiration_otp",
        ),
        (
            json!({ "phone_number": "+12025550107", "user_id": user, "expiration_minutes": -1 }),
            "invalid_expiration_otp",
        ),
        (json!({ "phone_number": "+12025550107", "user_id": user, "locale": "de" }), "invalid_locale"),
        (json!({ "phone_number": "+12025550107", "user_id": "user-test-none" }), "user_not_found"),
        (json!({ "phone_number": "+12025550107" }), "phone_number_not_found"),
        (json!({ "phone_number": "12025550107" }), "invalid_phone_number"),
        (json!({ "user_id": user }), "bad_request"),
        (json!({ "phone_number": "+12025550107", "user_id": user, "session_token": 7 }), "bad_request"),
    ] {
        let (status, refused) = server.post("/v1/otps/sms/send", &body).await;
        assert_eq!((status.is_client_error(), error(&refused)), (true, kind), "{body}");
        assert!(server.outbox("+12025550107").await.is_empty() && server.outbox(fr).await.is_empty());
    }
    let shown = server.get(&format!("/v1/users/{}", user.as_str().unwrap())).await.1;
    assert_eq!(shown["phone_numbers"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn strict_limits_answer_with_retry_after() {
    let server = Server::dev(&["--strict-limits"]);
    server.login("+12025550108").await;
    let body = json!({ "phone_number": "+12025550108" });
    let response = server.send(server.request("POST", "/v1/otps/sms/send").json(&body)).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
    assert_eq!(error(&response.json().await.unwrap()), "too_many_requests");
    server.advance(30).await;
    assert_eq!(server.post("/v1/otps/sms/send", &body).await.0, StatusCode::OK);
}
