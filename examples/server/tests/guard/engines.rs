//! The guard of several servers on one engine.

use countersign_engines::{Postgres, Redis};
use serde_json::json;

use crate::import::import;
use crate::world::{REFUSED, World, stranger};

#[tokio::test]
async fn two_servers_share_a_guard_with_redis() {
    let redis = Redis::start().unwrap();
    two_share(&["--redis", &redis.url(), "--engine-wait", "15"]).await;
}

#[tokio::test]
async fn two_servers_share_a_guard_with_postgres() {
    let postgres = Postgres::start().unwrap();
    two_share(&["--postgres", &postgres.url(), "--engine-wait", "15"]).await;
}

async fn two_share(engine: &[&str]) {
    // A user logged in before there was a guard.
    let old = stranger(70);
    let before = countersign_server_tests::Server::dev(engine);
    let sent = before.login(&old).await;
    let code = before.code(&old).await;
    assert_eq!(before.authenticate(&sent["phone_id"], &code).await.0.as_u16(), 200);
    before.advance(72 * 60 * 60).await;

    let (one, two) = (World::start("", engine), World::start("", engine));
    let imported = stranger(50);
    let lines = (0..1500).map(|at| format!("+1202{:07}\n", 2_000_000 + at)).collect::<String>();
    let reports = import(&one, format!("{lines}{imported}\n")).await;
    assert_eq!((&reports.last().unwrap()["imported"], reports.len() > 1), (&json!(1501), true));

    // Tallies count the sends of both.
    for at in 0..7 {
        let world = if at % 2 == 0 { &one } else { &two };
        assert_eq!(world.login(&stranger(at)).await.status, 200, "{at}");
    }
    for world in [&one, &two] {
        assert_eq!(world.login(&stranger(7)).await.error(), REFUSED);
    }
    assert_eq!(two.login(&imported).await.status, 200, "imported at the other server");
    assert_eq!(two.login(&old).await.status, 200, "a user since long ago");

    // An override applies at the other server as soon as it is answered, and an end too.
    for (minutes, status) in [(60, 200), (0, 429)] {
        let body = json!({ "scope": "+1202555", "treatment": "allow", "minutes": minutes });
        assert_eq!(one.manage("overrides", &body).await.status, 200);
        assert_eq!(two.login(&stranger(8)).await.status, status, "{minutes}");
    }
    assert_eq!(one.manage("forgive", &json!({ "scope": "+1202555xxxx" })).await.status, 200);
    assert_eq!(two.login(&stranger(9)).await.status, 200);
    // Each server lists its own refusals.
    assert_eq!((one.refusals().await.len(), two.refusals().await.len()), (1, 2));
}
