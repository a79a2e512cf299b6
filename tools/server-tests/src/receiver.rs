//! A webhook receiver on loopback that gives scripted replies and records requests, and messages
//! for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use countersign::message::{AppName, Locale, PasscodeMessage};
use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
use countersign_engines::TIMEOUT;
use countersign_server::sending::{Delivery, Message, Receipt, Sender};
use countersign_server::webhook::{Options, Target, Webhook};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// The secret that webhooks are signed with.
pub const SECRET: &str = "whsec_YSBzZWNyZXQgb2YgdGhlIHdlYmhvb2s7IGxvbmdlcg==";
/// The recipient of messages.
pub const NUMBER: &str = "+12025550162";

/// A receiver's reply.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A status with a body.
    Status(u16),
    /// A status with a header.
    With(u16, &'static str, String),
    /// No reply for this long.
    Hang(Duration),
}

/// A recorded request.
#[derive(Clone, Debug)]
pub struct Got {
    /// The path and query.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The time of arrival.
    pub at: Instant,
}

impl Got {
    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    /// Parses the body.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A webhook receiver on loopback.
#[derive(Clone)]
pub struct Receiver {
    /// The port.
    pub port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    script: Arc<Mutex<Vec<Reply>>>,
}

impl Receiver {
    /// Starts a receiver that gives these replies in order and then repeats the last one.
    pub async fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut script: Vec<_> = script.into_iter().collect();
        script.reverse();
        let port = listener.local_addr().unwrap().port();
        let receiver = Self { port, got: Arc::default(), script: Arc::new(Mutex::new(script)) };
        let app = Router::new().fallback(answer).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        receiver
    }

    /// Returns the URL for a webhook.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.port)
    }

    /// Returns the requests received so far.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// Gives this reply from now on.
    pub fn answer_with(&self, reply: Reply) {
        *self.script.lock().unwrap() = vec![reply];
    }

    /// Waits until `count` requests have arrived.
    pub async fn has_got(&self, count: usize) {
        let enough = async {
            while self.got.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(TIMEOUT, enough).await.unwrap();
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

/// Short delays between attempts. An attempt may take as long as a busy machine needs.
pub const QUICK: Options = Options {
    places: 1000,
    concurrent_attempts: 8,
    attempt_timeout: TIMEOUT,
    first_wait: Duration::from_millis(10),
    longest_wait: Duration::from_millis(40),
};

/// Creates a webhook that posts to this URL.
pub fn webhook(url: &str, options: Options) -> Webhook {
    let target: Target = url.parse().unwrap();
    Webhook::new(target, SECRET.parse().unwrap(), options).unwrap()
}

/// Returns a message with a real code that expires after this time.
pub fn message(lives: Duration) -> Message {
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

/// Hands a message over as a handler does, and returns its receipt.
pub async fn send(webhook: &Webhook, message: Message) -> oneshot::Receiver<Delivery> {
    let (receipt, awaited) = Receipt::new();
    webhook.place().unwrap().take(message, receipt).await;
    awaited
}

/// A control measurement: how long requests take without a webhook, on a receiver of its own.
pub struct Control {
    asking: tokio::task::JoinHandle<()>,
    slowest: Arc<Mutex<Duration>>,
}

impl Control {
    /// Starts sending requests.
    pub async fn start() -> Self {
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

    /// Stops, and returns the slowest request's time.
    pub fn slowest(self) -> Duration {
        self.asking.abort();
        *self.slowest.lock().unwrap()
    }
}
