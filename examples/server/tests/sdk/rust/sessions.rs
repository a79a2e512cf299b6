//! Sessions started with a code, and their JWTs.
//!
//! This SDK only exposes local JWT verification for machine-to-machine tokens, which have a `scope`
//! claim. A session with that custom claim is verified in the same way.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use stytch::consumer::m2m::AuthenticateTokenRequest;
use stytch::consumer::sessions::GetJWKSRequest;

use super::client::{Channel, authenticate, client, client_of, fails, http, sent};
use countersign_server_tests::{PROJECT, SECRET, Server};

#[tokio::test]
async fn starts_sessions() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for channel in Channel::ALL {
        let (to, method_id, code) = sent(&server, &client, channel, 0).await;
        for minutes in [0, 4, 527_041] {
            let options = json!({ "session_duration_minutes": minutes });
            let outcome = authenticate(&client, &method_id, &code, options).await;
            fails(400, "invalid_session_duration_minutes", outcome);
        }
        let options = json!({ "session_duration_minutes": 60 });
        let answer = authenticate(&client, &method_id, &code, options).await.unwrap();
        let session = answer.session.unwrap();
        assert_eq!(session.user_id, answer.user_id);
        assert!(answer.session_token.len() > 30);
        let duration = session.expires_at.unwrap() - session.started_at.unwrap();
        assert_eq!(duration.num_minutes(), 60);
        let [factor] = &session.authentication_factors[..] else { panic!("{session:?}") };
        let shown = serde_json::to_value(factor).unwrap();
        assert_eq!((&shown["type"], &shown["delivery_method"]), (&json!("otp"), &json!(channel.name())));
        let expected = if channel == Channel::Email {
            (json!({ "email_id": method_id, "email_address": to }), Value::Null)
        } else {
            (Value::Null, json!({ "phone_id": method_id, "phone_number": to }))
        };
        assert_eq!((&shown["email_factor"], &shown["phone_number_factor"]), (&expected.0, &expected.1));
    }
}

#[tokio::test]
async fn sdk_verifies_the_jwt_locally() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let (_, method_id, code) = sent(&server, &client, Channel::Sms, 0).await;
    let claims = json!({ "scope": "read:things write:things", "plan": "gold" });
    let options = json!({ "session_duration_minutes": 60, "session_custom_claims": claims });
    let answer = authenticate(&client, &method_id, &code, options).await.unwrap();

    let verified = client.m2m.authenticate_token(shown(&answer.session_jwt)).await.unwrap();
    assert_eq!(verified.client_id, answer.user_id);
    assert_eq!(verified.scopes, ["read:things", "write:things"]);
    assert_eq!(verified.custom_claims["plan"], "gold");
    let session = &verified.custom_claims["https://stytch.com/session"];
    assert_eq!(session["id"], answer.session.unwrap().session_id);

    let parts: Vec<&str> = answer.session_jwt.split('.').collect();
    let mut forged: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    forged["scope"] = "admin:things".into();
    let forged = BASE64_URL_SAFE_NO_PAD.encode(forged.to_string());
    for tampered in [
        format!("{}.{forged}.{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>()),
    ] {
        assert!(client.m2m.authenticate_token(shown(&tampered)).await.is_err());
    }
    // The keys belong to this project; another project has none here.
    let stranger = client_of(&server, "project-test-00000000-0000-4000-8000-000000000000", SECRET);
    assert!(stranger.m2m.authenticate_token(shown(&answer.session_jwt)).await.is_err());
}

#[tokio::test]
async fn publishes_keys() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let keys =
        client.sessions.get_jwks(GetJWKSRequest { project_id: PROJECT.to_owned() }).await.unwrap().keys;
    assert!(!keys.is_empty());
    for key in &keys {
        let fetched = http(&server, PROJECT, SECRET).fetch_jwk(&key.kid).await.unwrap();
        assert_eq!((&fetched.n, &fetched.alg, key.use_.as_str()), (&key.n, &key.alg, "sig"));
        assert_eq!((fetched.kty.as_str(), fetched.alg.as_str()), ("RSA", "RS256"));
    }
}

fn shown(token: &str) -> AuthenticateTokenRequest {
    AuthenticateTokenRequest { access_token: token.to_owned(), ..AuthenticateTokenRequest::default() }
}
