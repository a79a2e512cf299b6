//! A cluster of three nodes: each record lives on one of them, whichever node the store was given.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::thread;
use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::{
    AsyncStore, AsyncTallies, Change, Entry, EntryKind, Keep, Loaded, RecordKey, Revision, Swap, TallyKey,
};
use countersign::testing::{Awaited, BlockOn, Conformance, Engine};
use countersign_engines::{Proxied, Redis, TIMEOUT, Tokio};
use countersign_redis::redis::cluster_async::ClusterConnection;
use countersign_redis::{RedisStore, Timeouts, Warning};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

/// The cluster's slots, divided among three nodes.
const SLOTS: [&str; 3] = ["0 5460", "5461 10922", "10923 16383"];

fn cluster() -> Vec<Redis> {
    let options = ["--cluster-enabled", "yes", "--appendonly", "yes", "--appendfsync", "always"];
    let nodes: Vec<_> = SLOTS.iter().map(|_| Redis::start_with(&options).unwrap()).collect();
    for (node, slots) in nodes.iter().zip(SLOTS) {
        assert_eq!(node.ask(&format!("CLUSTER ADDSLOTSRANGE {slots}")).unwrap(), "+OK\r\n");
        assert_eq!(node.ask(&format!("CLUSTER MEET 127.0.0.1 {}", nodes[0].port())).unwrap(), "+OK\r\n");
    }
    let begun = Instant::now();
    let agrees = |node: &Redis| {
        let info = node.ask("CLUSTER INFO").unwrap();
        info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
    };
    while !nodes.iter().all(agrees) {
        assert!(begun.elapsed() < TIMEOUT, "the cluster did not form in time");
        thread::sleep(Duration::from_millis(100));
    }
    nodes
}

/// Batches whose keys are in one slot, in two, and in a slot each.
fn batches(store: &RedisStore<ClusterConnection>, tokio: &Tokio) {
    let keys = [1, 2, 3].map(|byte| RecordKey::from_bytes([byte; 16]));
    let [one, two, _] = keys;
    for store in [store.clone(), store.clone().with_prefix("{of one slot}:")] {
        tokio.block_on(async {
            for (key, record) in keys.iter().zip(["1", "2", "3"]) {
                let keep = Keep::new(Timestamp::EPOCH, Timestamp::EPOCH + TIMEOUT);
                let swap = store.compare_and_swap(key, Revision::ABSENT, record.as_bytes(), keep);
                assert_eq!(swap.await.unwrap(), Swap::Applied);
            }
            for (keys, expected) in [(keys, ["1", "2", "3"]), ([two, one, two], ["2", "1", "2"])] {
                let batch = store.load_all(&keys).await.unwrap();
                let records = batch.as_slice().iter().map(Loaded::record);
                assert!(records.eq(expected.map(str::as_bytes)), "{batch:?}");
            }
        });
    }
}

/// Each node behind a proxy, whose port it announces to clients.
fn proxied(nodes: Vec<Redis>) -> Vec<Proxied<Redis>> {
    let proxied: Vec<_> = nodes
        .into_iter()
        .map(|node| {
            let port = node.port();
            Proxied::new(node, port).unwrap()
        })
        .collect();
    for node in &proxied {
        let announce = format!("CONFIG SET cluster-announce-port {}", node.port());
        assert_eq!(node.engine().ask(&announce).unwrap(), "+OK\r\n");
    }
    let begun = Instant::now();
    let knows_all = |node: &Proxied<Redis>| {
        let slots = node.engine().ask("CLUSTER SLOTS").unwrap();
        proxied.iter().all(|other| slots.contains(&format!(":{}\r\n", other.port())))
    };
    while !proxied.iter().all(knows_all) {
        assert!(begun.elapsed() < TIMEOUT, "the nodes did not announce their ports in time");
        thread::sleep(Duration::from_millis(100));
    }
    proxied
}

/// The cluster client repeats what it sent when it lost the reply; adds must not be.
#[test]
fn adds_whose_reply_is_lost_are_not_repeated() {
    let nodes = proxied(cluster());
    let url = format!("redis://127.0.0.1:{}/", nodes[0].port());
    let tokio = Tokio::start().unwrap();
    let now = Timestamp::from_unix_seconds(1_800_000_000);
    tokio.block_on(async {
        let store = RedisStore::connect_cluster([url], LONG_TIMEOUTS).await.unwrap();
        let repeating = store.clone().with_connection_for_adds(store.connection().clone());
        for (store, expected) in [(&store, 1.0), (&repeating, 2.0)] {
            for byte in 0..6_u8 {
                let [key, other] = [0, 1].map(|end| {
                    let bytes = [byte, end, expected as u8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0];
                    TallyKey::new(EntryKind::Sums, bytes)
                });
                // The nodes have the script, and the connections are open.
                let mut ready = store.add(&[Change::sums(key, 0.0, 1.0)], now).await;
                while ready.is_err() {
                    ready = store.add(&[Change::sums(other, 0.0, 1.0)], now).await;
                }
                let before = unanswered(store, key, now).await;
                nodes.iter().for_each(|node| assert!(node.lose_next_reply().unwrap()));
                let added = store.add(&[Change::sums(key, 1.0, 0.0)], now).await;
                assert_eq!(added.is_err(), expected == 1.0, "{added:?}");
                // The other nodes lose their replies to reads.
                let stopwatch = Instant::now();
                let after = loop {
                    let read = AsyncTallies::read(store, &[key], now).await;
                    match read {
                        Ok(_) => break unanswered(store, key, now).await,
                        Err(error) => assert!(stopwatch.elapsed() < TIMEOUT, "{error}"),
                    }
                };
                assert_eq!(after - before, expected);
            }
        }
    });
}

async fn unanswered(store: &RedisStore<ClusterConnection>, key: TallyKey, now: Timestamp) -> f64 {
    let read = AsyncTallies::read(store, &[key], now).await.unwrap();
    let [Entry::Sums(sums)] = read.as_slice() else { return f64::NAN };
    sums.unanswered()
}

#[test]
fn cluster_store_conforms() {
    let nodes = cluster();
    let tokio = Tokio::start().unwrap();
    let store = tokio.block_on(RedisStore::connect_cluster([nodes[1].url()], LONG_TIMEOUTS)).unwrap();
    assert_eq!(tokio.block_on(store.durability()).unwrap().warnings(), [] as [Warning; 0]);
    batches(&store, &tokio);
    let store = Awaited::new(store, tokio);
    let report = Conformance::of(&store).tallies(&store).run().unwrap();
    println!("countersign-redis, cluster\n{report}");
    for node in &nodes {
        let keys: usize = node.ask("DBSIZE").unwrap().trim_matches([':', '\r', '\n']).parse().unwrap();
        println!("port {}: {keys} records", node.port());
        assert!(keys > 50, "records are spread over all nodes");
    }
}
