//! `/healthz` succeeds only while the engine accepts writes.

use std::time::{Duration, Instant};

use countersign_engines::{Postgres, Redis};
use countersign_postgres::deadpool_postgres::tokio_postgres::{Config, NoTls};
use reqwest::StatusCode;

use countersign_server_tests::Server;

#[tokio::test]
async fn healthy_in_memory() {
    let server = Server::dev(&[]);
    for _ in 0..20 {
        assert_eq!(server.get("/healthz").await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn unhealthy_while_redis_refuses_writes() {
    let redis = Redis::start().unwrap();
    let server = Server::dev(&["--redis", &redis.url()]);
    healthy(&server, "at first").await;
    for (refuses, takes) in [
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
    ] {
        assert_eq!(redis.ask(refuses).unwrap(), "+OK\r\n");
        unhealthy(&server, refuses).await;
        assert_eq!(redis.ask(takes).unwrap(), "+OK\r\n");
        healthy(&server, takes).await;
    }
    // The probes left nothing behind.
    let keys = redis.ask("KEYS *healthz*").unwrap();
    assert_eq!(keys, "*0\r\n");
}

#[tokio::test]
async fn unhealthy_while_postgres_refuses_writes() {
    let postgres = Postgres::start().unwrap();
    let server = Server::dev(&["--postgres", &postgres.url()]);
    healthy(&server, "at first").await;
    let config: Config = postgres.url().parse().unwrap();
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("SET default_transaction_read_only = off").await.unwrap();
    for (name, setting) in [
        ("read only", "SET default_transaction_read_only = on"),
        ("again", "RESET default_transaction_read_only"),
    ] {
        client.batch_execute(&format!("ALTER SYSTEM {setting}")).await.unwrap();
        client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        if setting.starts_with("SET") {
            unhealthy(&server, name).await;
        } else {
            healthy(&server, name).await;
        }
    }
    let left = "SELECT count(*) FROM countersign_documents WHERE key LIKE '%healthz%'";
    assert_eq!(client.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
}

async fn healthy(server: &Server, when: &str) {
    becomes(server, StatusCode::OK, when).await;
}

async fn unhealthy(server: &Server, when: &str) {
    becomes(server, StatusCode::SERVICE_UNAVAILABLE, when).await;
    let (_, answer) = server.get("/healthz").await;
    assert_eq!(answer["error_type"], "service_unavailable", "{when}");
}

/// Waits for a status: PostgreSQL's processes apply changed settings after a moment.
async fn becomes(server: &Server, expected: StatusCode, when: &str) {
    let began = Instant::now();
    loop {
        let (status, answer) = server.get("/healthz").await;
        if status == expected {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{when}: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
