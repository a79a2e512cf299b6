//! Allowlists of countries.

use countersign_server_tests::{MGMT_KEY, MGMT_SECRET, Server};
use serde_json::{Value, json};

use crate::error;

#[tokio::test]
async fn refused_list_changes_nothing() {
    let server = Server::dev(&[]);
    for channel in ["sms", "whatsapp"] {
        let path = format!("/pwa/v3/projects/p/environments/e/allowed_country_codes/{channel}");
        let ask = async |method: &str, body: Value| {
            let request = server.request_as(MGMT_KEY, MGMT_SECRET, method, &path).json(&body);
            let answer: Value = server.send(request).await.json().await.unwrap();
            answer
        };
        assert_eq!(ask("GET", json!({})).await["country_codes"], json!(["US", "CA"]));
        assert_eq!(
            ask("POST", json!({ "country_codes": ["GB", "us", "GB"] })).await["country_codes"],
            json!(["GB", "US"])
        );
        for (codes, kind) in [
            (json!([]), "country_code_allowlist_empty"),
            (json!(["FR", "ZZ"]), "country_code_allowlist_invalid_country_codes"),
            (json!(["FR", "AQ"]), "country_code_allowlist_invalid_country_codes"),
            (json!(["FR "]), "country_code_allowlist_invalid_country_codes"),
            (json!("FR"), "bad_request"),
            (json!(null), "bad_request"),
        ] {
            let refused = ask("POST", json!({ "country_codes": codes })).await;
            assert_eq!(error(&refused), kind, "{channel} {codes}");
            assert_eq!(ask("GET", json!({})).await["country_codes"], json!(["GB", "US"]));
        }
    }
}
