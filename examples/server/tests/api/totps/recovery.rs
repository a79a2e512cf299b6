//! Recovery codes.

use countersign_server_tests::{PRODUCTION_SECRET, PROJECT, Server};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{create, enrol, person, recover, refused};

const UNABLE: (u16, &str) = (401, "unable_to_authenticate_recovery_code");

async fn listed(server: &Server, user_id: &Value) -> Value {
    let (status, answer) = server.post("/v1/totps/recovery_codes", &json!({ "user_id": user_id })).await;
    assert_eq!((status, &answer["user_id"]), (StatusCode::OK, user_id), "{answer}");
    answer["totps"].clone()
}

#[tokio::test]
async fn each_code_works_once() {
    let server = Server::dev(&[]);
    let user_id = person(&server, "+12025550101").await;
    assert_eq!(refused(&recover(&server, &user_id, &json!("aaaa-bbbb-cccc")).await), UNABLE);
    let (created, _) = enrol(&server, &user_id).await;
    let codes = created["recovery_codes"].as_array().unwrap();
    for (at, code) in codes.iter().enumerate() {
        // Case, dashes and spaces don't matter.
        let typed = match at % 3 {
            0 => code.clone(),
            1 => json!(code.as_str().unwrap().to_uppercase().replace('-', " ")),
            _ => json!(code.as_str().unwrap().replace('-', "")),
        };
        let body = json!({ "user_id": user_id, "recovery_code": typed, "session_duration_minutes": 60 });
        let (status, passed) = server.post("/v1/totps/recover", &body).await;
        assert_eq!((status, &passed["totp_id"]), (StatusCode::OK, &created["totp_id"]), "{passed}");
        let factor = &passed["session"]["authentication_factors"][0];
        assert_eq!(
            (&factor["type"], &factor["delivery_method"]),
            (&json!("recovery_codes"), &json!("recovery_code"))
        );
        let id = factor["recovery_code_factor"]["totp_recovery_code_id"].as_str().unwrap();
        assert!(id.starts_with("totp-recovery-code-test-"), "{id}");
        assert_eq!(refused(&recover(&server, &user_id, code).await), UNABLE);
    }
    for code in ["", "aaaa-bbbb", "aaaa-bbbb-cccc", "!!!!-!!!!-!!!!", &"a".repeat(10_000)] {
        assert_eq!(refused(&recover(&server, &user_id, &json!(code)).await), UNABLE, "{code}");
    }
}

#[tokio::test]
async fn codes_of_an_unconfirmed_or_replaced_app_do_not_work() {
    let server = Server::dev(&[]);
    let user_id = person(&server, "+12025550101").await;
    let (pending, _) = create(&server, &user_id).await;
    assert_eq!(refused(&recover(&server, &user_id, &pending["recovery_codes"][0]).await), UNABLE);
    let (active, _) = enrol(&server, &user_id).await;
    assert_eq!(refused(&recover(&server, &user_id, &pending["recovery_codes"][1]).await), UNABLE);
    assert_eq!(recover(&server, &user_id, &active["recovery_codes"][0]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn unused_codes_are_shown_again() {
    let server = Server::dev(&[]);
    let user_id = person(&server, "+12025550101").await;
    assert_eq!(listed(&server, &user_id).await, json!([]));
    let (pending, _) = create(&server, &user_id).await;
    let totps = |created: &Value, verified: bool, codes: &Value| json!([{ "totp_id": created["totp_id"], "verified": verified, "recovery_codes": codes }]);
    assert_eq!(listed(&server, &user_id).await, totps(&pending, false, &pending["recovery_codes"]));
    let (created, _) = enrol(&server, &user_id).await;
    let mut codes = created["recovery_codes"].clone();
    assert_eq!(listed(&server, &user_id).await, totps(&created, true, &codes));
    let used = codes.as_array_mut().unwrap().remove(3);
    let used = json!(used.as_str().unwrap().to_uppercase());
    assert_eq!(recover(&server, &user_id, &used).await.0, StatusCode::OK);
    assert_eq!(listed(&server, &user_id).await, totps(&created, true, &codes));
}

/// Outside of development, codes are shown once, unless an option says otherwise.
#[tokio::test]
async fn codes_are_shown_once_by_default() {
    let webhook = "http://127.0.0.1:9/";
    for (options, again) in [(&[][..], false), (&["--show-recovery-codes"], true)] {
        let server = Server::production_with(webhook, options);
        let (_, user) = server.post("/v1/users", &json!({})).await;
        let (created, _) = create(&server, &user["user_id"]).await;
        assert_eq!(created["recovery_codes"].as_array().unwrap().len(), 10);
        let shown = if again { created["recovery_codes"].clone() } else { json!([]) };
        let totps = listed(&server, &user["user_id"]).await;
        assert_eq!(totps[0]["recovery_codes"], shown);
        assert_eq!(totps[0]["totp_id"], created["totp_id"]);
        let body = json!({ "user_id": user["user_id"] });
        let refused =
            server.request_as(PROJECT, &format!("{PRODUCTION_SECRET}x"), "POST", "/v1/totps/recovery_codes");
        assert_eq!(server.send(refused.json(&body)).await.status(), StatusCode::UNAUTHORIZED);
    }
}
