//! Development mode (`--dev`): on loopback only, and protected from other sites.

use countersign_server_tests::Server;
use reqwest::StatusCode;
use serde_json::json;

use crate::error;

#[tokio::test]
async fn refuses_pages_of_other_sites() {
    let server = Server::dev(&[]);
    server.login("+12025550109").await;
    for (host, status) in [("example.com", 400), ("127.0.0.1.example.com:80", 400), ("localhost", 200)] {
        let request = server.request("GET", "/dev/outbox?to=%2B12025550109").header("host", host);
        assert_eq!(server.send(request).await.status().as_u16(), status, "{host}");
    }
    for (origin, status) in [("https://example.com", 400), ("null", 400), ("http://localhost:1", 200)] {
        let request = server.request("POST", "/dev/clock").header("origin", origin);
        let request = request.header("content-type", "text/plain").body(r#"{"advance_seconds":1}"#);
        assert_eq!(server.send(request).await.status().as_u16(), status, "{origin}");
    }
}

#[tokio::test]
async fn development_mode_is_limited_to_loopback() {
    let output = Server::fails(&["--dev", "--listen", "0.0.0.0:0"]);
    assert!(output.contains("loopback only"), "{output}");
    let output = Server::fails(&["--listen", "127.0.0.1:0"]);
    assert!(output.contains("--webhook"), "{output}");
    let output = Server::fails(&["--listen", "127.0.0.1:0", "--webhook", "https://example.com/"]);
    assert!(output.contains("PROJECT_ID is not set"), "{output}");

    let server = Server::production("http://127.0.0.1:9/");
    for path in ["/dev/outbox?to=%2B12025550162", "/dev/clock"] {
        assert_eq!(server.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    // In production, the sandbox number is not special.
    let body = json!({ "phone_number": "+10000000000" });
    let (_, refused) = server.post("/v1/otps/sms/login_or_create", &body).await;
    assert_eq!(error(&refused), "invalid_phone_number");
}
