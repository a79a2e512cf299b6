//! Whose a number or an address is, in one document, so that it is one user's.

use std::time::Duration;

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Contact, People, UNVERIFIED, written};
use crate::documents::{Document, Key, Revision, Written};

/// A claim is remembered for so long after its end: then its codes are old, not wrong.
const AFTERWARDS: Duration = Duration::from_secs(60 * 60);

/// Whose a number or an address is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// The user's id.
    pub user_id: String,
    /// The number's or the address's id.
    pub method_id: String,
    /// The end of the claim, unless it is verified by then.
    pub until: Option<u64>,
    /// Marks of the codes that were sent, the newest last.
    pub(super) marks: Vec<String>,
}

/// What a `method_id` stands for.
#[derive(Clone, Serialize, Deserialize)]
pub struct Method {
    /// Whose it is.
    pub user_id: String,
    address: String,
}

/// Somebody else has the number or the address.
#[derive(Debug)]
pub struct Taken(pub Claim);

impl People {
    pub(super) async fn make_claim(
        &self,
        user_id: &str,
        recipient: &Recipient,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<Result<(), Taken>, StoreError> {
        let method = Method { user_id: user_id.to_owned(), address: contact.address.clone() };
        let keep = contact.until.map(|_| UNVERIFIED + AFTERWARDS);
        // It stays: what it stands for is asked for until it is verified, and for ever after.
        // A conflict says that it is there, from a server that died before it made the claim.
        let _ =
            self.documents.write(&method_key(&contact.method_id), Revision::ABSENT, &method, None).await?;
        let key = self.claim_key(recipient);
        loop {
            let held: Option<Document<Claim>> = self.documents.read(&key).await?;
            let revision = match held {
                // One that still waits to be verified gives way to a user whom the number itself logs in to.
                Some(held) if held.value.lasts() || (held.value.is_live(now) && contact.until.is_some()) => {
                    return Ok(Err(Taken(held.value)));
                }
                Some(held) => held.revision,
                None => Revision::ABSENT,
            };
            let claim = Claim {
                user_id: user_id.to_owned(),
                method_id: contact.method_id.clone(),
                until: contact.until,
                marks: Vec::new(),
            };
            if self.documents.write(&key, revision, &claim, keep).await? == Written::Applied {
                return Ok(Ok(()));
            }
        }
    }

    pub(super) async fn drop_claim(
        &self,
        recipient: &Recipient,
        contact: &Contact,
    ) -> Result<(), StoreError> {
        let key = self.claim_key(recipient);
        while let Some(held) = self.documents.read::<Claim>(&key).await? {
            if held.value.method_id != contact.method_id
                || self.documents.remove(&key, held.revision).await? == Written::Applied
            {
                break;
            }
        }
        Ok(())
    }

    /// Two spellings of an address that differ in case are one, as they are to the verifier.
    pub(super) fn claim_key(&self, recipient: &Recipient) -> Key {
        Key::new("claim", self.secrets.name("claim", &written(recipient).to_lowercase()))
    }
}

impl Claim {
    /// Whether it holds.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now.unix_millis() < until)
    }

    /// Whether it holds for ever.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.until.is_none()
    }

    pub(super) fn keep(&self, now: Timestamp) -> Option<Duration> {
        self.until.map(|until| Timestamp::from_unix_millis(until).since(now) + AFTERWARDS)
    }
}

impl Method {
    /// The number or the address.
    #[must_use]
    pub fn recipient(&self) -> Option<Recipient> {
        if self.address.starts_with('+') && !self.address.contains('@') {
            self.address.parse().ok().map(Recipient::Phone)
        } else {
            self.address.parse().ok().map(Recipient::Email)
        }
    }
}

pub(super) fn method_key(method_id: &str) -> Key {
    Key::new("method", method_id)
}
