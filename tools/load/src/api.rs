//! A client of the server.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::outcome::Outcome;

const PROJECT: &str = "project-test-11111111-1111-1111-1111-111111111111";
const SECRET: &str = "secret-test-for-development-only";

/// No answer takes longer than the server's own bound, and this.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Talks to servers, over connections that are kept alive.
#[derive(Clone)]
pub(crate) struct Api(Client);

/// What came back.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// 200.
    Done(Value),
    /// Any other status, with its `error_type`.
    Refused(u16, String),
    /// The server is not there, or ended on the way.
    Silence,
}

impl Api {
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self(Client::builder().timeout(TIMEOUT).no_proxy().build()?))
    }

    /// A passcode for a number, whoever has it.
    pub(crate) async fn login_or_create(&self, base: &str, number: &str) -> Answer {
        // The longest there is, so that no code ends in a run.
        let body = json!({ "phone_number": number, "expiration_minutes": 10 });
        self.post(base, "/v1/otps/sms/login_or_create", &body).await
    }

    /// A passcode for a number that a user has.
    pub(crate) async fn send(&self, base: &str, number: &str) -> Answer {
        let body = json!({ "phone_number": number, "expiration_minutes": 10 });
        self.post(base, "/v1/otps/sms/send", &body).await
    }

    pub(crate) async fn authenticate(&self, base: &str, method_id: &str, code: &str) -> Answer {
        self.post(base, "/v1/otps/authenticate", &json!({ "method_id": method_id, "code": code })).await
    }

    /// The newest code to a number, if there is one.
    pub(crate) async fn code(&self, base: &str, number: &str) -> Result<Option<String>, Answer> {
        match self.ask(Method::GET, base, &format!("/dev/outbox?to={number}"), None).await {
            Answer::Done(sent) => {
                let newest =
                    sent.as_array().and_then(|sent| sent.last()).and_then(|sent| sent["code"].as_str());
                Ok(newest.map(str::to_owned))
            }
            other => Err(other),
        }
    }

    /// Puts the clock of all servers on an engine forward.
    pub(crate) async fn advance(&self, base: &str, seconds: u64) -> Answer {
        self.post(base, "/dev/clock", &json!({ "advance_seconds": seconds })).await
    }

    async fn post(&self, base: &str, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, base, path, Some(body)).await
    }

    async fn ask(&self, method: Method, base: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.0.request(method, format!("{base}{path}")).basic_auth(PROJECT, Some(SECRET));
        if let Some(body) = body {
            request = request.json(body);
        }
        let Ok(response) = request.send().await else { return Answer::Silence };
        let status = response.status().as_u16();
        let Ok(mut body) = response.json::<Value>().await else { return Answer::Silence };
        match status {
            200 => Answer::Done(body),
            _ => Answer::Refused(status, body["error_type"].take().as_str().unwrap_or("no name").to_owned()),
        }
    }
}

impl Answer {
    pub(crate) const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// A text field of a 200.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        match self {
            Self::Done(body) => body[name].as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// Its error.
    pub(crate) fn error(&self) -> &str {
        match self {
            Self::Refused(_, error) => error,
            _ => "",
        }
    }

    /// Whether nothing was decided, as far as the client knows.
    pub(crate) const fn is_undecided(&self) -> bool {
        matches!(self, Self::Silence | Self::Refused(500.., _))
    }
}
