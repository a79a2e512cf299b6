//! Logs and `Debug` output contain no phone numbers, codes or keys. This is a separate process,
//! because the log's filter is set once for all threads.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

use countersign_server_tests::receiver::{NUMBER, QUICK, Receiver, Reply, SECRET, message, send, webhook};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn logs_and_debug_output_contain_no_secrets() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .json()
        .without_time()
        .finish();
    // On one thread, the subscriber's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (codes, ids, mut shown) =
        tracing::subscriber::with_default(subscriber, || runtime.block_on(every_ending()));

    let mut logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    // The digits of ids could look like a code.
    for id in ids {
        logged = logged.replace(&id, "");
        shown = shown.replace(&id, "");
    }
    for ending in ["delivered", "refused a message", "did not accept", "could not be delivered"] {
        assert!(logged.contains(ending), "{ending} is not logged: {logged}");
    }
    let secret = SECRET.strip_prefix("whsec_").unwrap();
    for hidden in
        codes.iter().map(String::as_str).chain([NUMBER, &NUMBER[1..], "2025550162", secret, "hidden"])
    {
        assert!(!logged.contains(hidden), "{hidden} is in the logs: {logged}");
        assert!(!shown.contains(hidden), "{hidden} is in {shown}");
    }
}

async fn every_ending() -> (Vec<String>, Vec<String>, String) {
    let (mut codes, mut ids) = (Vec::new(), Vec::new());
    let (mut shown, mut last) = (String::new(), 0);
    // The last case expires with its code, and is repeated with more time on a slow machine.
    let lives = [60_000, 60_000, 60_000, 300, 1_200, 4_800, 19_200].map(Duration::from_millis);
    let scripts = [vec![200], vec![404], vec![503, 200], vec![503], vec![503], vec![503], vec![503]];
    for (at, (script, lives)) in scripts.into_iter().zip(lives).enumerate() {
        let receiver = Receiver::start(script.into_iter().map(Reply::Status)).await;
        let url = format!("http://hidden:hidden@127.0.0.1:{}/hidden?key=hidden", receiver.port);
        let webhook = webhook(&url, QUICK);
        let message = message(lives);
        codes.extend([message.code.as_str().to_owned(), message.body.as_str().to_owned()]);
        ids.push(message.id.to_string());
        shown.push_str(&format!("{message:?} {webhook:?}"));
        let _ = send(&webhook, message).await.await;
        let Some(got) = receiver.got().into_iter().next() else { continue };
        last = at;
        assert_eq!(
            got.header("authorization"),
            "Basic aGlkZGVuOmhpZGRlbg==",
            "the URL's credentials are sent to the gateway"
        );
        assert_eq!(got.uri, "/hidden?key=hidden");
        codes.push(got.header("webhook-signature").strip_prefix("v1,").unwrap().to_owned());
        if at >= 3 {
            break;
        }
    }
    assert!(last >= 3, "no attempt arrived before its code expired");
    // The gateway is not reachable.
    let webhook = webhook("http://hidden:hidden@127.0.0.1:1/hidden", QUICK);
    let message = message(Duration::from_millis(60));
    ids.push(message.id.to_string());
    let _ = send(&webhook, message).await.await;
    shown.push_str(&format!("{webhook:?}"));
    (codes, ids, shown)
}
