//! The list of refusals.

use countersign_server_tests::{PROJECT, SECRET};
use serde_json::json;

use crate::world::{REFUSED, World, stranger};

#[tokio::test]
async fn list_holds_the_last_256_refusals_and_no_numbers() {
    let world = World::start("", &[]);
    world.pump().await;
    for at in 0..260 {
        let number = stranger(7 + at);
        assert_eq!(world.login(&number).await.error(), REFUSED, "{number}");
    }
    let refusals = world.refusals().await;
    assert_eq!(refusals.len(), 256);
    let newest = &refusals[0];
    assert_eq!(newest["region"], "US");
    assert_eq!(newest["channel"], "sms");
    assert_eq!(newest["rule"], "block_10000");
    assert_eq!(newest["scope"], "+1202555xxxx");
    assert_eq!(newest["sent"], false);
    assert_eq!(newest["answered"], 0.0);
    assert_eq!(newest["allowance"], 7.0);
    assert!((6.9..=7.0).contains(&newest["unanswered"].as_f64().unwrap()), "{newest}");
    assert!(newest["at"].as_str().unwrap() < newest["retry_at"].as_str().unwrap(), "{newest}");
    assert_eq!(newest["fingerprint"].as_str().unwrap().len(), 16);
    assert_ne!(newest["fingerprint"], "0000000000000000");
}

/// The scope of the smallest blocks would be a number without its last two digits.
#[tokio::test]
async fn small_blocks_and_single_numbers_are_shown_without_their_digits() {
    let world = World::start("", &[]);
    // Five to one block of 100, then a sixth; and six to one number.
    for at in 0..6 {
        world.login(&format!("+120255501{at:02}")).await;
    }
    for _ in 0..6 {
        world.login("+12025900177").await;
    }
    let refusals = world.refusals().await;
    let shown: Vec<_> = refusals.iter().map(|one| (one["rule"].clone(), one["scope"].clone())).collect();
    assert_eq!(
        shown,
        [(json!("number_unanswered"), json!("recipient")), (json!("block_100"), json!("+1202555xxxx")),]
    );
    let text = world.read("refusals").await.body.to_string();
    assert!(!text.contains("12025550") && !text.contains("1202590"), "{text}");
}

#[tokio::test]
async fn log_names_rules_and_caps_but_no_numbers() {
    let mut world = World::start("[caps]\nall = 0.4", &[]);
    world.pump().await;
    assert_eq!(world.login(&stranger(7)).await.error(), REFUSED);
    let log = world.server.stop();
    assert!(log.contains("\"event\":\"guarded\"") && log.contains("\"reason\":\"block_10000\""), "{log}");
    assert_eq!(log.matches("a cap on spend is nearly used up").count(), 1, "{log}");
    assert!(!log.contains("1202555"), "{log}");
}

#[tokio::test]
async fn operators_calls_require_the_management_credentials_and_a_guard() {
    let world = World::start("", &[]);
    let path = "/pwa/v3/projects/p/environments/e/guard";
    let calls = [
        ("GET", "refusals"),
        ("GET", "overrides"),
        ("POST", "overrides"),
        ("POST", "explain"),
        ("POST", "forgive"),
        ("POST", "import"),
    ];
    for (method, call) in calls {
        let request = world.server.request_as(PROJECT, SECRET, method, &format!("{path}/{call}"));
        assert_eq!(world.server.send(request.body("{}")).await.status().as_u16(), 401, "{call}");
    }
    let unguarded = countersign_server_tests::Server::dev(&[]);
    for (call, body) in [
        ("explain", json!({ "phone_number": "+12025550100" })),
        ("forgive", json!({ "scope": "US" })),
        ("overrides", json!({ "scope": "US", "treatment": "allow", "minutes": 1 })),
        ("import", json!({})),
    ] {
        let (status, refused) = unguarded.manage(&format!("guard/{call}"), &body).await;
        assert_eq!((status.as_u16(), &refused["error_type"]), (404, &json!("route_not_found")), "{call}");
    }
}
