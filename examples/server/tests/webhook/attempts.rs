//! When a message is retried, and when it is given up.

use std::time::Duration;

use countersign::testing::Stopwatch;
use countersign_server::sending::Delivery;
use countersign_server::webhook::Options;
use countersign_server_tests::receiver::{Control, QUICK, Receiver, Reply, message, send, webhook};
use tokio::time::Instant;

use crate::{HOUR, MINUTE};

#[tokio::test]
async fn retries_after_timeouts_and_failed_connections() {
    let receiver = Receiver::start([Reply::Hang(MINUTE), Reply::Status(200)]).await;
    let quick = Options { attempt_timeout: Duration::from_millis(100), ..QUICK };
    let webhook_that_hangs = webhook(&receiver.url(), quick);
    assert_eq!(send(&webhook_that_hangs, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    // A busy machine may need more than one retry.
    assert!(webhook_that_hangs.metrics().attempts("timed_out") >= 1);

    // A port without a listener, which is started later.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let webhook_away = webhook(&format!("http://{address}/in"), QUICK);
    let awaited = send(&webhook_away, message(MINUTE)).await;
    while webhook_away.metrics().attempts("unreachable") < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let app = axum::Router::new().fallback(|| async { "listening again" });
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    assert_eq!(awaited.await, Ok(Delivery::Delivered));
}

#[tokio::test]
async fn refused_message_is_not_retried() {
    for status in [400, 401, 403, 404, 409, 410, 422] {
        let receiver = Receiver::start([Reply::Status(status), Reply::Status(200)]).await;
        let webhook = webhook(&receiver.url(), QUICK);
        assert_eq!(send(&webhook, message(MINUTE)).await.await, Ok(Delivery::GivenUp));
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!((receiver.got().len(), webhook.metrics().attempts("refused")), (1, 1), "{status}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Receiver::start([Reply::Status(200)]).await;
    for status in [301, 302, 303, 307, 308] {
        let receiver = Receiver::start([Reply::With(status, "location", elsewhere.url())]).await;
        let webhook = webhook(&receiver.url(), QUICK);
        assert_eq!(send(&webhook, message(MINUTE)).await.await, Ok(Delivery::GivenUp));
        assert_eq!(receiver.got().len(), 1, "{status}");
    }
    assert!(elsewhere.got().is_empty(), "a code was sent to the redirect's target");
}

#[tokio::test]
async fn no_attempts_after_the_code_expired() {
    let mut life = Duration::from_millis(400);
    let (receiver, webhook_refused) = loop {
        let receiver = Receiver::start([Reply::Status(503)]).await;
        let webhook_refused = webhook(&receiver.url(), QUICK);
        let control = Control::start().await;
        let sent = message(life);
        let expiry = Instant::now() + life;
        let given_up = tokio::time::timeout(2 * MINUTE, send(&webhook_refused, sent).await).await;
        assert_eq!(given_up, Ok(Ok(Delivery::GivenUp)), "the attempts never end");
        tokio::time::sleep_until(expiry + Duration::from_millis(600)).await;
        let got = receiver.got();
        // An attempt that began in time may take as long to arrive as other requests.
        let arrived = expiry + Duration::from_millis(300) + control.slowest();
        assert!(got.iter().all(|one| one.at <= arrived), "an expired code was sent");
        if got.len() >= 3 {
            break (receiver, webhook_refused);
        }
        // Retry with more time, on a busy machine.
        life *= 4;
        assert!(life < MINUTE, "{} attempts", got.len());
    };

    // Expired before the first attempt.
    let before = receiver.got().len();
    assert_eq!(send(&webhook_refused, message(Duration::ZERO)).await.await, Ok(Delivery::GivenUp));
    assert_eq!(receiver.got().len(), before);

    // Expired while another message holds the only permit, and during an attempt.
    let receiver = Receiver::start([Reply::Hang(HOUR)]).await;
    let webhook_busy =
        webhook(&receiver.url(), Options { concurrent_attempts: 1, attempt_timeout: HOUR, ..QUICK });
    let stopwatch = Stopwatch::start();
    let first = loop {
        let mut first = send(&webhook_busy, message(life)).await;
        let given_up = tokio::select! {
            outcome = &mut first => Some(outcome),
            () = receiver.has_got(1) => None,
        };
        match given_up {
            None => break first,
            // Expired before it arrived, on a busy machine.
            Some(outcome) => assert_eq!(outcome, Ok(Delivery::GivenUp)),
        }
        life *= 4;
    };
    let second = send(&webhook_busy, message(life / 2)).await;
    assert_eq!(second.await, Ok(Delivery::GivenUp));
    assert_eq!(first.await, Ok(Delivery::GivenUp));
    assert!(stopwatch.elapsed() < HOUR / 10, "the attempt outlived the code");
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn gives_up_if_retry_after_exceeds_the_codes_life() {
    let receiver = Receiver::start([Reply::With(429, "retry-after", "3601".to_owned())]).await;
    let webhook = webhook(&receiver.url(), QUICK);
    let stopwatch = Stopwatch::start();
    assert_eq!(send(&webhook, message(HOUR)).await.await, Ok(Delivery::GivenUp));
    assert!(stopwatch.elapsed() < MINUTE);
    assert_eq!(receiver.got().len(), 1);
}

/// Answers every connection with a head, and then sends `chunk` repeatedly.
async fn endless_answers(head: &'static str, chunk: &'static [u8]) -> String {
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
async fn endless_answers_are_not_read_to_the_end() {
    let url = endless_answers("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", b"").await;
    let webhook_waits = webhook(&url, QUICK);
    let delivered = tokio::time::timeout(MINUTE / 2, send(&webhook_waits, message(HOUR)).await);
    assert_eq!(delivered.await.expect("the rest of an answer was waited for"), Ok(Delivery::Delivered));

    // If each answer were read for the quarter of a second allowed for short ones, this would take
    // eight seconds longer.
    let short = Receiver::start([Reply::Status(200)]).await;
    let control = webhook(&short.url(), QUICK);
    let begun = Instant::now();
    for _ in 0..32 {
        assert_eq!(send(&control, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    }
    let control = begun.elapsed();
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let url = endless_answers(head, b"8\r\nxxxxxxxx\r\n").await;
    let webhook_reads = webhook(&url, QUICK);
    let begun = Instant::now();
    for _ in 0..32 {
        assert_eq!(send(&webhook_reads, message(MINUTE)).await.await, Ok(Delivery::Delivered));
    }
    let most = control + Duration::from_secs(6);
    assert!(begun.elapsed() < most, "{:?}, control {control:?}", begun.elapsed());
}
