//! Sending messages.

use std::fmt;
use std::pin::Pin;

use countersign::message::{Locale, WipedText};
use countersign::{Channel, Code, Timestamp};
use tokio::sync::oneshot;

/// A message with a passcode.
pub struct Message {
    /// The same for every delivery attempt, so that a gateway can recognise repeated messages.
    pub id: uuid::Uuid,
    /// The E.164 number or the email address.
    pub to: String,
    /// The channel.
    pub channel: Channel,
    /// The language of the text.
    pub locale: Locale,
    /// The subject, for emails.
    pub subject: Option<String>,
    /// The text, including the code.
    pub body: WipedText,
    /// The code alone, for gateways with their own texts (WhatsApp templates).
    pub code: Code,
    /// When the code expires; after that, the message is not worth sending.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

/// Sends messages. A host that embeds the server implements this for its gateway.
pub trait Sender: fmt::Debug + Send + Sync {
    /// Reserves a place for a message. This happens before the code is issued, so that a message
    /// that can't be sent costs the user neither the previous code nor a part of the quota.
    ///
    /// # Errors
    ///
    /// If too many messages are waiting.
    fn place(&self) -> Result<Box<dyn Place>, Busy>;
}

/// A place for one message. Dropping it frees the place.
pub trait Place: Send {
    /// Takes over the message. When the future completes, the message is queued, or stored in the
    /// outbox. The receipt reports the result later.
    fn take(self: Box<Self>, message: Message, receipt: Receipt) -> Later<()>;
}

/// Too many messages are waiting: the gateway is slow or unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// The result of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The gateway accepted the message.
    Delivered,
    /// The message could not be delivered in time. The user may request another one at once.
    GivenUp,
}

/// Reports the result of a message. Dropping it reports that the message was given up.
#[derive(Debug)]
pub struct Receipt(oneshot::Sender<Delivery>);

impl Receipt {
    /// Creates a receipt and its receiver.
    #[must_use]
    pub fn new() -> (Self, oneshot::Receiver<Delivery>) {
        let (receipt, awaited) = oneshot::channel();
        (Self(receipt), awaited)
    }

    /// Reports the result.
    pub fn say(self, delivery: Delivery) {
        // At shutdown the receiver may be gone.
        let _ = self.0.send(delivery);
    }
}

/// A boxed future.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;
