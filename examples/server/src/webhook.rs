//! Messages handed to the host's gateway over HTTP.
//!
//! Each message is one POST of JSON, tried again until it is accepted, refused, or its code is
//! dead:
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
//! Only an email has a `subject`. `code` is the code alone, for gateways with words of their own.
//!
//! # What a receiver answers
//!
//! | status | what happens |
//! |---|---|
//! | 2xx | the message is delivered |
//! | 408, 429, 5xx, or none within 5 seconds | the same message again, after a growing wait, or after `Retry-After` where that is longer |
//! | anything else, redirects too | the message is given up |
//!
//! # How a receiver verifies
//!
//! The headers are those of [Standard Webhooks](https://www.standardwebhooks.com/), which has
//! verifiers for many languages. Without one:
//!
//! 1. Compute HMAC-SHA256 over `webhook-id`, a full stop, `webhook-timestamp`, a full stop, and the
//!    body **as its bytes arrived**, before a JSON parser has seen them. The key is the decoded
//!    base64 after `whsec_`.
//! 2. Compare its base64 in constant time with each signature in `webhook-signature` that begins
//!    with `v1,`; they are separated by spaces. If none is equal, answer 401 and do nothing.
//! 3. Refuse a `webhook-timestamp` more than five minutes from your clock. Every try has a
//!    timestamp and a signature of its own, so only a recording is older.
//! 4. Remember each `webhook-id` that you have sent on until its `expires_at`, at most ten minutes
//!    ahead, and answer 2xx to it without sending. A try whose answer was lost is repeated under
//!    the same id, and so is a recording within the five minutes.

mod error;
mod metrics;
mod gateway;
mod options;
mod payload;
mod secret;
mod target;
mod attempts;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::sending::{Busy, Delivery, Later, Message, Place, Receipt, Sender};
pub use error::WebhookError;
pub use metrics::Metrics;
use gateway::Gateway;
pub use options::Options;
use payload::Payload;
pub use secret::SigningSecret;
pub use target::Target;

/// Sends messages to the host's gateway. Copies share one queue.
#[derive(Clone)]
pub struct Webhook(Arc<Shared>);

struct Shared {
    gateway: Gateway,
    options: Options,
    /// One for each message that may wait.
    places: Arc<Semaphore>,
    metrics: Metrics,
    /// Set when what still waits has to be given up.
    over: CancellationToken,
    runtime: Handle,
}

impl Webhook {
    /// A webhook on the Tokio runtime that this is called in.
    ///
    /// # Errors
    ///
    /// If there is no runtime, or no HTTP client can be made.
    pub fn new(target: Target, secret: SigningSecret, options: Options) -> Result<Self, WebhookError> {
        let runtime = Handle::try_current().map_err(|error| WebhookError(format!("webhook: {error}")))?;
        Ok(Self(Arc::new(Shared {
            gateway: Gateway::new(target, secret, options)?,
            options,
            places: Arc::new(Semaphore::new(options.places.into())),
            metrics: Metrics::default(),
            over: CancellationToken::new(),
            runtime,
        })))
    }

    /// What is counted, for the metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Takes no more messages, and waits for those that it has, no longer than this. Returns how
    /// many were given up then.
    pub async fn close(&self, within: Duration) -> u64 {
        // Whoever has all places knows that every message is done, and that no other gets one.
        if let Ok(Ok(all)) = timeout(within, self.0.places.acquire_many(self.0.options.places.into())).await {
            all.forget();
            return 0;
        }
        let left = self.0.metrics.waiting();
        self.0.places.close();
        self.0.over.cancel();
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
    /// The message is queued when this returns, whether or not the returned future is polled: a
    /// request that is cut off loses none.
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
                    tracing::error!(%error, "a message can't be written as JSON");
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
        self.over.run_until_cancelled(attempts).await.unwrap_or(Delivery::GivenUp)
    }
}
