//! Errors of the webhook's configuration.

use std::fmt;

/// An error in the webhook's configuration. It contains neither the secret nor more of the URL than
/// scheme and host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookError(pub(super) String);

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WebhookError {}
