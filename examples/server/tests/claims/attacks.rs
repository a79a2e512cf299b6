//! Known attacks, one test each.

use countersign_engines::Redis;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{EMAIL, Kind, PHONE, authenticate, error, text};
use countersign_server_tests::Server;

const KINDS: [Kind; 2] = [PHONE, EMAIL];
const DAY: u64 = 24 * 60 * 60;

/// A user who logged in with a number of their own.
struct Person {
    user_id: String,
    token: String,
}

async fn person(server: &Server, kind: Kind, to: &str) -> Person {
    let sent = kind.login(server, to).await;
    let passed = returned(server, kind, to, &sent).await;
    Person { user_id: text(&passed["user_id"]), token: text(&passed["session_token"]) }
}

/// Returns the newest code with the method id that a send returned.
async fn returned(server: &Server, kind: Kind, to: &str, sent: &Value) -> Value {
    let code = server.code(to).await;
    let (status, passed) = authenticate(server, &text(&sent[kind.id]), &code, None).await;
    assert_eq!(status, StatusCode::OK, "{passed}");
    passed
}

async fn runs(server: &Server, kind: Kind, token: &str, to: &str) -> bool {
    let (status, answer) = kind.send(server, to, json!({ "session_token": token })).await;
    assert!(status == StatusCode::OK || error(&answer) == "session_not_found", "{answer}");
    status == StatusCode::OK
}

#[tokio::test]
async fn named_number_is_invisible_to_others() {
    let server = Server::dev(&[]);
    for kind in KINDS {
        let victim = kind.of(1);
        let attacker = person(&server, kind, &kind.of(2)).await;
        let other = person(&server, kind, &kind.of(3)).await;
        for more in [json!({ "session_token": attacker.token }), json!({ "user_id": attacker.user_id })] {
            let (status, named) = kind.send(&server, &victim, more).await;
            assert_eq!((status, text(&named["user_id"])), (StatusCode::OK, attacker.user_id.clone()));
            let sent = server.outbox(&victim).await.len();
            let (status, refused) = kind.send(&server, &victim, json!({})).await;
            assert_eq!((status, error(&refused)), (StatusCode::NOT_FOUND, kind.not_found));
            assert_eq!(server.outbox(&victim).await.len(), sent);
        }
        // Others may name the number too, and the host may assign it.
        let (status, named) = kind.send(&server, &victim, json!({ "user_id": other.user_id })).await;
        assert_eq!((status, text(&named["user_id"])), (StatusCode::OK, other.user_id));
        let (status, created) = kind.create(&server, &victim).await;
        assert_eq!(status, StatusCode::OK, "{created}");
        assert_eq!(kind.shown(&server, &attacker.user_id).await, [(kind.of(2), true)]);
        // Once verified, the number is visible to every call.
        let own = kind.of(4);
        let (_, named) = kind.send(&server, &own, json!({ "session_token": attacker.token })).await;
        returned(&server, kind, &own, &named).await;
        let (status, sent) = kind.send(&server, &own, json!({})).await;
        assert_eq!((status, text(&sent["user_id"])), (StatusCode::OK, attacker.user_id));
    }
}

#[tokio::test]
async fn unverified_claims_expire() {
    let server = Server::dev(&[]);
    for kind in KINDS {
        let user = person(&server, kind, &kind.of(1)).await;
        let (named, logged_in, stated) = (kind.of(2), kind.of(3), kind.of(4));
        kind.send(&server, &named, json!({ "user_id": user.user_id })).await;
        let first = kind.login(&server, &logged_in).await;
        kind.create(&server, &stated).await;
        server.advance(301).await;
        assert_eq!(kind.shown(&server, &user.user_id).await, [(kind.of(1), true)]);
        assert_eq!(kind.create(&server, &named).await.0, StatusCode::OK);

        server.advance(DAY - 400).await;
        assert_eq!(kind.login(&server, &logged_in).await["user_created"], false);
        assert_eq!(error(&kind.create(&server, &logged_in).await.1), kind.duplicate);
        // No call in between extends the claim.
        server.advance(100).await;
        assert_eq!(error(&kind.send(&server, &logged_in, json!({})).await.1), kind.not_found);
        assert_eq!(kind.shown(&server, &text(&first["user_id"])).await, []);
        let anew = kind.login(&server, &logged_in).await;
        assert_ne!((&anew["user_id"], &anew[kind.id]), (&first["user_id"], &first[kind.id]));
        server.advance(DAY + 1).await;
        assert_eq!(kind.create(&server, &logged_in).await.0, StatusCode::OK);

        server.advance(400 * DAY).await;
        assert_eq!(error(&kind.create(&server, &stated).await.1), kind.duplicate);
    }
}

#[tokio::test]
async fn unverified_claim_yields_to_the_first_verified_one() {
    let server = Server::dev(&[]);
    for kind in KINDS {
        let owner = person(&server, kind, &kind.of(1)).await;
        let number = kind.of(2);
        let squatter = kind.login(&server, &number).await;
        let (status, named) = kind.send(&server, &number, json!({ "session_token": owner.token })).await;
        assert_eq!((status, text(&named["user_id"])), (StatusCode::OK, owner.user_id.clone()), "{named}");
        let passed = returned(&server, kind, &number, &named).await;
        assert_eq!(text(&passed["user_id"]), owner.user_id);
        assert_eq!(kind.login(&server, &number).await["user_id"], owner.user_id);
        assert_eq!(kind.shown(&server, &text(&squatter["user_id"])).await, []);
        let code = server.code(&number).await;
        let (status, _) = authenticate(&server, &text(&squatter[kind.id]), &code, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}

/// Only a code that was sent with a user's session or id verifies the number for that user.
#[tokio::test]
async fn code_sent_for_a_login_attaches_the_number_to_no_other_user() {
    let server = Server::dev(&[]);
    for kind in KINDS {
        let attacker = person(&server, kind, &kind.of(1)).await;
        let number = kind.of(2);
        let ours = kind.login(&server, &number).await;
        let (_, named) = kind.send(&server, &number, json!({ "session_token": attacker.token })).await;
        kind.send(&server, &number, json!({})).await;
        let code = server.code(&number).await;
        let (status, refused) = authenticate(&server, &text(&named[kind.id]), &code, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{refused}");
        // Whatever the message was for, the recipient's own login leads to their own user.
        kind.send(&server, &number, json!({ "session_token": attacker.token })).await;
        let passed = returned(&server, kind, &number, &ours).await;
        assert_eq!(passed["user_id"], ours["user_id"]);
        assert_eq!(kind.shown(&server, &attacker.user_id).await, [(kind.of(1), true)]);
    }
}

/// A new user belongs to no one until a number is verified: the first number to be verified keeps
/// the user.
#[tokio::test]
async fn unproved_user_belongs_to_the_first_verified_number() {
    let server = Server::dev(&[]);
    for kind in KINDS {
        // The attacker begins the owner's login, and names a number of their own on the new user.
        let (number, mine) = (kind.of(1), kind.of(2));
        let sent = kind.login(&server, &number).await;
        let (_, named) = kind.send(&server, &mine, json!({ "user_id": sent["user_id"] })).await;
        let code = server.code(&mine).await;
        let owner = returned(&server, kind, &number, &kind.login(&server, &number).await).await;
        assert_eq!(authenticate(&server, &text(&named[kind.id]), &code, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(kind.shown(&server, &text(&owner["user_id"])).await, [(number, true)]);

        // The other way round: the attacker is first.
        let (number, mine) = (kind.of(3), kind.of(4));
        let sent = kind.login(&server, &number).await;
        let (_, named) = kind.send(&server, &mine, json!({ "user_id": sent["user_id"] })).await;
        let attacker = returned(&server, kind, &mine, &named).await;
        assert_eq!(attacker["user_id"], sent["user_id"]);
        let owner = returned(&server, kind, &number, &kind.login(&server, &number).await).await;
        assert_ne!(owner["user_id"], attacker["user_id"]);
        assert_eq!(kind.shown(&server, &text(&attacker["user_id"])).await, [(mine, true)]);
    }
}

#[tokio::test]
async fn first_login_with_a_stated_number_ends_earlier_sessions() {
    let server = Server::dev(&[]);
    for kind in KINDS {
        let (number, other, later) = (kind.of(1), kind.of(2), kind.of(3));
        let created = kind.create(&server, &number).await.1;
        let user_id = text(&created["user_id"]);
        // Someone has logged in with another number, twice, and is about to add a third.
        let (_, named) = kind.send(&server, &other, json!({ "user_id": user_id })).await;
        let stale = returned(&server, kind, &other, &named).await;
        assert_eq!((text(&stale["user_id"]), &stale["reset_sessions"]), (user_id.clone(), &json!(false)));
        kind.login(&server, &other).await;
        let own = returned(&server, kind, &other, &named).await;
        let (stale, own) = (text(&stale["session_token"]), text(&own["session_token"]));
        let (_, third) = kind.send(&server, &later, json!({ "session_token": stale })).await;
        let code_of_third = server.code(&later).await;

        let sent = kind.login(&server, &number).await;
        assert_eq!((text(&sent["user_id"]), &sent["user_created"]), (user_id.clone(), &json!(false)));
        let code = server.code(&number).await;
        let (status, passed) = authenticate(&server, &text(&sent[kind.id]), &code, Some(&own)).await;
        assert_eq!((status, text(&passed["user_id"])), (StatusCode::OK, user_id.clone()));
        assert_eq!(passed["reset_sessions"], true);
        assert_eq!(text(&passed["session_token"]), own);
        assert!(!runs(&server, kind, &stale, &later).await, "an earlier session is still valid");
        let (status, _) = authenticate(&server, &text(&third[kind.id]), &code_of_third, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "an earlier session's named number is still valid");
        assert!(runs(&server, kind, &own, &later).await);

        // Only the first login does.
        kind.login(&server, &number).await;
        let again = returned(&server, kind, &number, &sent).await;
        assert_eq!(again["reset_sessions"], false);
        assert!(runs(&server, kind, &own, &later).await);
    }
}

/// Documents of an unverified claim expire with it, in the engine too.
#[tokio::test]
async fn documents_of_unverified_claims_expire() {
    let redis = Redis::start().unwrap();
    let server = Server::dev(&["--redis", &redis.url(), "--engine-wait", "15"]);
    let life = |method: &Value| {
        let key = format!("countersign-server:{}:method:{}", countersign_server_tests::PROJECT, text(method));
        let answer = redis.ask(&format!("TTL {key}")).unwrap();
        answer.trim().trim_start_matches(':').parse::<i64>().unwrap()
    };
    let user = person(&server, PHONE, &PHONE.of(1)).await;
    let (_, named) = PHONE.send(&server, &PHONE.of(2), json!({ "user_id": user.user_id })).await;
    let sent = PHONE.login(&server, &PHONE.of(3)).await;
    let (_, stated) = PHONE.create(&server, &PHONE.of(4)).await;
    assert!((1..=2 * 3600).contains(&life(&named["phone_id"])), "{}", life(&named["phone_id"]));
    assert!((1..=26 * 3600).contains(&life(&sent["phone_id"])), "{}", life(&sent["phone_id"]));
    assert_eq!(life(&stated["phone_id"]), -1);
    for (to, method) in [(PHONE.of(2), named), (PHONE.of(3), sent)] {
        returned(&server, PHONE, &to, &method).await;
        assert_eq!(life(&method["phone_id"]), -1, "verified methods stay");
    }
}
