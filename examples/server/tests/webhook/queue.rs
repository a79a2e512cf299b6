//! Messages that wait, and the end of the webhook.

use std::time::Duration;

use countersign::testing::Stopwatch;
use countersign_server::sending::{Busy, Delivery, Sender};
use countersign_server::webhook::Options;
use countersign_server_tests::receiver::{QUICK, Receiver, Reply, message, send, webhook};

use crate::{HOUR, MINUTE};

#[tokio::test]
async fn a_full_queue_says_so_and_loses_nothing() {
    let receiver = Receiver::start([Reply::Status(503)]).await;
    let webhook = webhook(&receiver.url(), Options { places: 3, ..QUICK });
    let unused = webhook.place().unwrap();
    let (a, b) = (message(MINUTE), message(MINUTE));
    let ids = [a.id.to_string(), b.id.to_string()];
    let (a, b) = (send(&webhook, a).await, send(&webhook, b).await);
    assert!(matches!(webhook.place(), Err(Busy)));
    assert_eq!(webhook.metrics().waiting(), 2);
    drop(unused);
    assert!(webhook.place().is_ok(), "a place that was not used is free again");

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
async fn no_more_tries_run_at_once_than_allowed() {
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
    assert!(got[2].at - got[0].at >= Duration::from_millis(290), "a third ran beside two");
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
    let tries = receiver.got().len();
    let (receipt, late) = countersign_server::sending::Receipt::new();
    unused.take(message(MINUTE), receipt).await;
    assert_eq!(late.await, Ok(Delivery::GivenUp));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.got().len(), tries, "nothing is tried after the end");
    assert!(matches!(webhook.place(), Err(Busy)));
}
