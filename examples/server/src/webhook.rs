//! Delivers messages to the host's gateway over HTTP.
//!
//! Each message is posted as JSON, repeatedly until it is accepted or refused, or its code expires:
//!
//! ```text
//! POST /your/path
//! content-type: application/json
//! webhook-id: 5b6f0c6e-61f4-4b0c-9a53-3a8f2b1d7c11
//! webhook-timestamp: 1795000000
//! webhook-signature: v1,<base64 of 32 bytes>
//!
//! {"id":"5b6f0c6e-61f4-4b0c-9a53-3a8f2b1d7c11","to":"+12025550162","channel":"sms","locale":"en",
//!  "subject":null,"body":"123456 is your Acme code. …","code":"123456",
//!  "expires_at":"2026-11-18T08:28:40Z"}
//! ```
//!
//! Only emails have a `subject`. `code` is the code alone, for gateways with their own texts.
//!
//! # The receiver's answer
//!
//! | status | effect |
//! |---|---|
//! | 2xx | delivered |
//! | 408, 429, 5xx, none in 5 seconds | retried after a growing delay, at least `Retry-After` |
//! | others, including redirects | given up |
//!
//! # Verifying a message
//!
//! The headers are those of [Standard Webhooks](https://www.standardwebhooks.com/), which provides
//! verifiers for many languages. Without one:
//!
//! 1. Compute HMAC-SHA256 over `webhook-id`, a full stop, `webhook-timestamp`, a full stop, and the
//!    body **exactly as received**, before JSON parsing. The key is the decoded base64 after
//!    `whsec_`.
//! 2. Compare its base64 in constant time with each signature in `webhook-signature` that begins
//!    with `v1,`; they are separated by spaces. If none matches, answer 401 and do nothing.
//! 3. Reject a `webhook-timestamp` more than five minutes from your clock. Every attempt has its
//!    own timestamp and signature, so an older one is a replay.
//! 4. Remember each `webhook-id` that you have sent until its `expires_at`, at most ten minutes
//!    ahead, and answer 2xx to it without sending it again. An attempt whose answer was lost is
//!    repeated with the same id, and so is a replay within the five minutes.

mod attempts;
mod error;
mod gateway;
mod metrics;
mod options;
mod payload;
mod secret;
mod target;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::sending::{Busy, Delivery, Later, Message, Place, Receipt, Sender};
pub use error::WebhookError;
use gateway::Gateway;
pub use metrics::Metrics;
pub use options::Options;
use payload::Payload;
pub use secret::SigningSecret;
pub use target::Target;

/// Sends messages to the host's gateway. Clones share one queue.
#[derive(Clone)]
pub struct Webhook(Arc<Shared>);

struct Shared {
    gateway: Gateway,
    options: Options,
    /// A permit per message that may wait.
    places: Arc<Semaphore>,
    metrics: Metrics,
    /// Cancelled when waiting messages must be given up.
    cancelled: CancellationToken,
    runtime: Handle,
}

impl Webhook {
    /// Creates a webhook on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// If there is no runtime, or the HTTP client can't be created.
    pub fn new(target: Target, secret: SigningSecret, options: Options) -> Result<Self, WebhookError> {
        let runtime = Handle::try_current().map_err(|error| WebhookError(format!("webhook: {error}")))?;
        Ok(Self(Arc::new(Shared {
            gateway: Gateway::new(target, secret, options)?,
            options,
            places: Arc::new(Semaphore::new(options.places.into())),
            metrics: Metrics::default(),
            cancelled: CancellationToken::new(),
            runtime,
        })))
    }

    /// Returns the webhook's metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Accepts no more messages and waits for the present ones, for at most this long. Returns how
    /// many were then given up.
    pub async fn close(&self, within: Duration) -> u64 {
        // Holding all permits means that every message is done and no other is accepted.
        if let Ok(Ok(all)) = timeout(within, self.0.places.acquire_many(self.0.options.places.into())).await {
            all.forget();
            return 0;
        }
        let left = self.0.metrics.waiting();
        self.0.places.close();
        self.0.cancelled.cancel();
        left
    }
}

impl Sender for Webhook {
    fn place(&self) -> Result<Box<dyn Place>, Busy> {
        let permit = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| Busy)?;
        Ok(Box::new(WebhookPlace { webhook: Arc::clone(&self.0), permit }))
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("gateway", &self.0.gateway)
            .field("options", &self.0.options)
            .field("waiting", &self.0.metrics.waiting())
            .finish_non_exhaustive()
    }
}

struct WebhookPlace {
    webhook: Arc<Shared>,
    permit: OwnedSemaphorePermit,
}

impl Place for WebhookPlace {
    /// The message is queued when this returns, whether or not the future is polled, so that a
    /// cancelled request loses no message.
    fn take(self: Box<Self>, message: Message, receipt: Receipt) -> Later<()> {
        let Self { webhook, permit } = *self;
        let runtime = webhook.runtime.clone();
        let payload = Payload::new(&message);
        drop(message);
        let counted = webhook.metrics.wait();
        runtime.spawn(async move {
            let delivery = match payload {
                Ok(payload) => webhook.deliver(&payload).await,
                Err(error) => {
                    tracing::error!(%error, "failed to serialise a message");
                    Delivery::GivenUp
                }
            };
            receipt.say(delivery);
            drop((counted, permit));
        });
        Box::pin(std::future::ready(()))
    }
}

impl Shared {
    async fn deliver(&self, payload: &Payload) -> Delivery {
        let attempts = attempts::deliver(&self.gateway, payload, self.options, &self.metrics);
        self.cancelled.run_until_cancelled(attempts).await.unwrap_or(Delivery::GivenUp)
    }
}
