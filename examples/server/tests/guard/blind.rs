//! The tallies can't be read, but the records can.

use countersign_engines::Redis;

use crate::world::{World, stranger};

/// Replaces every tally by bytes that are none.
const DAMAGE: &str = "EVAL \"local keys = redis.call('KEYS', '*tally:*') for _, key in ipairs(keys) do redis.call('SET', key, 'x') end return #keys\" 0";

/// Starts a server with a guard, sends one code, and damages its tallies.
async fn damaged(settings: &str, redis: &Redis) -> World {
    let world = World::start(settings, &["--redis", &redis.url(), "--engine-wait", "15"]);
    assert_eq!(world.login(&stranger(0)).await.status, 200);
    let answer = redis.ask(DAMAGE).unwrap();
    let count: usize = answer.trim().trim_start_matches(':').parse().unwrap();
    assert!(count >= 6, "{answer}");
    world
}

#[tokio::test]
async fn sends_fail_if_tallies_cannot_be_read() {
    let redis = Redis::start().unwrap();
    let world = damaged("", &redis).await;
    assert_eq!(world.login(&stranger(1)).await.error(), (503, "service_unavailable"));
    assert!(world.server.outbox(&stranger(1)).await.is_empty());
}

#[tokio::test]
async fn sends_pass_if_the_operator_prefers_that() {
    let redis = Redis::start().unwrap();
    let world = damaged("when_blind = \"allow\"", &redis).await;
    assert_eq!(world.login(&stranger(1)).await.status, 200);
    assert!(world.counts("countersign_guard_lost_changes_total 1").await);
}
