//! Messages that are read instead of sent, for development.

use countersign::message::Locale;
use serde::{Deserialize, Serialize};

use crate::documents::{Documents, Key, Revision, Written};
use crate::secrets::Secrets;
use crate::sending::{Busy, Delivery, Later, Message, Place, Receipt, Sender};

/// Keeps the last messages to each number and address, where whoever can reach the server can read them.
#[derive(Clone, Debug)]
pub struct Outbox {
    documents: Documents,
    secrets: Secrets,
}

/// So many messages to one number or address are kept.
const MOST: usize = 200;

/// A message, as it can be read.
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
    /// Kept there.
    #[must_use]
    pub const fn new(documents: Documents, secrets: Secrets) -> Self {
        Self { documents, secrets }
    }

    /// The messages to a number or an address, the oldest first.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
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
            let surplus = all.len().saturating_sub(MOST);
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

/// The language as the hosted API writes it.
fn name(locale: Locale) -> &'static str {
    match locale {
        Locale::PtBr => "pt-br",
        other => other.as_str(),
    }
}
