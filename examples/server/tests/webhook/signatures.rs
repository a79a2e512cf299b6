//! The payload and its signatures.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::Timestamp;
use countersign_server::sending::Delivery;
use countersign_server::webhook::Options;
use countersign_server_tests::receiver::{
    Got, NUMBER, QUICK, Receiver, Reply, SECRET, message, send, webhook,
};

use crate::MINUTE;

/// Verifies a message as the module's documentation says, with another implementation of HMAC.
fn is_genuine(secret: &str, got: &Got, now: Timestamp) -> bool {
    let (id, time) = (got.header("webhook-id"), got.header("webhook-timestamp"));
    let Ok(at) = time.parse::<u64>() else { return false };
    if (now.unix_millis() / 1000).abs_diff(at) > 300 {
        return false;
    }
    let secret = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", &got.body].concat();
    got.header("webhook-signature").split(' ').filter_map(|signature| signature.strip_prefix("v1,")).any(
        |encoded| {
            let tag = BASE64_STANDARD.decode(encoded);
            tag.is_ok_and(|tag| hmac::verify(&key, &signed, &tag).is_ok())
        },
    )
}

#[tokio::test]
async fn message_arrives_complete_and_signed() {
    let receiver = Receiver::start([Reply::Status(202)]).await;
    let webhook = webhook(&receiver.url(), Options::default());
    let sent = message(MINUTE);
    let (id, code, words) = (sent.id.to_string(), sent.code.clone(), sent.body.as_str().to_owned());
    let expires_at: u64 = sent.expires_at.unix_millis();
    assert_eq!(send(&webhook, sent).await.await, Ok(Delivery::Delivered));

    let [got] = receiver.got().try_into().unwrap();
    assert_eq!(got.uri.path(), "/in");
    assert_eq!(got.header("content-type"), "application/json");
    assert_eq!(got.header("webhook-id"), id);
    let mut json = got.json();
    let stamp: jiff::Timestamp = json["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(u64::try_from(stamp.as_millisecond()).unwrap(), expires_at);
    json.as_object_mut().unwrap().remove("expires_at");
    assert_eq!(
        json,
        serde_json::json!({
            "id": id, "to": NUMBER, "channel": "sms", "locale": "fr", "subject": null,
            "body": words, "code": code.as_str(),
        })
    );
    assert!(words.contains(code.as_str()));

    let now = Timestamp::now();
    assert!(is_genuine(SECRET, &got, now));
    assert!(!is_genuine("whsec_YW5vdGhlciBzZWNyZXQgb2YgYSB3ZWJob29r", &got, now));
    assert!(!is_genuine(SECRET, &got, now + Duration::from_secs(302)), "replayed too late");
    for at in 0..got.body.len() {
        let mut body = got.body.to_vec();
        body[at] ^= 1;
        assert!(!is_genuine(SECRET, &Got { body: body.into(), ..got.clone() }, now), "byte {at}");
    }
    let earlier = got.header("webhook-timestamp").parse::<u64>().unwrap() - 1;
    for (name, value) in [("webhook-timestamp", earlier.to_string()), ("webhook-id", "another".to_owned())] {
        let mut altered = got.clone();
        altered.headers.insert(name, value.parse().unwrap());
        assert!(!is_genuine(SECRET, &altered, now), "{name}");
    }
}

#[tokio::test]
async fn retries_use_the_same_id() {
    let script = [503, 408, 429, 500, 200].map(Reply::Status);
    let receiver = Receiver::start(script).await;
    let webhook = webhook(&receiver.url(), QUICK);
    assert_eq!(send(&webhook, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    let got = receiver.got();
    assert_eq!(got.len(), 5);
    for one in &got {
        assert_eq!(one.header("webhook-id"), got[0].header("webhook-id"));
        assert_eq!(one.body, got[0].body);
        assert!(is_genuine(SECRET, one, Timestamp::now()));
    }
    let gaps: Vec<_> = got.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    for (gap, least) in gaps.iter().zip([10, 20, 40, 40]) {
        assert!(*gap >= Duration::from_millis(least), "{gaps:?}");
    }
    assert_eq!((webhook.metrics().attempts("unavailable"), webhook.metrics().attempts("delivered")), (4, 1));
}

#[tokio::test]
async fn each_attempt_has_its_own_timestamp_and_signature() {
    let receiver =
        Receiver::start([Reply::With(503, "retry-after", "1".to_owned()), Reply::Status(200)]).await;
    let webhook = webhook(&receiver.url(), QUICK);
    assert_eq!(send(&webhook, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    let [first, second] = receiver.got().try_into().unwrap();
    assert!(second.at - first.at >= Duration::from_secs(1), "the gateway asked for a second");
    for name in ["webhook-timestamp", "webhook-signature"] {
        assert_ne!(first.header(name), second.header(name));
    }
}
