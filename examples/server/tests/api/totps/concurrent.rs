//! Concurrent requests: every code succeeds once.

use std::collections::HashMap;

use countersign_engines::{Postgres, Redis};
use countersign_server_tests::{Authenticator, Server};
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{authenticate, create, enrol, person, recover, shown};
use crate::error;

#[tokio::test]
async fn in_memory() {
    let server = Server::dev(&[]);
    all(&server, &server).await;
}

#[tokio::test]
async fn two_servers_on_redis() {
    let redis = Redis::start().unwrap();
    let options = ["--redis", &redis.url(), "--engine-wait", "15"];
    all(&Server::dev(&options), &Server::dev(&options)).await;
}

#[tokio::test]
async fn two_servers_on_postgres() {
    let postgres = Postgres::start().unwrap();
    let options = ["--postgres", &postgres.url(), "--engine-wait", "15"];
    all(&Server::dev(&options), &Server::dev(&options)).await;
}

async fn all(one: &Server, two: &Server) {
    one_submission_of_a_code_succeeds(one, two).await;
    one_submission_of_a_recovery_code_succeeds(one, two).await;
    concurrent_enrolments_leave_one_whole(one, two).await;
}

fn counted<'a>(answers: &'a [(StatusCode, Value)]) -> HashMap<&'a str, usize> {
    let mut counted: HashMap<&'a str, usize> = HashMap::new();
    for (_, answer) in answers {
        *counted.entry(error(answer)).or_default() += 1;
    }
    counted
}

/// `none` is the success; requests that competed too long may be told to try again.
fn one_success(answers: &[(StatusCode, Value)], refusal: &str) {
    let mut counted = counted(answers);
    assert_eq!(counted.remove("none"), Some(1), "{answers:?}");
    counted.remove("service_unavailable");
    assert_eq!(counted.keys().collect::<Vec<_>>(), [&refusal]);
}

async fn one_submission_of_a_code_succeeds(one: &Server, two: &Server) {
    let user_id = person(one, "+12025550101").await;
    let (_, app) = create(one, &user_id).await;
    for _ in 0..3 {
        let code = app.code(one);
        let servers = [one, two].into_iter().cycle().take(30);
        let attempts = servers.map(|server| authenticate(server, &user_id, &code));
        one_success(&join_all(attempts).await, "totp_code_already_authenticated");
        one.advance(30).await;
    }
    assert_eq!(shown(two, &user_id).await["is_locked"], false);
}

async fn one_submission_of_a_recovery_code_succeeds(one: &Server, two: &Server) {
    let user_id = person(one, "+12025550102").await;
    let (created, _) = enrol(one, &user_id).await;
    for code in &created["recovery_codes"].as_array().unwrap()[..3] {
        let servers = [one, two].into_iter().cycle().take(30);
        let attempts = servers.map(|server| recover(server, &user_id, code));
        // Ten that are charged before the first verdict lock the user until it is settled.
        let locked = |(_, answer): &(StatusCode, Value)| error(answer) == "user_lock_limit_reached";
        let (_, others): (Vec<_>, Vec<_>) = join_all(attempts).await.into_iter().partition(locked);
        one_success(&others, "unable_to_authenticate_recovery_code");
        assert_eq!(shown(two, &user_id).await["is_locked"], false);
    }
    let body = json!({ "user_id": user_id });
    let (_, listed) = two.post("/v1/totps/recovery_codes", &body).await;
    assert_eq!(
        listed["totps"][0]["recovery_codes"].as_array().unwrap()[..],
        created["recovery_codes"].as_array().unwrap()[3..]
    );
}

/// The secret and the recovery codes of the remaining enrolment are those of one answer.
async fn concurrent_enrolments_leave_one_whole(one: &Server, two: &Server) {
    let user_id = person(one, "+12025550103").await;
    let body = json!({ "user_id": user_id });
    let calls = [one, two].into_iter().cycle().take(6).map(|server| server.post("/v1/totps", &body));
    let answers = join_all(calls).await;
    let id = shown(one, &user_id).await["totps"][0]["totp_id"].clone();
    let (_, created) = answers.iter().find(|(_, answer)| answer["totp_id"] == id).unwrap();
    let app = Authenticator::scan(created["qr_code"].as_str().unwrap());
    let (status, passed) = authenticate(two, &user_id, &app.code(one)).await;
    assert_eq!(status, StatusCode::OK, "{passed}");
    let (status, passed) = recover(one, &user_id, &created["recovery_codes"][9]).await;
    assert_eq!(status, StatusCode::OK, "{passed}");
}
