//! Random sequences of calls on every engine, each call compared with the model.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;

use countersign_engines::{Postgres, Redis};
use futures_util::FutureExt;

use crate::world::{STEPS, World};
use crate::{EMAIL, PHONE};
use countersign_server_tests::Server;

#[tokio::test]
async fn holds_in_memory() {
    hold(&[Server::dev(&[])], 150).await;
}

#[tokio::test]
async fn holds_on_two_servers_with_redis() {
    let redis = Redis::start().unwrap();
    let options = ["--redis", &redis.url(), "--engine-wait", "15"];
    hold(&[Server::dev(&options), Server::dev(&options)], 25).await;
}

#[tokio::test]
async fn holds_on_two_servers_with_postgres() {
    let postgres = Postgres::start().unwrap();
    let options = ["--postgres", &postgres.url(), "--engine-wait", "15"];
    hold(&[Server::dev(&options), Server::dev(&options)], 25).await;
}

/// Checks random sequences. `CLAIMS_SEED` repeats a single one.
async fn hold(servers: &[Server], sequences: u64) {
    let seeds = match std::env::var("CLAIMS_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..sequences).collect(),
    };
    let (many, mut seen) = (seeds.len() > 1, HashMap::<&str, usize>::new());
    for (at, seed) in seeds.into_iter().enumerate() {
        let kind = if seed % 2 == 0 { PHONE } else { EMAIL };
        let mut world = World::new(servers, kind, 4 * at, seed);
        for _ in 0..STEPS {
            if let Err(failed) = AssertUnwindSafe(world.step()).catch_unwind().await {
                eprintln!("{}", world.trace.join("\n"));
                std::panic::resume_unwind(failed);
            }
        }
        world.seen.into_iter().for_each(|outcome| *seen.entry(outcome).or_default() += 1);
    }
    // Every kind of outcome must occur, or the invariants are hardly tested.
    assert!(!many || seen.len() == 12, "{seen:?}");
    eprintln!("{seen:?}");
}
