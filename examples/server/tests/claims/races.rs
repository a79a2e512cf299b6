//! Concurrent calls on two servers: in any order, no number belongs to two users, and no user to
//! two people.

use countersign_engines::{Postgres, Redis};
use reqwest::StatusCode;
use serde_json::json;

use crate::{EMAIL, Kind, PHONE, authenticate, text};
use countersign_server_tests::Server;

const ROUNDS: usize = 12;

#[tokio::test]
async fn holds_in_memory() {
    let server = Server::dev(&[]);
    all(&server, &server).await;
}

#[tokio::test]
async fn holds_with_redis() {
    let redis = Redis::start().unwrap();
    let options = ["--redis", &redis.url(), "--engine-wait", "15"];
    all(&Server::dev(&options), &Server::dev(&options)).await;
}

#[tokio::test]
async fn holds_with_postgres() {
    let postgres = Postgres::start().unwrap();
    let options = ["--postgres", &postgres.url(), "--engine-wait", "15"];
    all(&Server::dev(&options), &Server::dev(&options)).await;
}

async fn all(one: &Server, two: &Server) {
    for kind in [PHONE, EMAIL] {
        for round in 0..ROUNDS {
            let base = 20 * round;
            login_and_verification_of_a_named_number(one, two, kind, base).await;
            two_verifications_for_one_user(one, two, kind, base + 4).await;
            all_calls_for_one_number(one, two, kind, base + 8).await;
            first_login_is_known_to_both_servers(one, two, kind, base + 12).await;
        }
    }
}

/// Logs in with a number, which must succeed when nothing else is in progress. Returns the user.
async fn settled(server: &Server, kind: Kind, to: &str) -> String {
    let sent = kind.login(server, to).await;
    let code = server.code(to).await;
    let (status, passed) = authenticate(server, &text(&sent[kind.id]), &code, None).await;
    assert_eq!(status, StatusCode::OK, "{passed}");
    assert_eq!(kind.login(server, to).await["user_id"], passed["user_id"]);
    text(&passed["user_id"])
}

async fn login_and_verification_of_a_named_number(one: &Server, two: &Server, kind: Kind, base: usize) {
    let (own, number) = (kind.of(base), kind.of(base + 1));
    let user = settled(one, kind, &own).await;
    let (_, named) = kind.send(one, &number, json!({ "user_id": user })).await;
    let code = one.code(&number).await;
    let method = text(&named[kind.id]);
    let ((status, passed), login) =
        tokio::join!(authenticate(one, &method, &code, None), kind.login(two, &number));
    let has = settled(two, kind, &number).await;
    if status == StatusCode::OK {
        assert_eq!((text(&passed["user_id"]), has), (user, text(&passed["user_id"])));
    } else {
        assert_ne!(text(&login["user_id"]), user);
        assert_eq!(text(&login["user_id"]), has);
        assert_eq!(kind.shown(one, &user).await, [(own, true)]);
    }
}

/// The attacker's number and the owner's are verified for a user who belonged to no one.
async fn two_verifications_for_one_user(one: &Server, two: &Server, kind: Kind, base: usize) {
    let (owners, attackers) = (kind.of(base), kind.of(base + 1));
    let sent = kind.login(one, &owners).await;
    let (_, named) = kind.send(one, &attackers, json!({ "user_id": sent["user_id"] })).await;
    let (code, other) = (one.code(&owners).await, one.code(&attackers).await);
    let (owner, attacker) = (text(&sent[kind.id]), text(&named[kind.id]));
    let ((status, owner), (other_status, attacker)) =
        tokio::join!(authenticate(one, &owner, &code, None), authenticate(two, &attacker, &other, None));
    assert!(status == StatusCode::OK || other_status == StatusCode::OK, "{owner} {attacker}");
    if status == StatusCode::OK && other_status == StatusCode::OK {
        assert_ne!(owner["user_id"], attacker["user_id"], "two people share a user");
    }
    assert_ne!(settled(one, kind, &owners).await, settled(two, kind, &attackers).await);
}

async fn all_calls_for_one_number(one: &Server, two: &Server, kind: Kind, base: usize) {
    let number = kind.of(base);
    let (a, b) = (settled(one, kind, &kind.of(base + 1)).await, settled(two, kind, &kind.of(base + 2)).await);
    let (named_a, named_b, login, (status, created)) = tokio::join!(
        kind.send(one, &number, json!({ "user_id": a })),
        kind.send(two, &number, json!({ "user_id": b })),
        kind.login(one, &number),
        kind.create(two, &number),
    );
    let has = if status == StatusCode::OK { text(&created["user_id"]) } else { text(&login["user_id"]) };
    assert!(has != a && has != b, "{named_a:?} {named_b:?}");
    assert_eq!(settled(two, kind, &number).await, has);
    for user in [a, b] {
        assert_eq!(kind.shown(one, &user).await.len(), 1);
    }
}

async fn first_login_is_known_to_both_servers(one: &Server, two: &Server, kind: Kind, base: usize) {
    let (number, other) = (kind.of(base), kind.of(base + 1));
    let user = text(&kind.create(one, &number).await.1["user_id"]);
    let (_, named) = kind.send(one, &other, json!({ "user_id": user })).await;
    let method = text(&named[kind.id]);
    let (_, before) = authenticate(two, &method, &one.code(&other).await, None).await;
    kind.login(one, &other).await;
    let sent = kind.login(one, &number).await;
    let (code, more) = (one.code(&number).await, one.code(&other).await);
    let first = text(&sent[kind.id]);
    let ((status, passed), (other_status, _)) =
        tokio::join!(authenticate(one, &first, &code, None), authenticate(two, &method, &more, None));
    assert_eq!((status, other_status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(passed["reset_sessions"], true);
    for server in [one, two] {
        let stale = json!({ "session_token": before["session_token"] });
        assert_eq!(kind.send(server, &number, stale).await.0, StatusCode::NOT_FOUND);
        let fresh = json!({ "session_token": passed["session_token"] });
        assert_eq!(kind.send(server, &number, fresh).await.0, StatusCode::OK);
    }
}
