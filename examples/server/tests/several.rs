//! Several servers on one engine behave as one: a change made at one applies at the other as soon
//! as it is answered.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use countersign_engines::{Postgres, Redis};
use countersign_server_tests::{MGMT_KEY, MGMT_SECRET, PROJECT, Server};
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn two_servers_behave_as_one_with_redis() {
    let redis = Redis::start().unwrap();
    two_are_one(&["--redis", &redis.url()]).await;
}

#[tokio::test]
async fn two_servers_behave_as_one_with_postgres() {
    let postgres = Postgres::start().unwrap();
    two_are_one(&["--postgres", &postgres.url()]).await;
}

async fn two_are_one(engine: &[&str]) {
    // This is not a test of timeouts. Both servers start at once, on an empty engine.
    let engine = &[engine, &["--engine-wait", "15"]].concat();
    let (one, two) = std::thread::scope(|scope| {
        let starting = scope.spawn(|| Server::dev(engine));
        (Server::dev(engine), starting.join().unwrap())
    });

    let sent = one.login("+12025550101").await;
    assert_eq!(one.outbox("+12025550101").await, two.outbox("+12025550101").await);
    let code = two.code("+12025550101").await;
    let again = two.login("+12025550101").await;
    assert_eq!((&again["phone_id"], &again["user_created"]), (&sent["phone_id"], &json!(false)));
    let (status, refused) = one.authenticate(&sent["phone_id"], &code).await;
    assert_eq!(
        (status, &refused["error_type"]),
        (StatusCode::UNAUTHORIZED, &json!("unable_to_auth_otp_code"))
    );

    // A correct code submitted to both servers at once succeeds once.
    for round in 0..10 {
        let number = format!("+120255502{round:02}");
        let sent = one.login(&number).await;
        let code = two.code(&number).await;
        let both = (0..20).map(|at| if at % 2 == 0 { &one } else { &two });
        let answers = join_all(both.map(|server| server.authenticate(&sent["phone_id"], &code))).await;
        let passed = answers.iter().filter(|(status, _)| *status == StatusCode::OK).count();
        assert_eq!(passed, 1, "{:?}", answers.iter().map(|(status, _)| status).collect::<Vec<_>>());
    }

    // Wrong codes count together, up to the lock.
    let sent = one.login("+12025550103").await;
    let code = two.code("+12025550103").await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    let both = (0..40).map(|at| if at % 2 == 0 { &one } else { &two });
    let answers = join_all(both.map(|server| server.authenticate(&sent["phone_id"], wrong))).await;
    let judged = answers.iter().filter(|(status, _)| *status == StatusCode::NOT_FOUND).count();
    assert!((1..=10).contains(&judged), "{judged} codes got a verdict");

    // Of concurrent logins with a new number at both servers, one creates the user.
    for round in 0..10 {
        let number = format!("+120255504{round:02}");
        let (here, there) = tokio::join!(one.login(&number), two.login(&number));
        assert_eq!((&here["user_id"], &here["phone_id"]), (&there["user_id"], &there["phone_id"]));
        assert_ne!(here["user_created"], there["user_created"]);
    }

    // A changed allowlist applies as soon as it is answered.
    let path = "/pwa/v3/projects/p/environments/e/allowed_country_codes/sms";
    let french = json!({ "phone_number": "+33612345678" });
    let login = "/v1/otps/sms/login_or_create";
    for (list, status) in [(json!(["FR", "US"]), StatusCode::OK), (json!(["US"]), StatusCode::BAD_REQUEST)] {
        let set = one.request_as(MGMT_KEY, MGMT_SECRET, "POST", path);
        let set: Value = one.send(set.json(&json!({ "country_codes": list }))).await.json().await.unwrap();
        assert_eq!(set["country_codes"], list);
        assert_eq!(two.post(login, &french).await.0, status);
    }

    // Both servers accept a session's token and JWT.
    let sent = one.login("+12025550105").await;
    let code = one.code("+12025550105").await;
    let body = json!({ "method_id": sent["phone_id"], "code": code, "session_duration_minutes": 60 });
    let (status, passed) = one.post("/v1/otps/authenticate", &body).await;
    assert_eq!(status, StatusCode::OK);
    for (field, number) in [("session_token", "+12025550106"), ("session_jwt", "+12025550107")] {
        let body = json!({ "phone_number": number, field: passed[field] });
        let (status, attached) = two.post("/v1/otps/sms/send", &body).await;
        assert_eq!((status, &attached["user_id"]), (StatusCode::OK, &sent["user_id"]), "{field} {attached}");
    }
    let jwks = format!("/v1/sessions/jwks/{}", PROJECT);
    assert_eq!(one.get(&jwks).await.1["keys"], two.get(&jwks).await.1["keys"]);
    assert_eq!(one.get(&jwks).await.1["keys"].as_array().unwrap().len(), 1);

    // A key that an engine can't store is not found, and the engine does not count as failed.
    assert_eq!(one.get("/v1/users/%00").await.0, StatusCode::NOT_FOUND);
    let body = json!({ "phone_number": "+12025550108", "user_id": "\0" });
    assert_eq!(one.post("/v1/otps/sms/send", &body).await.0, StatusCode::NOT_FOUND);

    // Both servers share one clock.
    one.advance(3600).await;
    let (status, _) = two.authenticate(&sent["phone_id"], &code).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}
