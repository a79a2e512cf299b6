//! Users and the host's data about them.

use countersign_server_tests::Server;
use reqwest::StatusCode;
use serde_json::json;

use crate::error;

#[tokio::test]
async fn checks_the_types_of_user_fields() {
    let server = Server::dev(&[]);
    for wrong in [
        json!({ "name": 5 }),
        json!({ "trusted_metadata": "x" }),
        json!({ "untrusted_metadata": [] }),
        json!({ "external_id": {} }),
        json!({ "create_user_as_pending": "yes" }),
    ] {
        let (status, refused) = server.post("/v1/users", &wrong).await;
        assert_eq!((status, error(&refused)), (StatusCode::BAD_REQUEST, "bad_request"), "{wrong}");
    }
    let request =
        json!({ "name": { "first_name": "Ada" }, "trusted_metadata": { "plan": 1 }, "external_id": "7" });
    let (status, made) = server.post("/v1/users", &request).await;
    assert_eq!(status, StatusCode::OK);
    let shown = server.get(&format!("/v1/users/{}", made["user_id"].as_str().unwrap())).await.1;
    for field in ["name", "trusted_metadata", "external_id"] {
        assert_eq!(shown[field], request[field]);
    }
}

/// Data that a request may contain must be readable from a document; otherwise its owner would lose
/// the number for ever.
#[tokio::test]
async fn deepest_accepted_nesting_can_be_read_back() {
    let server = Server::dev(&[]);
    for depth in 120..130 {
        let nested = format!("{}{{}}{}", r#"{"a":"#.repeat(depth - 1), "}".repeat(depth - 1));
        for (at, field) in ["name", "trusted_metadata"].into_iter().enumerate() {
            let number = format!("+12025551{depth}").replace("555", if at == 0 { "555" } else { "556" });
            let body = format!(r#"{{"phone_number":"{number}","{field}":{nested}}}"#);
            let made = server.send(server.request("POST", "/v1/users").body(body)).await;
            let refused = made.status() == StatusCode::BAD_REQUEST;
            assert_eq!(refused, depth > 126, "{depth}");
            if !refused {
                let text = made.text().await.unwrap();
                let at = text.find("user-test-").unwrap();
                let user = &text[at..at + "user-test-".len() + 36];
                assert_eq!(
                    server.send(server.request("GET", &format!("/v1/users/{user}"))).await.status(),
                    200
                );
            }
        }
    }
}
