//! One block is pumped.

use crate::world::{LOGIN, REFUSED, World, stranger};
use serde_json::json;

/// The counter of refusals in the pumped block.
pub(crate) const REFUSALS: &str =
    "countersign_guard_refusals_total{outcome=\"refused\",rule=\"block_10000\",region=\"US\"}";
const MONITORED: &str =
    "countersign_guard_refusals_total{outcome=\"monitored\",rule=\"block_10000\",region=\"US\"}";

#[tokio::test]
async fn pumped_block_is_refused_and_counted() {
    let world = World::start("", &[]);
    world.pump().await;
    for _ in 0..2 {
        let refused = world.login(&stranger(7)).await;
        assert_eq!(refused.error(), REFUSED, "{}", refused.body);
        // Of the seven, one decays within 24 h · log2(7/6).
        assert!((19_190..=19_220).contains(&refused.retry_after.unwrap()), "{:?}", refused.retry_after);
        let message = refused.body["error_message"].as_str().unwrap();
        assert!(message.contains("Try again in ") && !message.contains("+1"), "{message}");
        assert!(!refused.may_vouch, "nobody is vouched for");
    }
    assert!(world.counts(&format!("{REFUSALS} 2")).await);
    assert!(world.counts("countersign_denials_total{reason=\"block_10000\"} 2").await);
    assert!(world.counts("countersign_sends_total{channel=\"sms\"} 7").await);
    // Other blocks are open, and so is this one as soon as the answer said.
    assert_eq!(world.login("+12025560100").await.status, 200);
    world.server.advance(19_230).await;
    assert_eq!(world.login(&stranger(7)).await.status, 200);
    assert_eq!(world.login(&stranger(8)).await.error(), REFUSED);
}

/// A refused send attaches no phone number to a user, and sends no message.
#[tokio::test]
async fn refused_send_leaves_nothing_behind() {
    let world = World::start("", &[]);
    let (_, user) = world.server.post("/v1/users", &json!({ "email": "ada@example.com" })).await;
    let user = user["user_id"].as_str().unwrap();
    world.pump().await;
    let number = stranger(7);
    let send = json!({ "phone_number": number, "user_id": user });
    assert_eq!(world.ask("/v1/otps/sms/send", &send).await.error(), REFUSED);
    assert_eq!(world.ask(LOGIN, &json!({ "phone_number": number })).await.error(), REFUSED);
    let (_, user) = world.server.get(&format!("/v1/users/{user}")).await;
    assert_eq!(user["phone_numbers"], json!([]));
    assert!(world.server.outbox(&number).await.is_empty());
    let (status, _) = world.server.post("/v1/otps/sms/send", &json!({ "phone_number": number })).await;
    assert_eq!(status.as_u16(), 404, "no user has the number");
}

#[tokio::test]
async fn answers_open_the_block_again() {
    let world = World::start("", &[]);
    let sent = world.pump().await;
    assert_eq!(world.login(&stranger(7)).await.error(), REFUSED);
    let code = world.server.code(&stranger(0)).await;
    let (status, _) = world.server.authenticate(&sent[0].body["phone_id"], &code).await;
    assert_eq!(status.as_u16(), 200);
    // The answer takes one unanswered send back, and pays for two more.
    for at in 7..10 {
        assert_eq!(world.login(&stranger(at)).await.status, 200, "{at}");
    }
    assert_eq!(world.login(&stranger(10)).await.error(), REFUSED);
}

#[tokio::test]
async fn monitor_mode_sends_and_counts() {
    let world = World::start("monitor = true", &[]);
    world.pump().await;
    for _ in 0..3 {
        assert_eq!(world.login(&stranger(7)).await.status, 200);
    }
    assert_eq!(world.server.outbox(&stranger(7)).await.len(), 3);
    assert!(world.counts(&format!("{MONITORED} 3")).await);
    assert!(!world.server.text("/metrics").await.contains("outcome=\"refused\""));
    let refusals = world.refusals().await;
    assert_eq!(refusals.len(), 3);
    assert_eq!((&refusals[0]["sent"], &refusals[0]["rule"]), (&json!(true), &json!("block_10000")));
}

#[tokio::test]
async fn caps_on_spend_raise_alarms() {
    // Ten messages at 0.05 cost 0.50.
    let world = World::start("[caps]\nregion = 0.5", &[]);
    for at in 0..10 {
        // In ten blocks of 10,000 numbers.
        assert_eq!(world.login(&format!("+120255{at}0100")).await.status, 200, "{at}");
    }
    for (percent, count) in [(50, 1), (90, 1)] {
        let alarm = "countersign_guard_alarms_total{cap=\"region\",region=\"US\"";
        assert!(world.counts(&format!("{alarm},percent=\"{percent}\"}} {count}")).await, "{percent}");
    }
    let refused = world.login("+12025700100").await;
    assert_eq!(refused.error(), REFUSED);
    assert_eq!(world.refusals().await[0]["rule"], "spend_region");
}
