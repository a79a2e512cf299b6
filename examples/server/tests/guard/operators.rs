//! Explaining, forgiving and overriding.

use serde_json::{Value, json};

use crate::world::{REFUSED, World, stranger};

#[tokio::test]
async fn explains_a_refusal_and_sends_nothing() {
    let world = World::start("", &[]);
    world.pump().await;
    let asked = json!({ "phone_number": stranger(7) });
    let ruling = world.manage("explain", &asked).await.body;
    assert_eq!((&ruling["decision"], &ruling["rule"]), (&json!("deny"), &json!("guard:block_10000")));
    assert_eq!(ruling["may_vouch"], true);
    let matched = ruling["matched"].as_array().unwrap();
    assert_eq!((matched.len(), &matched[0]["scope"]), (1, &json!("+1202555xxxx")));
    assert!(world.server.outbox(&stranger(7)).await.is_empty());
    assert!(world.refusals().await.is_empty(), "explaining is no refusal");

    let ruling = world.manage("explain", &json!({ "phone_number": "+12025800100" })).await.body;
    assert_eq!((&ruling["decision"], &ruling["rule"]), (&json!("allow"), &Value::Null));
    let foreign = json!({ "phone_number": "+33612345678" });
    let ruling = world.manage("explain", &foreign).await.body;
    assert_eq!(ruling["rule"], "policy:country_not_allowed");

    // The host's own keys, as a send names them.
    let world = World::start("[bases]\nip = 1", &[]);
    let attributes = json!({ "ip_address": "192.0.2.1" });
    let send = json!({ "phone_number": stranger(0), "attributes": attributes });
    assert_eq!(world.ask(crate::world::LOGIN, &send).await.status, 200);
    let asked = json!({ "phone_number": stranger(1), "attributes": attributes });
    assert_eq!(world.manage("explain", &asked).await.body["rule"], "guard:ip");
}

#[tokio::test]
async fn forgiven_block_is_open() {
    let world = World::start("", &[]);
    world.pump().await;
    assert_eq!(world.login(&stranger(7)).await.error(), REFUSED);
    let forgiven = world.manage("forgive", &json!({ "scope": "+1202555xxxx" })).await;
    assert_eq!(forgiven.status, 200, "{}", forgiven.body);
    assert_eq!(world.login(&stranger(7)).await.status, 200);
    for body in [
        json!({ "scope": "+1202555x" }),
        json!({ "scope": "+12025550100" }),
        json!({ "scope": "all" }),
        json!({ "scope": "US", "channel": "email" }),
        json!({}),
    ] {
        assert_eq!(world.manage("forgive", &body).await.error(), (400, "bad_request"), "{body}");
    }
    for body in [json!({ "scope": "US" }), json!({ "scope": "purse" }), json!({ "scope": "+12025550100xx" })]
    {
        assert_eq!(world.manage("forgive", &body).await.status, 200, "{body}");
    }
}

#[tokio::test]
async fn overrides_hold_until_their_end() {
    let world = World::start("", &[]);
    world.pump().await;
    assert_eq!(world.login(&stranger(7)).await.error(), REFUSED);
    let allow = json!({ "scope": "+1202555", "treatment": "allow", "minutes": 60 });
    let made = world.manage("overrides", &allow).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.body["overrides"].as_array().unwrap().len(), 1);
    assert_eq!(world.login(&stranger(7)).await.status, 200);
    assert_eq!(world.read("overrides").await.body["overrides"][0]["scope"], "+1202555");

    // One for the same prefix replaces it, and 0 minutes end it.
    let scale = json!({ "scope": "+1202555", "treatment": { "scale": 2.0 }, "minutes": 60 });
    let made = world.manage("overrides", &scale).await;
    assert_eq!(made.body["overrides"].as_array().unwrap().len(), 1);
    assert_eq!(made.body["overrides"][0]["treatment"], json!({ "scale": 2.0 }));
    assert_eq!(world.login(&stranger(8)).await.status, 200);
    let ended = json!({ "scope": "+1202555", "treatment": "allow", "minutes": 0 });
    assert_eq!(world.manage("overrides", &ended).await.body["overrides"], json!([]));
    assert_eq!(world.login(&stranger(9)).await.error(), REFUSED);

    let refuse = json!({ "scope": "ca", "treatment": "refuse", "minutes": 10 });
    assert_eq!(world.manage("overrides", &refuse).await.body["overrides"][0]["scope"], "CA");
    let refused = world.login("+14165550100").await;
    assert_eq!((refused.error(), refused.retry_after), (REFUSED, Some(600)));
    assert_eq!(world.refusals().await[0]["rule"], "override");
    world.server.advance(600).await;
    assert_eq!(world.login("+14165550100").await.status, 200);
    assert_eq!(world.read("overrides").await.body["overrides"], json!([]));
}

#[tokio::test]
async fn rejects_malformed_overrides() {
    let world = World::start("", &[]);
    let with = |field: &str, value: Value| {
        let mut body = json!({ "scope": "+1202", "treatment": "allow", "minutes": 5 });
        body[field] = value;
        body
    };
    for (body, message) in [
        (with("scope", json!("1202")), "scope: expected"),
        (with("scope", json!("+0")), "scope: expected"),
        (with("scope", json!("ZZ")), "scope: expected"),
        (with("scope", json!(7)), "scope has the wrong type"),
        (with("treatment", json!("deny")), "treatment: expected"),
        (with("treatment", json!("scale")), ""),
        (with("treatment", json!({ "scale": 0 })), "expected a number above 0"),
        (with("minutes", json!(600_000)), "366 days"),
        (with("minutes", json!(-1)), "minutes"),
    ] {
        let refused = world.manage("overrides", &body).await;
        assert_eq!(refused.error(), (400, "bad_request"), "{body}");
        let said = refused.body["error_message"].as_str().unwrap();
        assert!(said.contains(message), "{body}: {said}");
    }
    assert_eq!(world.read("overrides").await.body["overrides"], json!([]));
}
