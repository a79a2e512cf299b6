//! Sessions are continued by their token or JWT, and claims can be deleted.

use reqwest::StatusCode;
use serde_json::{Value, json};

use countersign_server_tests::Server;

const NUMBER: &str = "+12025550101";

/// Logs in with additional fields in the request.
async fn login(server: &Server, number: &str, more: Value) -> Value {
    let sent = server.login(number).await;
    let mut body = json!({ "method_id": sent["phone_id"], "code": server.code(number).await });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, answer) = server.post("/v1/otps/authenticate", &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

/// Returns the user of a token or JWT, or the error type.
async fn user_of(server: &Server, field: &str, shown: &Value, number: &str) -> Value {
    let (status, answer) =
        server.post("/v1/otps/sms/send", &json!({ "phone_number": number, field: shown })).await;
    if status == StatusCode::OK { answer["user_id"].clone() } else { answer["error_type"].clone() }
}

/// A session can be continued any number of times by token or JWT. It stays one session, whose end
/// moves, and all of its tokens stay valid until then.
#[tokio::test]
async fn session_is_continued_by_token_or_jwt() {
    let server = Server::dev(&[]);
    let mut last = login(&server, NUMBER, json!({ "session_duration_minutes": 5 })).await;
    let (session, user) = (last["session"]["session_id"].clone(), last["user_id"].clone());
    let mut tokens = vec![last["session_token"].clone()];
    for (minutes, field) in [
        (60, "session_jwt"),
        (90, "session_token"),
        (120, "session_jwt"),
        (7, "session_jwt"),
        (60, "session_token"),
    ] {
        let more = json!({ "session_duration_minutes": minutes, field: last[field] });
        let next = login(&server, NUMBER, more).await;
        assert_eq!(next["session"]["session_id"], session, "{field}");
        assert_eq!(next["session"]["started_at"], last["session"]["started_at"]);
        assert_eq!(next["session"]["authentication_factors"].as_array().unwrap().len(), 1);
        assert_ne!(next["session_jwt"], last["session_jwt"]);
        if field == "session_token" {
            assert_eq!(next["session_token"], last["session_token"]);
        } else {
            assert!(
                !tokens.contains(&next["session_token"]),
                "a JWT contains no token, so a new one is issued"
            );
            tokens.push(next["session_token"].clone());
        }
        last = next;
        server.advance(60).await;
    }
    assert_eq!(tokens.len(), 4);
    // The first session lasted five minutes; all tokens belong to the session, which lasts 59 more.
    server.advance(58 * 60).await;
    for token in &tokens {
        assert_eq!(user_of(&server, "session_token", token, "+12025550102").await, user);
    }
    server.advance(60).await;
    for token in &tokens {
        assert_eq!(user_of(&server, "session_token", token, "+12025550102").await, "session_not_found");
    }
}

#[tokio::test]
async fn jwt_does_not_extend_another_users_session() {
    let server = Server::dev(&[]);
    let theirs = login(&server, NUMBER, json!({ "session_duration_minutes": 5 })).await;
    let more = json!({ "session_duration_minutes": 60, "session_jwt": theirs["session_jwt"] });
    let ours = login(&server, "+12025550103", more).await;
    assert_ne!(ours["session"]["session_id"], theirs["session"]["session_id"]);
    assert_eq!(ours["session"]["user_id"], ours["user_id"]);
    server.advance(301).await;
    let ended = user_of(&server, "session_token", &theirs["session_token"], "+12025550104").await;
    assert_eq!(ended, "session_not_found", "the session was not extended");
}

/// Tokens can't be altered, and can't be derived from a session's id.
#[tokio::test]
async fn rejects_altered_and_forged_tokens() {
    let server = Server::dev(&[]);
    let answer = login(&server, NUMBER, json!({ "session_duration_minutes": 60 })).await;
    let token = answer["session_token"].as_str().unwrap().to_owned();
    let id = answer["session"]["session_id"].as_str().unwrap();
    let mut others =
        vec![id.to_owned(), id.replace("session-test-", ""), format!("{token}A"), token.to_lowercase()];
    others.extend((0..token.len()).map(|at| {
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &token[..at], &token[at + 1..])
    }));
    others.extend((1..token.len()).map(|at| token[..at].to_owned()));
    for other in others {
        let user = user_of(&server, "session_token", &json!(other), "+12025550105").await;
        assert_eq!(user, "session_not_found", "{other} for {token}");
    }
    assert_eq!(user_of(&server, "session_token", &json!(token), "+12025550105").await, answer["user_id"]);
}

#[tokio::test]
async fn null_claim_is_deleted() {
    let server = Server::dev(&[]);
    let claims = json!({ "plan": "gold", "seats": 3, "nested": { "kept": null }, "never": null });
    let more = json!({ "session_duration_minutes": 60, "session_custom_claims": claims });
    let first = login(&server, NUMBER, more).await;
    assert_eq!(
        first["session"]["custom_claims"],
        json!({ "plan": "gold", "seats": 3, "nested": { "kept": null } })
    );
    let mut expected = first["session"]["custom_claims"].clone();
    let mut last = first;
    for (field, name) in [("session_token", "plan"), ("session_jwt", "nested"), ("session_token", "unknown")]
    {
        let more = json!({
            "session_duration_minutes": 60, field: last[field], "session_custom_claims": { name: null },
        });
        last = login(&server, NUMBER, more).await;
        expected.as_object_mut().unwrap().remove(name);
        assert_eq!(last["session"]["custom_claims"], expected, "without {name}");
    }
    assert_eq!(expected, json!({ "seats": 3 }));

    // Deleted claims no longer count towards the limit.
    let big = |name: &str| json!({ name: "x".repeat(3_000) });
    let more = json!({
        "session_duration_minutes": 60, "session_token": last["session_token"], "session_custom_claims": big("a"),
    });
    login(&server, NUMBER, more).await;
    let mut claims = big("b");
    claims["a"] = Value::Null;
    let more = json!({
        "session_duration_minutes": 60, "session_token": last["session_token"], "session_custom_claims": claims,
    });
    let last = login(&server, NUMBER, more).await;
    let mut expected = big("b");
    expected["seats"] = json!(3);
    assert_eq!(last["session"]["custom_claims"], expected);
}
