//! Whom a code is for: known users, networks, accounts, and people whom the caller vouches for.

use serde_json::{Value, json};

use crate::world::{LOGIN, REFUSED, World, stranger};

const THREE_DAYS: u64 = 72 * 60 * 60;

#[tokio::test]
async fn known_user_passes_in_the_closed_block() {
    let world = World::start("", &[]);
    let number = stranger(100);
    world.logs_in(&number).await;
    world.server.advance(THREE_DAYS).await;
    // Three days later, an eighth of the answer is left: it pays for a quarter of a send.
    world.pump().await;
    assert_eq!(world.login(&stranger(7)).await.error(), REFUSED);
    world.logs_in(&number).await;
}

#[tokio::test]
async fn user_verified_a_moment_ago_is_a_stranger() {
    let world = World::start("[bases]\nblock_10000 = 1", &[]);
    let number = stranger(0);
    world.logs_in(&number).await;
    let mut sent = 0;
    while world.login(&stranger(1 + sent)).await.status == 200 {
        sent += 1;
        assert!(sent < 9);
    }
    assert_eq!(world.login(&number).await.error(), REFUSED);
    world.server.advance(THREE_DAYS).await;
    assert_eq!(world.login(&number).await.status, 200);
}

fn from(number: &str, address: Value) -> Value {
    json!({ "phone_number": number, "attributes": { "ip_address": address, "user_agent": "a browser" } })
}

#[tokio::test]
async fn network_of_the_person_is_counted() {
    let world = World::start("[bases]\nip = 3", &[]);
    for at in 0..3 {
        let body = from(&stranger(at), json!(format!("192.0.2.{at}")));
        assert_eq!(world.ask(LOGIN, &body).await.status, 200, "{at}");
    }
    assert_eq!(world.ask(LOGIN, &from(&stranger(3), json!("192.0.2.200"))).await.error(), REFUSED);
    assert_eq!(world.ask(LOGIN, &from(&stranger(3), json!("192.0.3.1"))).await.status, 200);
    assert_eq!(world.refusals().await[0]["rule"], "ip");
    // The address of the request is the caller's own, and counts for nothing. So does nonsense.
    for (at, body) in [
        (4, json!({ "phone_number": stranger(4) })),
        (5, from(&stranger(5), json!("here"))),
        (6, json!({ "phone_number": stranger(6), "attributes": ["192.0.2.1"] })),
    ] {
        assert_eq!(world.ask(LOGIN, &body).await.status, 200, "{at}");
    }
}

#[tokio::test]
async fn account_that_names_many_numbers_is_refused() {
    let world = World::start("[bases]\naccount = 2", &[]);
    let user = world.server.login("+12025800100").await["user_id"].clone();
    let name = async |at| {
        let body = json!({ "phone_number": stranger(at), "user_id": user });
        world.ask("/v1/otps/sms/send", &body).await
    };
    assert_eq!(name(0).await.status, 200);
    assert_eq!(name(1).await.status, 200);
    assert_eq!(name(2).await.error(), REFUSED);
    assert_eq!(world.refusals().await[0]["rule"], "account");
    assert_eq!(world.login(&stranger(2)).await.status, 200);
}

#[tokio::test]
async fn caller_may_vouch_in_the_configured_header_only() {
    let world = World::start("", &["--guard-vouched-header", "X-Captcha-Passed"]);
    world.pump().await;
    let refused = world.login(&stranger(7)).await;
    assert_eq!(refused.error(), REFUSED);
    assert!(refused.may_vouch);
    let ask = async |name: &str, value: &str| {
        let body = json!({ "phone_number": stranger(7) });
        let request = world.server.request("POST", LOGIN).header(name, value).json(&body);
        world.server.send(request).await.status().as_u16()
    };
    assert_eq!(ask("x-captcha-passed", "false").await, 429);
    assert_eq!(ask("x-captcha-passed", "1").await, 429);
    assert_eq!(ask("x-vouched", "true").await, 429);
    assert_eq!(ask("x-captcha-passed", "true").await, 200);

    let without = World::start("", &[]);
    without.pump().await;
    let body = json!({ "phone_number": stranger(7) });
    let request = without.server.request("POST", LOGIN).header("x-captcha-passed", "true").json(&body);
    assert_eq!(without.server.send(request).await.status().as_u16(), 429);
}
