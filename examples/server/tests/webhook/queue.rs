//! The queue of messages, and shutting down the webhook.

use std::time::Duration;

use countersign::testing::Stopwatch;
use countersign_server::sending::{Busy, Delivery, Sender};
use countersign_server::webhook::Options;
use countersign_server_tests::receiver::{QUICK, Receiver, Reply, message, send, webhook};

use crate::{HOUR, MINUTE};

#[tokio::test]
async fn full_queue_is_busy_and_loses_nothing() {
    let receiver = Receiver::start([Reply::Status(503)]).await;
    let webhook = webhook(&receiver.url(), Options { places: 3, ..QUICK });
    let unused = webhook.place().unwrap();
    let (a, b) = (message(MINUTE), message(MINUTE));
    let ids = [a.id.to_string(), b.id.to_string()];
    let (a, b) = (send(&webhook, a).await, send(&webhook, b).await);
    assert!(matches!(webhook.place(), Err(Busy)));
    assert_eq!(webhook.metrics().waiting(), 2);
    drop(unused);
    assert!(webhook.place().is_ok(), "an unused place was not freed");

    receiver.answer_with(Reply::Status(200));
    assert_eq!((a.await, b.await), (Ok(Delivery::Delivered), Ok(Delivery::Delivered)));
    for id in ids {
        assert!(receiver.got().iter().any(|one| one.header("webhook-id") == id));
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
    assert_eq!(webhook.metrics().waiting(), 0);
}

#[tokio::test]
async fn message_is_sent_even_if_its_future_is_dropped() {
    let receiver = Receiver::start([Reply::Status(200)]).await;
    let webhook = webhook(&receiver.url(), QUICK);
    let (receipt, awaited) = countersign_server::sending::Receipt::new();
    drop(webhook.place().unwrap().take(message(MINUTE), receipt));
    assert_eq!(awaited.await, Ok(Delivery::Delivered));
}

#[tokio::test]
async fn waiting_messages_do_not_delay_others() {
    let away = Reply::With(503, "retry-after", "1800".to_owned());
    let receiver = Receiver::start([away]).await;
    let webhook = webhook(&receiver.url(), Options { concurrent_attempts: 2, ..QUICK });
    for _ in 0..10 {
        drop(send(&webhook, message(HOUR)).await);
    }
    receiver.has_got(10).await;
    receiver.answer_with(Reply::Status(200));
    let stopwatch = Stopwatch::start();
    assert_eq!(send(&webhook, message(HOUR)).await.await, Ok(Delivery::Delivered));
    assert!(stopwatch.elapsed() < MINUTE);
    assert_eq!(webhook.metrics().waiting(), 10);
}

#[tokio::test]
async fn limits_concurrent_attempts() {
    let receiver = Receiver::start([Reply::Hang(Duration::from_millis(300))]).await;
    let webhook = webhook(&receiver.url(), Options { concurrent_attempts: 2, ..QUICK });
    let mut awaited = Vec::new();
    for _ in 0..4 {
        awaited.push(send(&webhook, message(MINUTE)).await);
    }
    for one in awaited {
        assert_eq!(one.await, Ok(Delivery::Delivered));
    }
    let got = receiver.got();
    assert!(got[2].at - got[0].at >= Duration::from_millis(290), "a third attempt ran concurrently");
}

#[tokio::test]
async fn closing_waits_for_messages_in_progress() {
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
        assert_eq!(one.try_recv(), Ok(Delivery::Delivered), "closed before the result was reported");
    }
    assert!(matches!(webhook.place(), Err(Busy)), "the webhook still accepts messages");
}

#[tokio::test]
async fn closing_times_out_and_counts_lost_messages() {
    let receiver = Receiver::start([Reply::Hang(HOUR), Reply::Status(503)]).await;
    let webhook = webhook(&receiver.url(), Options { attempt_timeout: HOUR, ..QUICK });
    let unused = webhook.place().unwrap();
    let awaited = [send(&webhook, message(HOUR)).await, send(&webhook, message(HOUR)).await];
    receiver.has_got(2).await;
    let stopwatch = Stopwatch::start();
    assert_eq!(webhook.close(Duration::from_millis(200)).await, 2);
    for one in awaited {
        assert_eq!(one.await, Ok(Delivery::GivenUp));
    }
    assert!(stopwatch.elapsed() < Duration::from_secs(4));
    let attempts = receiver.got().len();
    let (receipt, late) = countersign_server::sending::Receipt::new();
    unused.take(message(MINUTE), receipt).await;
    assert_eq!(late.await, Ok(Delivery::GivenUp));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.got().len(), attempts, "no attempts are made after closing");
    assert!(matches!(webhook.place(), Err(Busy)));
}
