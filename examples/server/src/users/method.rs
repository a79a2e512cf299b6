//! What a `method_id` stands for, in a document of its own.

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};
use serde::{Deserialize, Serialize};

use super::directory::Users;
use super::names::read;
use super::rules::keep;
use super::user::Contact;
use crate::documents::{Document, Key, Revision, Written};

/// What a `method_id` stands for.
#[derive(Clone, Serialize, Deserialize)]
pub struct Method {
    address: String,
}

impl Method {
    /// The number or the address.
    #[must_use]
    pub fn recipient(&self) -> Option<Recipient> {
        read(&self.address)
    }
}

impl Users {
    /// What a `method_id` stands for.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn method(&self, method_id: &str) -> Result<Option<Method>, StoreError> {
        Ok(self.documents.read(&method_key(method_id)).await?.map(|held| held.value))
    }

    /// Says what a `method_id` stands for, as long as its contact may be verified.
    pub(super) async fn write_method(&self, contact: &Contact, now: Timestamp) -> Result<(), StoreError> {
        let (key, method) = (method_key(&contact.method_id), Method { address: contact.address.clone() });
        // Nobody else writes it but for the same contact, and then it says the same.
        let keep = keep(contact.until, now);
        let _ = self.documents.write(&key, Revision::ABSENT, &method, keep).await?;
        Ok(())
    }

    /// Says it for ever.
    pub(super) async fn keep_method(&self, method_id: &str, address: &str) -> Result<(), StoreError> {
        let (key, method) = (method_key(method_id), Method { address: address.to_owned() });
        loop {
            let held: Option<Document<Method>> = self.documents.read(&key).await?;
            let revision = held.map_or(Revision::ABSENT, |held| held.revision);
            if self.documents.write(&key, revision, &method, None).await? == Written::Applied {
                return Ok(());
            }
        }
    }
}

fn method_key(method_id: &str) -> Key {
    Key::new("method", method_id)
}
