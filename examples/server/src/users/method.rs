//! The recipient of a `method_id`, in a document of its own.

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};
use serde::{Deserialize, Serialize};

use super::directory::Users;
use super::names::read;
use super::rules::keep;
use super::user::Contact;
use crate::documents::{Document, Key, Revision, Written};

/// The recipient of a `method_id`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Method {
    address: String,
}

impl Method {
    /// Returns the phone number or email address.
    #[must_use]
    pub fn recipient(&self) -> Option<Recipient> {
        read(&self.address)
    }
}

impl Users {
    /// Returns the recipient of a `method_id`.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn method(&self, method_id: &str) -> Result<Option<Method>, StoreError> {
        Ok(self.documents.read(&method_key(method_id)).await?.map(|held| held.value))
    }

    /// Stores a contact's method for as long as the contact may be verified.
    pub(super) async fn write_method(&self, contact: &Contact, now: Timestamp) -> Result<(), StoreError> {
        let (key, method) = (method_key(&contact.method_id), Method { address: contact.address.clone() });
        // Only writes for the same contact can conflict, and those have the same content.
        let keep = keep(contact.until, now);
        let _ = self.documents.write(&key, Revision::ABSENT, &method, keep).await?;
        Ok(())
    }

    /// Stores a method for ever.
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
