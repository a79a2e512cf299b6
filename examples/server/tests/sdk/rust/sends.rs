//! `send` and `login_or_create` on each channel: recipients, contents and refusals.

use serde_json::{Value, json};
use stytch::consumer::users::GetRequest;
use uuid::Uuid;

use super::client::{CALLS, Call, Channel, client, client_of, fails, request, send};
use countersign_server_tests::{MGMT_KEY, MGMT_SECRET, PROJECT, Server};

#[tokio::test]
async fn user_is_created_once() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for channel in Channel::ALL {
        let to = channel.person(0);
        fails(404, channel.not_found(), send(&client, channel, Call::Send, &to, json!({})).await);
        assert_eq!(server.outbox(&to).await, [] as [Value; 0]);
        let created = send(&client, channel, Call::LoginOrCreate, &to, json!({})).await.unwrap();
        assert_eq!(created.user_created, Some(true));
        for call in CALLS {
            let again = send(&client, channel, call, &to, json!({})).await.unwrap();
            assert_eq!(again.user_created, (call == Call::LoginOrCreate).then_some(false));
            assert_eq!(
                (again.user_id, again.method_id),
                (created.user_id.clone(), created.method_id.clone())
            );
        }
        let messages = server.outbox(&to).await;
        assert_eq!(messages.len(), 3);
        for message in messages {
            assert_eq!((&message["to"], &message["channel"]), (&json!(to), &json!(channel.name())));
            let code = message["code"].as_str().unwrap();
            assert!(code.len() == 6 && message["body"].as_str().unwrap().contains(code), "{message}");
        }
    }
}

#[tokio::test]
async fn creates_and_returns_users() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let (phone, email) = (Channel::Sms.person(0), Channel::Email.person(0));
    let wanted = json!({ "phone_number": phone, "email": email, "name": { "first_name": "Ada" } });
    let created = client.users.create(request(wanted.clone())).await.unwrap();
    let got = client.users.get(GetRequest { user_id: created.user_id.clone() }).await.unwrap();
    assert_eq!((&got.user_id, &got.status), (&created.user_id, &created.status));
    assert_eq!(got.phone_numbers[0].phone_id, created.phone_id);
    assert_eq!((&got.phone_numbers[0].phone_number, got.phone_numbers[0].verified), (&phone, false));
    assert_eq!((&got.emails[0].email_id, &got.emails[0].email), (&created.email_id, &email));
    assert_eq!(got.name.unwrap().first_name.as_deref(), Some("Ada"));
    assert!(!got.is_locked);
    fails(
        400,
        "duplicate_phone_number",
        client.users.create(request(json!({ "phone_number": phone }))).await,
    );
    fails(404, "user_not_found", client.users.get(GetRequest { user_id: nobody() }).await);
}

#[tokio::test]
async fn adds_another_number_to_a_user() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for channel in Channel::ALL {
        let taken = channel.person(0);
        client.users.create(request(json!({ channel.field(): taken }))).await.unwrap();
        let user_id = client.users.create(request(json!({}))).await.unwrap().user_id;
        let theirs = json!({ "user_id": user_id });
        let to = channel.person(1);
        fails(
            404,
            "user_not_found",
            send(&client, channel, Call::Send, &to, json!({ "user_id": nobody() })).await,
        );
        if channel != Channel::Email {
            fails(
                400,
                "duplicate_phone_number",
                send(&client, channel, Call::Send, &taken, theirs.clone()).await,
            );
        }
        assert_eq!(server.outbox(&to).await, [] as [Value; 0]);
        let sent = send(&client, channel, Call::Send, &to, theirs.clone()).await.unwrap();
        assert_eq!(sent.user_id, user_id);

        let mut refused = None;
        for which in 2..50 {
            let to = channel.person(which);
            if let Err(error) = send(&client, channel, Call::Send, &to, theirs.clone()).await {
                assert_eq!(server.outbox(&to).await, [] as [Value; 0]);
                refused = Some(error);
                break;
            }
        }
        fails::<()>(400, "too_many_unverified_factors", Err(refused.unwrap()));
    }
}

#[tokio::test]
async fn sends_messages_by_locale_and_lifetime() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for channel in Channel::ALL {
        let to = channel.person(0);
        client.users.create(request(json!({ channel.field(): to }))).await.unwrap();
        for call in CALLS {
            for minutes in [0, -1, 11, i32::MAX] {
                let options = json!({ "expiration_minutes": minutes });
                fails(400, "invalid_expiration_otp", send(&client, channel, call, &to, options).await);
            }
            // The SDK has languages for phone numbers that the server lacks, but none for email
            // addresses.
            if channel != Channel::Email {
                for locale in ["it", "deDE", "zhHans"] {
                    let options = json!({ "locale": locale });
                    fails(400, "invalid_locale", send(&client, channel, call, &to, options).await);
                }
            }
        }
        assert_eq!(server.outbox(&to).await, [] as [Value; 0]);
        for call in CALLS {
            for minutes in 1..=10 {
                let options = json!({ "expiration_minutes": minutes });
                send(&client, channel, call, &to, options).await.unwrap();
                assert!(body(&server, &to).await.contains(&format!(" {minutes} min")));
            }
            // This SDK sends `ptbr` for pt-br.
            for (locale, words) in
                [("en", "valid for"), ("es", "caduca en"), ("fr", "valable"), ("ptbr", "vale por")]
            {
                send(&client, channel, call, &to, json!({ "locale": locale })).await.unwrap();
                assert!(body(&server, &to).await.to_lowercase().contains(words), "{locale}");
            }
            // All optional fields are null.
            send(&client, channel, call, &to, json!({})).await.unwrap();
            assert!(body(&server, &to).await.to_lowercase().contains("valid for 2 min"));
        }
    }
}

const REFUSED: &str = "invalid_phone_number_country_code";

#[tokio::test]
async fn rejects_invalid_numbers_and_countries() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for channel in [Channel::Sms, Channel::Whatsapp] {
        for call in CALLS {
            for to in ["not a number", "2015550123", "+1201555", "+11234567890", "+999123456789", ""] {
                fails(400, "invalid_phone_number", send(&client, channel, call, to, json!({})).await);
            }
            // Not allowed: GB, FR. Not supported: Jersey, the Bahamas, Nigeria.
            for to in ["+447400123456", "+33612345678", "+447797712345", "+12423591234", "+2348021234567"] {
                let before = server.outbox(to).await;
                fails(400, REFUSED, send(&client, channel, call, to, json!({})).await);
                assert_eq!(server.outbox(to).await, before);
            }
        }
        let path = format!("/pwa/v3/projects/x/environments/y/allowed_country_codes/{}", channel.name());
        let allow = |codes: Value| {
            let request = server.request_as(MGMT_KEY, MGMT_SECRET, "POST", &path);
            server.send(request.json(&json!({ "country_codes": codes })))
        };
        assert_eq!(allow(json!(["GB"])).await.status(), 200);
        for refused in [json!(["FR", "NG"]), json!([])] {
            assert_eq!(allow(refused).await.status(), 400);
        }
        send(&client, channel, Call::LoginOrCreate, "+447400123456", json!({})).await.unwrap();
        let to = channel.person(0);
        fails(400, REFUSED, send(&client, channel, Call::LoginOrCreate, &to, json!({})).await);
    }
}

#[tokio::test]
async fn rejects_invalid_addresses() {
    let server = Server::dev(&[]);
    let client = client(&server);
    for call in CALLS {
        for to in ["nobody", "@example.com", "a b@example.com", "", "\u{212a}@example.com", "a@example.com."]
        {
            fails(400, "invalid_email", send(&client, Channel::Email, call, to, json!({})).await);
        }
    }
}

#[tokio::test]
async fn second_send_is_rate_limited() {
    let server = Server::dev(&["--strict-limits"]);
    let client = client(&server);
    for channel in Channel::ALL {
        let to = channel.person(0);
        send(&client, channel, Call::LoginOrCreate, &to, json!({})).await.unwrap();
        for call in CALLS {
            fails(429, "too_many_requests", send(&client, channel, call, &to, json!({})).await);
        }
        assert_eq!(server.outbox(&to).await.len(), 1);
    }
}

#[tokio::test]
async fn rejects_a_wrong_secret() {
    let server = Server::dev(&[]);
    let client = client_of(&server, PROJECT, "secret-test-of-another");
    let refused = "unauthorized_credentials";
    for channel in Channel::ALL {
        for call in CALLS {
            fails(401, refused, send(&client, channel, call, &channel.person(0), json!({})).await);
        }
        assert_eq!(server.outbox(&channel.person(0)).await, [] as [Value; 0]);
    }
    fails(401, refused, client.users.create(request(json!({}))).await);
    fails(401, refused, client.users.get(GetRequest { user_id: nobody() }).await);
    let id = format!("phone-number-test-{}", Uuid::new_v4());
    fails(401, refused, super::client::authenticate(&client, &id, "123456", json!({})).await);
}

/// Returns an id that no user has.
fn nobody() -> String {
    format!("user-test-{}", Uuid::new_v4())
}

async fn body(server: &Server, to: &str) -> String {
    server.outbox(to).await.last().unwrap()["body"].as_str().unwrap().to_owned()
}
