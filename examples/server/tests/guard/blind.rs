//! The tallies can't be read, but the records can.

use countersign_engines::{Postgres, Redis};

use crate::world::{World, stranger};

/// Replaces every tally in Redis by bytes that are none.
const REDIS: &str = "EVAL \"local keys = redis.call('KEYS', '*tally:*') for _, key in ipairs(keys) do redis.call('SET', key, 'x') end return #keys\" 0";

const POSTGRES: &str = "UPDATE countersign_tallies SET unanswered = 'NaN'";

#[tokio::test]
async fn unreadable_tallies_in_redis() {
    let redis = Redis::start().unwrap();
    let damage = || redis.ask(REDIS).unwrap();
    decides(&["--redis", &redis.url(), "--engine-wait", "15"], damage).await;
}

#[tokio::test]
async fn unreadable_tallies_in_postgres() {
    let postgres = Postgres::start().unwrap();
    let damage = || postgres.ask(POSTGRES).unwrap();
    decides(&["--postgres", &postgres.url(), "--engine-wait", "15"], damage).await;
}

/// Sends fail, unless the operator prefers that they pass.
async fn decides(engine: &[&str], damage: impl Fn() -> String) {
    let (strict, lenient) = (World::start("", engine), World::start("when_blind = \"allow\"", engine));
    assert_eq!(strict.login(&stranger(0)).await.status, 200);
    let damaged = damage();
    let count = damaged.trim().rsplit([' ', ':']).next().unwrap().parse::<usize>();
    assert!(count.is_ok_and(|count| count >= 5), "{damaged}");

    assert_eq!(strict.login(&stranger(1)).await.error(), (503, "service_unavailable"));
    assert!(strict.server.outbox(&stranger(1)).await.is_empty());
    assert_eq!(lenient.login(&stranger(1)).await.status, 200);
    assert!(lenient.counts("countersign_guard_lost_changes_total 1").await);
}
