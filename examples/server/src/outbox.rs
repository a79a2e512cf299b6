//! Messages that are stored instead of sent, in development mode.

use countersign::message::Locale;
use serde::{Deserialize, Serialize};

use crate::documents::{Documents, Key, Revision, Written};
use crate::secrets::Secrets;
use crate::sending::{Busy, Delivery, Later, Message, Place, Receipt, Sender};

/// Stores the latest messages to each recipient. Anyone who can reach the server can read them.
#[derive(Clone, Debug)]
pub struct Outbox {
    documents: Documents,
    secrets: Secrets,
}

/// The number of messages kept per recipient.
const MAX_MESSAGES: usize = 200;

/// A stored message.
#[derive(Clone, Serialize, Deserialize)]
pub struct Sent {
    to: String,
    channel: String,
    body: String,
    code: String,
    locale: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    subject: Option<String>,
}

impl Outbox {
    /// Creates an outbox on these documents.
    #[must_use]
    pub const fn new(documents: Documents, secrets: Secrets) -> Self {
        Self { documents, secrets }
    }

    /// Returns the messages to a phone number or email address, oldest first.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn read(&self, to: &str) -> Result<Vec<Sent>, countersign::store::StoreError> {
        Ok(self.documents.read(&self.key(to)).await?.map_or_else(Vec::new, |held| held.value))
    }

    async fn add(&self, sent: Sent) -> Result<(), countersign::store::StoreError> {
        let key = self.key(&sent.to);
        loop {
            let held = self.documents.read::<Vec<Sent>>(&key).await?;
            let (mut all, revision) =
                held.map_or((Vec::new(), Revision::ABSENT), |held| (held.value, held.revision));
            all.push(sent.clone());
            let surplus = all.len().saturating_sub(MAX_MESSAGES);
            all.drain(..surplus);
            if self.documents.write(&key, revision, &all, None).await? == Written::Applied {
                return Ok(());
            }
        }
    }

    fn key(&self, to: &str) -> Key {
        Key::new("outbox", self.secrets.name("outbox", &to.to_lowercase()))
    }
}

impl Sender for Outbox {
    fn place(&self) -> Result<Box<dyn Place>, Busy> {
        Ok(Box::new(self.clone()))
    }
}

impl Place for Outbox {
    fn take(self: Box<Self>, message: Message, receipt: Receipt) -> Later<()> {
        Box::pin(async move {
            let sent = Sent {
                to: message.to,
                channel: message.channel.to_string(),
                body: message.body.as_str().to_owned(),
                code: message.code.as_str().to_owned(),
                locale: name(message.locale).to_owned(),
                subject: message.subject,
            };
            let added = self.add(sent).await;
            receipt.say(if added.is_ok() { Delivery::Delivered } else { Delivery::GivenUp });
        })
    }
}

/// Returns the locale's name in the hosted API.
fn name(locale: Locale) -> &'static str {
    match locale {
        Locale::PtBr => "pt-br",
        other => other.as_str(),
    }
}
