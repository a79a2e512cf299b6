//! Why there is no webhook.

use std::fmt;

/// Why there is no webhook. It names neither the secret nor more of the URL than scheme and host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookError(pub(super) String);

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WebhookError {}
