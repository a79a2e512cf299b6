//! A message's JSON payload.

use axum::body::Bytes;
use countersign::Timestamp;
use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::sending::Message;

/// A message's JSON, the same for every attempt.
pub(super) struct Payload {
    /// The message's id.
    pub(super) id: Uuid,
    /// Wiped when the last clone is dropped. Copies inside the HTTP client can't be wiped.
    pub(super) body: Bytes,
    /// When the code expires, on the monotonic clock.
    pub(super) deadline: Instant,
}

impl Payload {
    pub(super) fn new(message: &Message) -> Result<Self, serde_json::Error> {
        let contents = Contents {
            id: message.id.to_string(),
            to: &message.to,
            channel: message.channel.as_str(),
            locale: message.locale.as_str(),
            subject: message.subject.as_deref(),
            body: message.body.as_str(),
            code: message.code.as_str(),
            expires_at: rfc3339(message.expires_at),
        };
        // Enough capacity to avoid reallocation, which would leave copies behind.
        let room = 1024 + 2 * (message.body.as_str().len() + message.to.len());
        let mut body = Zeroizing::new(Vec::with_capacity(room));
        serde_json::to_writer(&mut *body, &contents)?;
        let left = message.expires_at.since(Timestamp::now());
        Ok(Self { id: message.id, body: Bytes::from_owner(body), deadline: Instant::now() + left })
    }
}

#[derive(Serialize)]
struct Contents<'a> {
    id: String,
    to: &'a str,
    channel: &'a str,
    locale: &'a str,
    subject: Option<&'a str>,
    body: &'a str,
    code: &'a str,
    expires_at: String,
}

fn rfc3339(at: Timestamp) -> String {
    let millis = i64::try_from(at.unix_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX).to_string()
}
