//! A receiver on loopback that answers as it is told and remembers what it got, and messages for it.
#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use countersign::message::{AppName, Locale, PasscodeMessage};
use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
use countersign_engines::PATIENCE;
use countersign_server::sending::{Delivery, Message, Receipt, Sender};
use countersign_server::webhook::{Options, SigningSecret, Target, Webhook};
use tokio::sync::oneshot;
use tokio::time::Instant;

pub(crate) const SECRET: &[u8] = b"a secret of the webhook";
pub(crate) const NUMBER: &str = "+12025550162";

/// What a receiver answers with.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Status(u16),
    With(u16, &'static str, String),
    /// Nothing, for so long.
    Hang(Duration),
}

#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: Instant,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    script: Arc<Mutex<Vec<Reply>>>,
}

impl Receiver {
    /// Answers with these in turn, and with the last for ever.
    pub(crate) async fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut script: Vec<_> = script.into_iter().collect();
        script.reverse();
        let port = listener.local_addr().unwrap().port();
        let receiver = Self { port, got: Arc::default(), script: Arc::new(Mutex::new(script)) };
        let app = Router::new().fallback(answer).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.port)
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// From now on this.
    pub(crate) fn answer_with(&self, reply: Reply) {
        *self.script.lock().unwrap() = vec![reply];
    }

    /// Until it has got so many requests.
    pub(crate) async fn has_got(&self, count: usize) {
        let enough = async {
            while self.got.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, enough).await.unwrap();
    }
}

async fn answer(
    State(receiver): State<Receiver>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<axum::body::Body> {
    receiver.got.lock().unwrap().push(Got { uri, headers, body, at: Instant::now() });
    let reply = {
        let mut script = receiver.script.lock().unwrap();
        if script.len() > 1 { script.pop() } else { script.last().cloned() }
    };
    let status = |status: u16| Response::builder().status(StatusCode::from_u16(status).unwrap());
    match reply.unwrap() {
        Reply::Status(code) => status(code).body("{\"ok\":true}".into()).unwrap(),
        Reply::With(code, name, value) => status(code).header(name, value).body("".into()).unwrap(),
        Reply::Hang(time) => {
            tokio::time::sleep(time).await;
            status(200).body("".into()).unwrap()
        }
    }
}

/// Short waits between tries. A try may take as long as a busy machine does.
pub(crate) const QUICK: Options = Options {
    places: 1000,
    tries_at_once: 8,
    try_within: PATIENCE,
    first_wait: Duration::from_millis(10),
    longest_wait: Duration::from_millis(40),
};

pub(crate) fn webhook(url: &str, options: Options) -> Webhook {
    let target: Target = url.parse().unwrap();
    Webhook::new(target, SigningSecret::new(SECRET).unwrap(), options).unwrap()
}

/// A message with a true code, dead after this time.
pub(crate) fn message(lives: Duration) -> Message {
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), MemoryStore::new());
    let number: PhoneNumber = NUMBER.parse().unwrap();
    let now = Timestamp::now();
    let issued = verifier.start(number, Channel::Sms).unwrap();
    let text = PasscodeMessage::new(AppName::new("Acme").unwrap(), Locale::Fr);
    Message {
        id: uuid::Uuid::new_v4(),
        to: NUMBER.to_owned(),
        channel: Channel::Sms,
        locale: Locale::Fr,
        subject: None,
        body: text.render(&issued, now).unwrap().to_wiped(),
        code: issued.code().clone(),
        expires_at: now + lives,
    }
}

/// Hands a message over as a handler does.
pub(crate) async fn send(webhook: &Webhook, message: Message) -> oneshot::Receiver<Delivery> {
    let (receipt, awaited) = Receipt::new();
    webhook.place().unwrap().take(message, receipt).await;
    awaited
}

/// Requests of no webhook, to a receiver of their own: how long others take on this machine at this time.
pub(crate) struct Control {
    asking: tokio::task::JoinHandle<()>,
    slowest: Arc<Mutex<Duration>>,
}

impl Control {
    pub(crate) async fn start() -> Self {
        let receiver = Receiver::start([Reply::Status(200)]).await;
        let slowest = Arc::new(Mutex::new(Duration::ZERO));
        let shared = Arc::clone(&slowest);
        let asking = tokio::spawn(async move {
            let client = reqwest::Client::new();
            loop {
                let begun = Instant::now();
                client.post(receiver.url()).send().await.unwrap();
                {
                    let mut slowest = shared.lock().unwrap();
                    *slowest = begun.elapsed().max(*slowest);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        Self { asking, slowest }
    }

    /// The longest that one took. It ends with this.
    pub(crate) fn slowest(self) -> Duration {
        self.asking.abort();
        *self.slowest.lock().unwrap()
    }
}
