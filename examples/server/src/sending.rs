//! How messages leave the server.

use std::fmt;
use std::pin::Pin;

use countersign::message::{Locale, WipedText};
use countersign::{Channel, Code, Timestamp};
use tokio::sync::oneshot;

/// A message with a passcode, on its way to a person.
pub struct Message {
    /// The same for every try to deliver it, so that a gateway can tell a second try from a second message.
    pub id: uuid::Uuid,
    /// The number in E.164, or the address.
    pub to: String,
    /// How it travels.
    pub channel: Channel,
    /// The language of its words.
    pub locale: Locale,
    /// The subject, of an email.
    pub subject: Option<String>,
    /// The words, with the code.
    pub body: WipedText,
    /// The code alone, for gateways with words of their own (WhatsApp's templates).
    pub code: Code,
    /// When the code dies: later, the message is not worth sending.
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

/// Sends messages: the one thing that a host of this server has to bring, for its gateway.
pub trait Sender: fmt::Debug + Send + Sync {
    /// A place for one message. It is taken before the code is issued: a person whose message can't be sent loses neither the
    /// code before nor a part of a quota.
    ///
    /// # Errors
    ///
    /// If too many messages wait already.
    fn place(&self) -> Result<Box<dyn Place>, Busy>;
}

/// A place for one message; dropped, it is free again.
pub trait Place: Send {
    /// Takes the message over: it is queued, or where it can be read, when this is done. The receipt says later what became of it.
    fn take(self: Box<Self>, message: Message, receipt: Receipt) -> Later<()>;
}

/// Too many messages wait already: the gateway is too slow or out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The gateway has it.
    Delivered,
    /// It could not be handed over in time. The person may ask for another at once.
    GivenUp,
}

/// Where a sender says what became of a message. Dropped, it says that the message was given up.
#[derive(Debug)]
pub struct Receipt(oneshot::Sender<Delivery>);

impl Receipt {
    /// A receipt, and where it is awaited.
    #[must_use]
    pub fn new() -> (Self, oneshot::Receiver<Delivery>) {
        let (receipt, awaited) = oneshot::channel();
        (Self(receipt), awaited)
    }

    /// Says it.
    pub fn say(self, delivery: Delivery) {
        // Nobody may be left to hear it, at shutdown.
        let _ = self.0.send(delivery);
    }
}

/// Something that is awaited.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;
