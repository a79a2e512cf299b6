//! Faults: the engine is paused, killed and restarted; clients disconnect or stall.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::testing::{Engine, Stopwatch};
use countersign_engines::{Postgres, Redis, TIMEOUT};
use countersign_server_tests::{PROJECT, SECRET, Server};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn recovers_after_redis_fails() {
    let redis = Redis::start().unwrap();
    fails_and_recovers(&redis, &["--redis", &redis.url()]).await;
}

#[tokio::test]
async fn recovers_after_postgres_fails() {
    let postgres = Postgres::start().unwrap();
    fails_and_recovers(&postgres, &["--postgres", &postgres.url()]).await;
}

async fn fails_and_recovers(engine: &impl Engine, options: &[&str]) {
    // One server with the timeouts of production, for the failing engine, and a patient one, for a
    // busy machine.
    let (impatient, server) =
        (Server::dev(options), Server::dev(&[options, &["--engine-wait", "15"]].concat()));
    let sent = server.login("+12025550101").await;
    let code = server.code("+12025550101").await;

    engine.pause().unwrap();
    let stopwatch = Stopwatch::start();
    let body = json!({ "phone_number": "+12025550101" });
    for (path, body) in [
        ("/v1/otps/sms/send", &body),
        ("/v1/otps/authenticate", &json!({ "method_id": sent["phone_id"], "code": code })),
    ] {
        let (status, refused) = impatient.post(path, body).await;
        assert_eq!(
            (status, &refused["error_type"]),
            (StatusCode::SERVICE_UNAVAILABLE, &json!("service_unavailable"))
        );
    }
    assert_eq!(impatient.get("/healthz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(stopwatch.elapsed() < Duration::from_secs(30), "{:?}", stopwatch.elapsed());
    engine.resume().unwrap();
    recovers(&impatient).await;
    recovers(&server).await;

    engine.restart().unwrap();
    recovers(&server).await;
    assert_eq!(server.authenticate(&sent["phone_id"], &code).await.0, StatusCode::OK);
    engine.restart().unwrap();
    recovers(&server).await;
    assert_eq!(
        server.authenticate(&sent["phone_id"], &code).await.0,
        StatusCode::UNAUTHORIZED,
        "the code was used"
    );
}

async fn recovers(server: &Server) {
    let stopwatch = Stopwatch::start();
    while server.get("/healthz").await.0 != StatusCode::OK {
        assert!(stopwatch.elapsed() < TIMEOUT, "the server did not recover");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A check that stopped when its client disconnected might or might not have used up the code.
#[tokio::test]
async fn check_completes_after_its_client_disconnects() {
    let redis = Redis::start().unwrap();
    let server = Server::dev(&["--redis", &redis.url(), "--engine-wait", "15"]);
    let sent = server.login("+12025550101").await;
    let code = server.code("+12025550101").await;
    let user = format!("/v1/users/{}", sent["user_id"].as_str().unwrap());

    redis.pause().unwrap();
    let body = json!({ "method_id": sent["phone_id"], "code": code }).to_string();
    let credentials = BASE64_STANDARD.encode(format!("{}:{}", PROJECT, SECRET));
    let request = format!(
        "POST /v1/otps/authenticate HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {credentials}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut client = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    client.write_all(request.as_bytes()).unwrap();
    until_in_flight(&server, 2).await;
    drop(client);
    until_in_flight(&server, 1).await;
    redis.resume().unwrap();

    let stopwatch = Stopwatch::start();
    while server.get(&user).await.1["phone_numbers"][0]["verified"] != true {
        assert!(stopwatch.elapsed() < TIMEOUT, "the check did not complete");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (status, refused) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!(
        (status, &refused["error_type"]),
        (StatusCode::UNAUTHORIZED, &json!("unable_to_auth_otp_code"))
    );
}

/// Waits until this many requests are in flight, including the one that asks.
async fn until_in_flight(server: &Server, count: usize) {
    let (stopwatch, wanted) = (Stopwatch::start(), format!("requests_in_flight {count}\n"));
    while !server.text("/metrics").await.contains(&wanted) {
        assert!(stopwatch.elapsed() < TIMEOUT, "there were never {count} requests in flight");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Clients that connect and stay silent don't keep the server from answering others or stopping.
#[tokio::test]
async fn silent_clients_block_neither_requests_nor_shutdown() {
    let mut server = Server::dev(&[]);
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    let silent: Vec<_> = (0..50).map(|_| TcpStream::connect(&address).unwrap()).collect();
    for mut client in &silent {
        client.write_all(b"POST /v1/otps/sms/send HTTP/1.1\r\nho").unwrap();
    }
    assert_eq!(server.get("/healthz").await.0, StatusCode::OK);
    server.terminate();
    assert!(server.exited_within(Duration::from_secs(20)));
}

/// Each client occupies a file descriptor, which are limited: stalled clients are disconnected.
#[tokio::test]
async fn disconnects_stalled_clients() {
    let server = Server::dev(&[]);
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    let credentials = BASE64_STANDARD.encode(format!("{}:{}", PROJECT, SECRET));
    let head = format!(
        "POST /v1/otps/sms/send HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {credentials}\r\ncontent-length: 100\r\n\r\n"
    );
    let begun = ["", "P", "PRI * HTTP/2.0\r\n", "GET /healthz HTTP/1.1\r\nho", &head];
    let mut clients = begun.map(|begun| {
        let mut client = TcpStream::connect(&address).unwrap();
        client.write_all(begun.as_bytes()).unwrap();
        client.set_nonblocking(true).unwrap();
        (begun, client)
    });
    let stopwatch = Stopwatch::start();
    for at in 0..clients.len() {
        while !has_ended(&mut clients[at].1) {
            // The server's limit is 10 seconds.
            assert!(
                stopwatch.elapsed() < Duration::from_secs(13),
                "the client that sent {:?} is still connected",
                clients[at].0
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
            // The last client sends its body a byte at a time.
            let _ = clients[4].1.write_all(b" ");
        }
    }
}

/// Whether the server has closed the connection, regardless of earlier data.
fn has_ended(client: &mut TcpStream) -> bool {
    match client.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

/// Clients that send requests without reading the answers are disconnected too.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn disconnects_clients_that_do_not_read() {
    let server = Server::dev(&[]);
    let mut client = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    client.set_nonblocking(true).unwrap();
    let requests = b"GET /page/login.js HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1000);
    let stopwatch = Stopwatch::start();
    let gone = loop {
        match client.write(&requests) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => break true,
            _ if stopwatch.elapsed() > TIMEOUT => break false,
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    assert!(gone, "the client is still connected");
}

/// A regression test: the server could miss the error and wait for ever.
#[test]
fn reports_an_address_in_use() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    for _ in 0..10 {
        let said = Server::fails(&["--dev", "--listen", &address]);
        assert!(said.contains(&format!("--listen {address}: Address already in use")), "{said}");
    }
}
