//! A user's failures are counted over all factors.

use countersign_server_tests::{Authenticator, Server};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{authenticate, enrol, person, recover, refused, shown};

const NUMBER: &str = "+12025550101";
const LOCKED: (u16, &str) = (429, "user_lock_limit_reached");

async fn wrong_totps(server: &Server, user_id: &Value, app: &Authenticator, times: usize) {
    for _ in 0..times {
        let refusal = authenticate(server, user_id, &app.wrong_code(server)).await;
        assert_eq!(refused(&refusal), (401, "unable_to_authenticate_totp"));
    }
}

/// Sends a code, and returns wrong ones.
async fn wrong_passcodes(server: &Server, times: usize) -> Value {
    let sent = server.login(NUMBER).await;
    let code = server.code(NUMBER).await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..times {
        let refusal = server.authenticate(&sent["phone_id"], wrong).await;
        assert_eq!(refused(&refusal), (404, "otp_code_not_found"));
    }
    sent["phone_id"].clone()
}

/// Checks that nothing is sent or checked for the user.
async fn is_locked(server: &Server, user_id: &Value, app: &Authenticator, created: &Value) {
    assert_eq!(refused(&authenticate(server, user_id, &app.code(server)).await), LOCKED);
    assert_eq!(refused(&recover(server, user_id, &created["recovery_codes"][0]).await), LOCKED);
    for path in ["send", "login_or_create"] {
        let body = json!({ "phone_number": NUMBER });
        assert_eq!(refused(&server.post(&format!("/v1/otps/sms/{path}"), &body).await), LOCKED);
    }
    let user = shown(server, user_id).await;
    assert_eq!(user["is_locked"], true);
    assert!(user["lock_expires_at"].is_string(), "{user}");
}

async fn is_open(server: &Server, user_id: &Value, app: &Authenticator) {
    assert_eq!(shown(server, user_id).await["is_locked"], false);
    assert_eq!(authenticate(server, user_id, &app.code(server)).await.0, StatusCode::OK);
    assert_eq!(person(server, NUMBER).await, *user_id);
}

#[tokio::test]
async fn ten_wrong_codes_of_an_app_lock_the_user() {
    let server = Server::dev(&[]);
    let user_id = person(&server, NUMBER).await;
    let (created, app) = enrol(&server, &user_id).await;
    wrong_totps(&server, &user_id, &app, 10).await;
    is_locked(&server, &user_id, &app, &created).await;
    server.advance(3600).await;
    is_open(&server, &user_id, &app).await;
}

#[tokio::test]
async fn operators_unlock_users_by_id_and_by_number() {
    for by in ["user_id", "phone_number"] {
        let server = Server::dev(&[]);
        let user_id = person(&server, NUMBER).await;
        let (created, app) = enrol(&server, &user_id).await;
        wrong_totps(&server, &user_id, &app, 10).await;
        is_locked(&server, &user_id, &app, &created).await;
        let body = if by == "user_id" { json!({ by: user_id }) } else { json!({ by: NUMBER }) };
        assert_eq!(server.manage("unlock", &body).await.0, StatusCode::OK);
        is_open(&server, &user_id, &app).await;
    }
}

/// Whoever has the phone must not be able to guess the second factor for ever.
#[tokio::test]
async fn passcode_does_not_clear_the_failures_of_other_factors() {
    let server = Server::dev(&[]);
    let user_id = person(&server, NUMBER).await;
    let (created, app) = enrol(&server, &user_id).await;
    for _ in 0..3 {
        wrong_totps(&server, &user_id, &app, 3).await;
        assert_eq!(person(&server, NUMBER).await, user_id);
    }
    wrong_totps(&server, &user_id, &app, 1).await;
    is_locked(&server, &user_id, &app, &created).await;
}

#[tokio::test]
async fn failures_of_all_factors_add_up() {
    let server = Server::dev(&[]);
    let user_id = person(&server, NUMBER).await;
    let (created, app) = enrol(&server, &user_id).await;
    wrong_totps(&server, &user_id, &app, 4).await;
    for code in ["aaaa-bbbb-cccc", "dddd-eeee-ffff", "0000-1111-2222"] {
        let refusal = recover(&server, &user_id, &json!(code)).await;
        assert_eq!(refused(&refusal), (401, "unable_to_authenticate_recovery_code"));
    }
    wrong_passcodes(&server, 3).await;
    is_locked(&server, &user_id, &app, &created).await;
}

/// Wrong codes for one number count for all of the user's numbers, but for no other user.
#[tokio::test]
async fn lock_covers_all_of_a_users_numbers_and_no_others() {
    let server = Server::dev(&[]);
    let user_id = person(&server, NUMBER).await;
    let other = "+12025550102";
    let body = json!({ "phone_number": other, "user_id": user_id });
    let (status, named) = server.post("/v1/otps/sms/send", &body).await;
    assert_eq!(status, StatusCode::OK, "{named}");
    let code = server.code(other).await;
    let phone_id = wrong_passcodes(&server, 10).await;
    for (id, code) in [(&phone_id, server.code(NUMBER).await), (&named["phone_id"], code)] {
        assert_eq!(refused(&server.authenticate(id, &code).await), LOCKED);
    }
    assert_eq!(refused(&server.post("/v1/otps/sms/send", &body).await), LOCKED);
    person(&server, "+12025550103").await;
    // The number itself is not locked: its owner can log in.
    let owner = person(&server, other).await;
    assert_ne!(owner, user_id);
}

/// Whatever a code was sent for, it verifies the claim of a login, but not while its user is locked.
#[tokio::test]
async fn code_sent_for_another_user_does_not_open_a_locked_one() {
    let server = Server::dev(&[]);
    let sent = server.login(NUMBER).await;
    let user_id = &sent["user_id"];
    let (_, app) = enrol(&server, user_id).await;
    let other = person(&server, "+12025550102").await;
    let named = json!({ "phone_number": NUMBER, "user_id": other });
    for is_locked in [true, false] {
        if is_locked {
            wrong_totps(&server, user_id, &app, 10).await;
        } else {
            assert_eq!(server.manage("unlock", &json!({ "user_id": user_id })).await.0, StatusCode::OK);
        }
        assert_eq!(server.post("/v1/otps/sms/send", &named).await.0, StatusCode::OK);
        let answer = server.authenticate(&sent["phone_id"], &server.code(NUMBER).await).await;
        if is_locked {
            assert_eq!(refused(&answer), LOCKED);
        } else {
            assert_eq!((answer.0, &answer.1["user_id"]), (StatusCode::OK, user_id));
        }
    }
}
