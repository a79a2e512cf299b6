//! The webhook against a receiver on loopback: what it signs, when it tries again, and what it never does.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::time::Duration;

use countersign::Timestamp;
use countersign::testing::Stopwatch;
use countersign_server::sending::{Busy, Delivery, Sender};
use countersign_server::webhook::Options;
use countersign_server_tests::receiver::{
    Control, NUMBER, QUICK, Receiver, Reply, SECRET, message, send, webhook,
};
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// As the module's documentation tells receivers to do it, with another implementation of HMAC.
fn is_genuine(secret: &[u8], header: &str, body: &[u8], now: Timestamp) -> bool {
    let fields: Vec<_> = header.split(',').filter_map(|field| field.split_once('=')).collect();
    let times: Vec<_> = fields.iter().filter(|(name, _)| *name == "t").collect();
    let [(_, time)] = times[..] else { return false };
    let Ok(at) = time.parse::<u64>() else { return false };
    if (now.unix_millis() / 1000).abs_diff(at) > 300 {
        return false;
    }
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    let signed = [time.as_bytes(), b".", body].concat();
    let unhex = |hex: &str| -> Option<Vec<u8>> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
    };
    fields.iter().any(|(name, value)| {
        *name == "v1" && unhex(value).is_some_and(|tag| aws_lc_rs::hmac::verify(&key, &signed, &tag).is_ok())
    })
}

#[tokio::test]
async fn a_message_arrives_whole_and_signed() {
    let receiver = Receiver::start([Reply::Status(202)]).await;
    let webhook = webhook(&receiver.url(), Options::default());
    let sent = message(MINUTE);
    let (id, code, words) = (sent.id.to_string(), sent.code.clone(), sent.body.as_str().to_owned());
    let expires_at: u64 = sent.expires_at.unix_millis();
    assert_eq!(send(&webhook, sent).await.await, Ok(Delivery::Delivered));

    let [got] = receiver.got().try_into().unwrap();
    assert_eq!(got.uri.path(), "/in");
    assert_eq!(got.header("content-type"), "application/json");
    assert_eq!(got.header("idempotency-key"), id);
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

    let header = got.header("countersign-signature");
    let now = Timestamp::now();
    assert!(is_genuine(SECRET, header, &got.body, now));
    assert!(!is_genuine(b"another secret!!", header, &got.body, now));
    assert!(!is_genuine(SECRET, header, &got.body, now + Duration::from_secs(302)), "replayed too late");
    for at in 0..got.body.len() {
        let mut altered = got.body.to_vec();
        altered[at] ^= 1;
        assert!(!is_genuine(SECRET, header, &altered, now), "byte {at}");
    }
    let (time, tag) = header.split_once(',').unwrap();
    let earlier = format!("t={},{tag}", time[2..].parse::<u64>().unwrap() - 1);
    assert!(!is_genuine(SECRET, &earlier, &got.body, now));
}

#[tokio::test]
async fn what_fails_for_now_is_tried_again_under_the_same_key() {
    let script = [503, 408, 429, 500, 200].map(Reply::Status);
    let receiver = Receiver::start(script).await;
    let webhook = webhook(&receiver.url(), QUICK);
    assert_eq!(send(&webhook, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    let got = receiver.got();
    assert_eq!(got.len(), 5);
    for one in &got {
        assert_eq!(one.header("idempotency-key"), got[0].header("idempotency-key"));
        assert_eq!(one.body, got[0].body);
        assert!(is_genuine(SECRET, one.header("countersign-signature"), &one.body, Timestamp::now()));
    }
    let gaps: Vec<_> = got.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    for (gap, least) in gaps.iter().zip([10, 20, 40, 40]) {
        assert!(*gap >= Duration::from_millis(least), "{gaps:?}");
    }
    assert_eq!((webhook.figures().tries("unavailable"), webhook.figures().tries("delivered")), (4, 1));
}

#[tokio::test]
async fn each_try_is_signed_for_its_own_time() {
    let receiver =
        Receiver::start([Reply::With(503, "retry-after", "1".to_owned()), Reply::Status(200)]).await;
    let webhook = webhook(&receiver.url(), QUICK);
    assert_eq!(send(&webhook, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    let [first, second] = receiver.got().try_into().unwrap();
    assert!(second.at - first.at >= Duration::from_secs(1), "the gateway asked for a second");
    assert_ne!(first.header("countersign-signature"), second.header("countersign-signature"));
}

#[tokio::test]
async fn a_gateway_that_hangs_or_is_away_is_tried_again() {
    let receiver = Receiver::start([Reply::Hang(MINUTE), Reply::Status(200)]).await;
    let quick = Options { try_within: Duration::from_millis(100), ..QUICK };
    let webhook_that_hangs = webhook(&receiver.url(), quick);
    assert_eq!(send(&webhook_that_hangs, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    // More than once on a machine that takes as long for an answer.
    assert!(webhook_that_hangs.figures().tries("timed_out") >= 1);

    // A port that nobody listens at; later somebody does.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let webhook_away = webhook(&format!("http://{address}/in"), QUICK);
    let awaited = send(&webhook_away, message(MINUTE)).await;
    while webhook_away.figures().tries("unreachable") < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let app = axum::Router::new().fallback(|| async { "here again" });
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    assert_eq!(awaited.await, Ok(Delivery::Delivered));
}

#[tokio::test]
async fn a_refusal_is_final() {
    for status in [400, 401, 403, 404, 409, 410, 422] {
        let receiver = Receiver::start([Reply::Status(status), Reply::Status(200)]).await;
        let webhook = webhook(&receiver.url(), QUICK);
        assert_eq!(send(&webhook, message(MINUTE)).await.await, Ok(Delivery::GivenUp));
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!((receiver.got().len(), webhook.figures().tries("refused")), (1, 1), "{status}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = Receiver::start([Reply::Status(200)]).await;
    for status in [301, 302, 303, 307, 308] {
        let receiver = Receiver::start([Reply::With(status, "location", elsewhere.url())]).await;
        let webhook = webhook(&receiver.url(), QUICK);
        assert_eq!(send(&webhook, message(MINUTE)).await.await, Ok(Delivery::GivenUp));
        assert_eq!(receiver.got().len(), 1, "{status}");
    }
    assert!(elsewhere.got().is_empty(), "a code went where it was not meant to go");
}

#[tokio::test]
async fn nothing_is_tried_after_the_code_is_dead() {
    let mut lives = Duration::from_millis(400);
    let (receiver, webhook_refused) = loop {
        let receiver = Receiver::start([Reply::Status(503)]).await;
        let webhook_refused = webhook(&receiver.url(), QUICK);
        let control = Control::start().await;
        let sent = message(lives);
        let dead = Instant::now() + lives;
        let given_up = tokio::time::timeout(2 * MINUTE, send(&webhook_refused, sent).await).await;
        assert_eq!(given_up, Ok(Ok(Delivery::GivenUp)), "it goes on without end");
        tokio::time::sleep_until(dead + Duration::from_millis(600)).await;
        let got = receiver.got();
        // A try that began in time takes as long to arrive as other requests of the time.
        let arrived = dead + Duration::from_millis(300) + control.slowest();
        assert!(got.iter().all(|one| one.at <= arrived), "a dead code was sent");
        if got.len() >= 3 {
            break (receiver, webhook_refused);
        }
        // The machine has other work, and gets more time.
        lives *= 4;
        assert!(lives < MINUTE, "{} tries", got.len());
    };

    // Dead before the first try.
    let before = receiver.got().len();
    assert_eq!(send(&webhook_refused, message(Duration::ZERO)).await.await, Ok(Delivery::GivenUp));
    assert_eq!(receiver.got().len(), before);

    // Dead while another holds the only place for a try, and in the midst of a try.
    let receiver = Receiver::start([Reply::Hang(HOUR)]).await;
    let webhook_busy = webhook(&receiver.url(), Options { tries_at_once: 1, try_within: HOUR, ..QUICK });
    let stopwatch = Stopwatch::start();
    let first = loop {
        let mut first = send(&webhook_busy, message(lives)).await;
        let given_up = tokio::select! {
            outcome = &mut first => Some(outcome),
            () = receiver.has_got(1) => None,
        };
        match given_up {
            None => break first,
            // Dead before it arrived, on a machine with other work.
            Some(outcome) => assert_eq!(outcome, Ok(Delivery::GivenUp)),
        }
        lives *= 4;
    };
    let second = send(&webhook_busy, message(lives / 2)).await;
    assert_eq!(second.await, Ok(Delivery::GivenUp));
    assert_eq!(first.await, Ok(Delivery::GivenUp));
    assert!(stopwatch.elapsed() < HOUR / 10, "the try outlived the code");
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn a_wait_beyond_the_codes_life_is_not_waited_for() {
    let receiver = Receiver::start([Reply::With(429, "retry-after", "3601".to_owned())]).await;
    let webhook = webhook(&receiver.url(), QUICK);
    let stopwatch = Stopwatch::start();
    assert_eq!(send(&webhook, message(HOUR)).await.await, Ok(Delivery::GivenUp));
    assert!(stopwatch.elapsed() < MINUTE);
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn a_full_queue_says_so_and_loses_nothing() {
    let receiver = Receiver::start([Reply::Status(503)]).await;
    let webhook = webhook(&receiver.url(), Options { places: 3, ..QUICK });
    let unused = webhook.place().unwrap();
    let (a, b) = (message(MINUTE), message(MINUTE));
    let ids = [a.id.to_string(), b.id.to_string()];
    let (a, b) = (send(&webhook, a).await, send(&webhook, b).await);
    assert!(matches!(webhook.place(), Err(Busy)));
    assert_eq!(webhook.figures().waiting(), 2);
    drop(unused);
    assert!(webhook.place().is_ok(), "a place that was not used is free again");

    receiver.answer_with(Reply::Status(200));
    assert_eq!((a.await, b.await), (Ok(Delivery::Delivered), Ok(Delivery::Delivered)));
    for id in ids {
        assert!(receiver.got().iter().any(|one| one.header("idempotency-key") == id));
    }
    let places: Result<Vec<_>, _> = tokio::time::timeout(MINUTE, async {
        loop {
            let places: Result<Vec<_>, _> = (0..3).map(|_| webhook.place()).collect();
            if places.is_ok() {
                break places;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!(places.unwrap().len(), 3);
    assert_eq!(webhook.figures().waiting(), 0);
}

#[tokio::test]
async fn a_message_is_taken_even_if_nobody_waits_for_it() {
    let receiver = Receiver::start([Reply::Status(200)]).await;
    let webhook = webhook(&receiver.url(), QUICK);
    let (receipt, awaited) = countersign_server::sending::Receipt::new();
    drop(webhook.place().unwrap().take(message(MINUTE), receipt));
    assert_eq!(awaited.await, Ok(Delivery::Delivered));
}

#[tokio::test]
async fn messages_that_wait_hold_up_no_others() {
    let away = Reply::With(503, "retry-after", "1800".to_owned());
    let receiver = Receiver::start([away]).await;
    let webhook = webhook(&receiver.url(), Options { tries_at_once: 2, ..QUICK });
    for _ in 0..10 {
        drop(send(&webhook, message(HOUR)).await);
    }
    receiver.has_got(10).await;
    receiver.answer_with(Reply::Status(200));
    let stopwatch = Stopwatch::start();
    assert_eq!(send(&webhook, message(HOUR)).await.await, Ok(Delivery::Delivered));
    assert!(stopwatch.elapsed() < MINUTE);
    assert_eq!(webhook.figures().waiting(), 10);
}

#[tokio::test]
async fn no_more_tries_run_at_once_than_allowed() {
    let receiver = Receiver::start([Reply::Hang(Duration::from_millis(300))]).await;
    let webhook = webhook(&receiver.url(), Options { tries_at_once: 2, ..QUICK });
    let mut awaited = Vec::new();
    for _ in 0..4 {
        awaited.push(send(&webhook, message(MINUTE)).await);
    }
    for one in awaited {
        assert_eq!(one.await, Ok(Delivery::Delivered));
    }
    let got = receiver.got();
    assert!(got[2].at - got[0].at >= Duration::from_millis(290), "a third ran beside two");
}

/// Answers every connection with a head and then, again and again, with this.
async fn answers_without_end(head: &'static str, chunk: &'static [u8]) -> String {
    use tokio::io::AsyncWriteExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                stream.write_all(head.as_bytes()).await.unwrap();
                while stream.write_all(chunk).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn an_answer_is_not_read_without_end() {
    let url = answers_without_end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", b"").await;
    let webhook_waits = webhook(&url, QUICK);
    let delivered = tokio::time::timeout(MINUTE / 2, send(&webhook_waits, message(HOUR)).await);
    assert_eq!(delivered.await.expect("the rest of an answer is waited for"), Ok(Delivery::Delivered));

    // If each were read for the quarter of a second that a short one is, it would take eight seconds more than this.
    let short = Receiver::start([Reply::Status(200)]).await;
    let control = webhook(&short.url(), QUICK);
    let begun = Instant::now();
    for _ in 0..32 {
        assert_eq!(send(&control, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    }
    let control = begun.elapsed();
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let url = answers_without_end(head, b"8\r\nxxxxxxxx\r\n").await;
    let webhook_reads = webhook(&url, QUICK);
    let begun = Instant::now();
    for _ in 0..32 {
        assert_eq!(send(&webhook_reads, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    }
    let most = control + Duration::from_secs(6);
    assert!(begun.elapsed() < most, "{:?}, short ones {control:?}", begun.elapsed());
}

#[tokio::test]
async fn closing_waits_for_what_is_on_its_way() {
    let receiver = Receiver::start([Reply::Status(503)]).await;
    let webhook = webhook(&receiver.url(), QUICK);
    let mut awaited = Vec::new();
    for _ in 0..20 {
        awaited.push(send(&webhook, message(MINUTE)).await);
    }
    let closing = tokio::spawn({
        let webhook = webhook.clone();
        async move { webhook.close(MINUTE).await }
    });
    while webhook.place().is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!closing.is_finished());
    receiver.answer_with(Reply::Status(200));
    assert_eq!(closing.await.unwrap(), 0);
    for one in &mut awaited {
        assert_eq!(one.try_recv(), Ok(Delivery::Delivered), "closed before this was said");
    }
    assert!(matches!(webhook.place(), Err(Busy)), "closed for good");
}

#[tokio::test]
async fn closing_ends_and_says_what_is_lost() {
    let receiver = Receiver::start([Reply::Hang(HOUR), Reply::Status(503)]).await;
    let webhook = webhook(&receiver.url(), Options { try_within: HOUR, ..QUICK });
    let unused = webhook.place().unwrap();
    let awaited = [send(&webhook, message(HOUR)).await, send(&webhook, message(HOUR)).await];
    receiver.has_got(2).await;
    let stopwatch = Stopwatch::start();
    assert_eq!(webhook.close(Duration::from_millis(200)).await, 2);
    for one in awaited {
        assert_eq!(one.await, Ok(Delivery::GivenUp));
    }
    assert!(stopwatch.elapsed() < Duration::from_secs(4));
    let tries = receiver.got().len();
    let (receipt, late) = countersign_server::sending::Receipt::new();
    unused.take(message(MINUTE), receipt).await;
    assert_eq!(late.await, Ok(Delivery::GivenUp));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.got().len(), tries, "nothing is tried after the end");
    assert!(matches!(webhook.place(), Err(Busy)));
}
