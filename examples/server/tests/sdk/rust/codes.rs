//! `authenticate`: a correct code succeeds once, and others fail.

use serde_json::json;
use stytch::consumer::users::GetRequest;
use uuid::Uuid;

use super::client::{CALLS, Call, Channel, another, authenticate, client, fails, send, sent};
use countersign_server_tests::Server;

#[tokio::test]
async fn correct_code_succeeds_once() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for channel in Channel::ALL {
        let (to, method_id, code) = sent(&server, &client, channel, 0).await;
        fails(404, "otp_code_not_found", authenticate(&client, &method_id, &another(&code), json!({})).await);
        for text in ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"] {
            fails(400, "invalid_code", authenticate(&client, &method_id, text, json!({})).await);
        }
        let answer = authenticate(&client, &method_id, &code, json!({})).await.unwrap();
        assert_eq!((answer.status_code.as_u16(), &answer.method_id), (200, &method_id));
        assert_eq!(answer.user_id, answer.user.user_id);
        assert!(answer.session.is_none() && !answer.reset_sessions);
        assert_eq!((answer.session_token.as_str(), answer.session_jwt.as_str()), ("", ""));
        let (value, verified) = if channel == Channel::Email {
            (&answer.user.emails[0].email, answer.user.emails[0].verified)
        } else {
            (&answer.user.phone_numbers[0].phone_number, answer.user.phone_numbers[0].verified)
        };
        assert_eq!((value, verified), (&to, true));
        fails(401, "unable_to_auth_otp_code", authenticate(&client, &method_id, &code, json!({})).await);
    }
}

#[tokio::test]
async fn newer_code_supersedes_the_older_one() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let (sms, whatsapp) = (Channel::Sms, Channel::Whatsapp);
    let mut which = 0;
    for (first, second) in
        Channel::ALL.map(|channel| (channel, channel)).into_iter().chain([(sms, whatsapp), (whatsapp, sms)])
    {
        for call in CALLS {
            for options in
                [json!({}), json!({ "expiration_minutes": 10 }), json!({ "expiration_minutes": 1 })]
            {
                which += 1;
                let (to, method_id, old) = sent(&server, &client, first, which).await;
                let resent = send(&client, second, call, &to, options).await.unwrap();
                assert_eq!(resent.method_id, method_id);
                let refused = || authenticate(&client, &method_id, &old, json!({}));
                fails(401, "unable_to_auth_otp_code", refused().await);
                authenticate(&client, &method_id, &server.code(&to).await, json!({})).await.unwrap();
                fails(401, "unable_to_auth_otp_code", refused().await);
            }
        }
    }
}

#[tokio::test]
async fn rejects_methods_without_a_code() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for text in ["", "nonsense", "phone-number-test-", "email-test-1"] {
        fails(400, "invalid_method_id", authenticate(&client, text, "123456", json!({})).await);
    }
    for kind in ["phone-number", "email"] {
        let id = format!("{kind}-test-{}", Uuid::new_v4());
        fails(404, "otp_code_not_found", authenticate(&client, &id, "123456", json!({})).await);
    }
}

#[tokio::test]
async fn sandbox_recipients() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for channel in Channel::ALL {
        let to = if channel == Channel::Email { "sandbox@stytch.com" } else { "+10000000000" };
        for call in CALLS {
            let method_id = send(&client, channel, call, to, json!({})).await.unwrap().method_id;
            fails(404, "otp_code_not_found", authenticate(&client, &method_id, "000001", json!({})).await);
            authenticate(&client, &method_id, "000000", json!({})).await.unwrap();
        }
        assert!(server.outbox(to).await.is_empty());
        let (_, method_id, code) = sent(&server, &client, channel, 0).await;
        if code != "000000" {
            fails(404, "otp_code_not_found", authenticate(&client, &method_id, "000000", json!({})).await);
        }
    }
}

#[tokio::test]
async fn codes_expire() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for channel in Channel::ALL {
        for (which, minutes) in [(0, None), (1, Some(1)), (2, Some(10))] {
            let (to, method_id, _) = sent(&server, &client, channel, which).await;
            let lifetime = 60 * minutes.unwrap_or(2);
            for (delay, is_valid) in [(lifetime - 20, true), (lifetime + 1, false)] {
                let options = json!({ "expiration_minutes": minutes });
                send(&client, channel, Call::Send, &to, options).await.unwrap();
                let code = server.code(&to).await;
                server.advance(delay).await;
                let outcome = authenticate(&client, &method_id, &code, json!({})).await;
                if is_valid {
                    outcome.unwrap();
                } else {
                    fails(401, "unable_to_auth_otp_code", outcome);
                }
            }
        }
    }
}

#[tokio::test]
async fn ten_wrong_codes_lock_the_user_for_an_hour() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for channel in Channel::ALL {
        let (to, method_id, code) = sent(&server, &client, channel, 0).await;
        for _ in 0..10 {
            let outcome = authenticate(&client, &method_id, &another(&code), json!({})).await;
            fails(404, "otp_code_not_found", outcome);
        }
        let locked = "user_lock_limit_reached";
        fails(429, locked, authenticate(&client, &method_id, &code, json!({})).await);
        for call in CALLS {
            fails(429, locked, send(&client, channel, call, &to, json!({})).await);
        }
        assert_eq!(server.outbox(&to).await.len(), 1);
        server.advance(3_600 - 30).await;
        fails(429, locked, send(&client, channel, Call::Send, &to, json!({})).await);
        server.advance(31).await;
        let user_id = send(&client, channel, Call::Send, &to, json!({})).await.unwrap().user_id;
        assert!(!client.users.get(GetRequest { user_id }).await.unwrap().is_locked);
        authenticate(&client, &method_id, &server.code(&to).await, json!({})).await.unwrap();
    }
}
