//! The duration and continuation of sessions.

use countersign_server_tests::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::error;

#[tokio::test]
async fn session_expires() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550112").await;
    let code = server.code("+12025550112").await;
    for minutes in [4, 527_041, -5] {
        let body =
            json!({ "method_id": sent["phone_id"], "code": code, "session_duration_minutes": minutes });
        assert_eq!(server.post("/v1/otps/authenticate", &body).await.0, StatusCode::BAD_REQUEST, "{minutes}");
    }
    let body = json!({ "method_id": sent["phone_id"], "code": code, "session_duration_minutes": 5 });
    let (status, passed) = server.post("/v1/otps/authenticate", &body).await;
    assert_eq!(status, StatusCode::OK, "refused requests did not use up the code: {passed}");
    let attach = async |number: &str, token: &Value| {
        let body = json!({ "phone_number": number, "session_token": token });
        server.post("/v1/otps/sms/send", &body).await.0
    };
    assert_eq!(attach("+12025550113", &passed["session_token"]).await, StatusCode::OK);
    assert_ne!(attach("+12025550114", &json!("not a token")).await, StatusCode::OK);
    server.advance(299).await;
    assert_eq!(attach("+12025550115", &passed["session_token"]).await, StatusCode::OK);
    server.advance(1).await;
    assert_ne!(attach("+12025550116", &passed["session_token"]).await, StatusCode::OK);
}

#[tokio::test]
async fn second_factor_extends_the_presented_session() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550117").await;
    let mut session = json!({ "session_duration_minutes": 60 });
    let mut tokens = Vec::new();
    for number in ["+12025550117", "+12025550118"] {
        let request = json!({ "phone_number": number, "user_id": sent["user_id"] });
        let (_, sent) = server.post("/v1/otps/sms/send", &request).await;
        session["method_id"] = sent["phone_id"].clone();
        session["code"] = server.code(number).await.into();
        let (status, passed) = server.post("/v1/otps/authenticate", &session).await;
        assert_eq!(status, StatusCode::OK, "{passed}");
        session["session_token"] = passed["session_token"].clone();
        tokens.push((passed["session_token"].clone(), passed["session"]["session_id"].clone()));
        assert_eq!(passed["session"]["authentication_factors"].as_array().unwrap().len(), tokens.len());
    }
    assert_eq!(tokens[0], tokens[1]);
    // Another user's session is not continued.
    let sent = server.login("+12025550119").await;
    session["method_id"] = sent["phone_id"].clone();
    session["code"] = server.code("+12025550119").await.into();
    let (status, passed) = server.post("/v1/otps/authenticate", &session).await;
    assert_eq!((status, &passed["session"]["user_id"]), (StatusCode::OK, &sent["user_id"]));
    assert_ne!(passed["session_token"], tokens[0].0);
}

/// Every JWT contains the whole session, and JWTs travel in headers.
#[tokio::test]
async fn extended_session_does_not_grow() {
    let server = Server::dev(&[]);
    let mut session = json!({ "session_duration_minutes": 60 });
    let mut shown = Vec::new();
    for round in 0..3 {
        session["method_id"] = server.login("+12025550121").await["phone_id"].clone();
        session["code"] = server.code("+12025550121").await.into();
        session["session_custom_claims"] = json!({ format!("claim {round}"): "x".repeat(2_000) });
        let (status, answer) = server.post("/v1/otps/authenticate", &session).await;
        if round == 2 {
            assert_eq!((status, error(&answer)), (StatusCode::BAD_REQUEST, "bad_request"));
            session["session_custom_claims"] = json!({ "claim 0": "x" });
            assert_eq!(
                server.post("/v1/otps/authenticate", &session).await.0,
                StatusCode::OK,
                "the code was not used up"
            );
            continue;
        }
        assert_eq!(status, StatusCode::OK, "{answer}");
        session["session_token"] = answer["session_token"].clone();
        shown.push(answer["session"]["authentication_factors"].clone());
        server.advance(1).await;
    }
    assert_eq!((shown[0].as_array().unwrap().len(), shown[1].as_array().unwrap().len()), (1, 1));
    assert_eq!(shown[0][0]["created_at"], shown[1][0]["created_at"]);
    assert_ne!(shown[0][0]["last_authenticated_at"], shown[1][0]["last_authenticated_at"]);
}
