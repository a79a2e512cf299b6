//! The contents of the log and the metrics.

use countersign_server_tests::{MGMT_SECRET, SECRET, Server};
use serde_json::{Value, json};

#[tokio::test]
async fn log_and_metrics_contain_no_numbers_or_codes() {
    let mut server = Server::dev(&[]);
    let sent = server.login("+12025550111").await;
    let code = server.code("+12025550111").await;
    server.authenticate(&sent["phone_id"], "000001").await;
    server.authenticate(&sent["phone_id"], &code).await;
    server.post("/v1/otps/sms/send", &json!({ "phone_number": "+1202555011" })).await;
    server.get("/v1/users/+12025550111").await;
    server.get("/+12025550111?to=+12025550111").await;
    let metrics = server.text("/metrics").await;
    let log = server.stop();
    assert!(log.lines().count() > 5, "{log}");
    for (name, text) in [("log", &log), ("metrics", &metrics)] {
        for secret in ["2025550111", code.as_str(), SECRET, MGMT_SECRET] {
            assert!(!text.contains(secret), "{secret} is in the {name}: {text}");
        }
    }
    let verified = r#"{event="verified",call="check",reason="",channel="sms",region="US"} 1"#;
    assert!(metrics.contains(&format!("countersign_events_total{verified}")), "{metrics}");
    assert!(metrics.contains("countersign_sends_total{channel=\"sms\"} 1"), "{metrics}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let logged: Vec<&Value> = lines.iter().filter(|line| line["message"] == "verifier").collect();
    let events: Vec<&str> = logged.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["issued", "refused", "verified"], "{log}");
    let [_, refused, verified] = &*logged else { panic!("three events") };
    assert_eq!((&refused["reason"], &verified["region"]), (&json!("wrong_code"), &json!("US")));
    let answered =
        |line: &&Value| line["message"] == "answered" && line["request_id"] == verified["request_id"];
    assert_eq!(lines.iter().find(answered).unwrap()["route"], "/v1/otps/authenticate");
}
