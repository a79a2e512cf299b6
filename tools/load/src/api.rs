//! A client for the server's API.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::outcome::Outcome;

const PROJECT: &str = "project-test-11111111-1111-1111-1111-111111111111";
const SECRET: &str = "secret-test-for-development-only";

/// Exceeds the server's own request timeout.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Sends requests to servers over persistent connections.
#[derive(Clone)]
pub(crate) struct Api(Client);

/// A server's answer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// 200, with its body.
    Done(Value),
    /// Any other status, with its `error_type`.
    Refused(u16, String),
    /// No answer: the server is down, or closed the connection.
    Silence,
}

impl Api {
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self(Client::builder().timeout(TIMEOUT).no_proxy().build()?))
    }

    /// Sends a passcode to a phone number, with or without a user.
    pub(crate) async fn login_or_create(&self, base: &str, number: &str) -> Answer {
        // The longest lifetime, so that no code expires during a run.
        let body = json!({ "phone_number": number, "expiration_minutes": 10 });
        self.post(base, "/v1/otps/sms/login_or_create", &body).await
    }

    /// Sends a passcode to a user's phone number.
    pub(crate) async fn send(&self, base: &str, number: &str) -> Answer {
        let body = json!({ "phone_number": number, "expiration_minutes": 10 });
        self.post(base, "/v1/otps/sms/send", &body).await
    }

    pub(crate) async fn authenticate(&self, base: &str, method_id: &str, code: &str) -> Answer {
        self.post(base, "/v1/otps/authenticate", &json!({ "method_id": method_id, "code": code })).await
    }

    /// Returns the newest code sent to a phone number, if any.
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

    /// Advances the clock of all servers on the engine.
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
            _ => Answer::Refused(status, body["error_type"].take().as_str().unwrap_or("unnamed").to_owned()),
        }
    }
}

impl Answer {
    pub(crate) const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Returns a text field of a successful answer.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        match self {
            Self::Done(body) => body[name].as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// Returns the `error_type`, or an empty string.
    pub(crate) fn error(&self) -> &str {
        match self {
            Self::Refused(_, error) => error,
            _ => "",
        }
    }

    /// Whether the client can't tell the outcome.
    pub(crate) const fn is_undecided(&self) -> bool {
        matches!(self, Self::Silence | Self::Refused(500.., _))
    }
}
