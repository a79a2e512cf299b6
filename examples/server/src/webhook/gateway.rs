//! Requests to the gateway and their answers.

use std::fmt;
use std::time::Duration;

use countersign::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, redirect};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use super::error::WebhookError;
use super::options::Options;
use super::payload::Payload;
use super::secret::SigningSecret;
use super::target::Target;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The longest answer that is read completely, in bytes, so that the connection can be reused.
const MAX_ANSWER: u64 = 8 * 1024;
/// The time limit for reading it.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(250);

/// The host's gateway.
pub(super) struct Gateway {
    client: Client,
    target: Target,
    secret: SigningSecret,
    /// A permit per concurrent attempt.
    attempts: Semaphore,
    attempt_timeout: Duration,
}

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The gateway accepted the message.
    Accepted,
    /// The gateway refused the message; a retry would be refused too.
    Refused(StatusCode),
    /// The gateway can't accept the message now; if given, not before this time has passed.
    Unavailable(StatusCode, Option<Duration>),
    /// The gateway did not answer in time.
    TimedOut,
    /// The gateway could not be reached, or closed the connection.
    Unreachable,
}

impl Gateway {
    pub(super) fn new(target: Target, secret: SigningSecret, options: Options) -> Result<Self, WebhookError> {
        let mut client = Client::builder()
            .user_agent(concat!("countersign-server/", env!("CARGO_PKG_VERSION")))
            // A redirect could lead a code to another host, or out of TLS.
            .redirect(redirect::Policy::none())
            // Retries are made and counted by `attempts`.
            .retry(reqwest::retry::never())
            .referer(false);
        if target.is_loopback() {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| {
            WebhookError(format!("webhook: failed to create the HTTP client: {}", error.without_url()))
        })?;
        let attempts = Semaphore::new(options.concurrent_attempts.max(1).into());
        Ok(Self { client, target, secret, attempts, attempt_timeout: options.attempt_timeout })
    }

    /// Makes an attempt as soon as a permit is free. Returns `None` if the code has expired by
    /// then.
    pub(super) async fn attempt(&self, payload: &Payload) -> Option<Answer> {
        let running = timeout_at(payload.deadline, self.attempts.acquire()).await.ok()?.ok()?;
        let now = Instant::now();
        if payload.deadline <= now {
            return None;
        }
        let answer = self.post(payload, payload.deadline.min(now + self.attempt_timeout)).await;
        drop(running);
        Some(answer)
    }

    async fn post(&self, payload: &Payload, until: Instant) -> Answer {
        let request =
            self.client.post(self.target.url()).headers(self.headers(payload)).body(payload.body.clone());
        match timeout_at(until, request.send()).await {
            Err(_) => Answer::TimedOut,
            Ok(Err(_)) => Answer::Unreachable,
            Ok(Ok(response)) => {
                let answer = Answer::of(response.status(), response.headers());
                // The status has arrived; the rest of the answer does not matter.
                let _ = timeout(ANSWER_TIMEOUT, read_to_end(response)).await;
                answer
            }
        }
    }

    fn headers(&self, payload: &Payload) -> HeaderMap {
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let signed = self.secret.sign(payload.id, &payload.body, Timestamp::now());
        for (name, value) in
            [(ID, payload.id.to_string()), (TIMESTAMP, signed.timestamp), (SIGNATURE, signed.signature)]
        {
            // All values are ASCII. A receiver refuses a message without these headers.
            if let Ok(mut value) = HeaderValue::from_str(&value) {
                value.set_sensitive(name == SIGNATURE);
                headers.insert(name, value);
            }
        }
        headers
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Answer {
    fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        match status {
            _ if status.is_success() => Self::Accepted,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                Self::Unavailable(status, retry_after(headers))
            }
            _ if status.is_server_error() => Self::Unavailable(status, retry_after(headers)),
            _ => Self::Refused(status),
        }
    }
}

/// Parses `Retry-After` (RFC 9110 §10.2.3), in seconds or as a date. Other values are ignored.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_millisecond();
    Some(Timestamp::from_unix_millis(u64::try_from(at).ok()?).since(Timestamp::now()))
}

/// Reads a short answer to the end, so that the connection can be reused.
async fn read_to_end(mut response: Response) {
    if response.content_length().is_some_and(|length| length <= MAX_ANSWER) {
        while let Ok(Some(_)) = response.chunk().await {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(retry_after: &str) -> HeaderMap {
        HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(retry_after).unwrap())])
    }

    #[test]
    fn retries_by_status() {
        let answer = |status: u16| Answer::of(StatusCode::from_u16(status).unwrap(), &HeaderMap::new());
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(answer(status), Answer::Accepted, "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(answer(status), Answer::Unavailable(_, None)), "{status}");
        }
        for status in [300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 410, 413, 422, 499, 600] {
            assert!(matches!(answer(status), Answer::Refused(_)), "{status}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(&headers("7")), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers("Sun, 06 Nov 1994 08:49:37 GMT")), Some(Duration::ZERO));
        let wait = retry_after(&headers("Fri, 31 Dec 2900 23:59:59 GMT")).unwrap();
        assert!(wait > Duration::from_secs(20_000_000_000), "{wait:?}");
        for odd in ["", "-1", "soon", "1.5", "99999999999999999999999"] {
            assert_eq!(retry_after(&headers(odd)), None, "{odd}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
