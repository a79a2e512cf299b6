//! Reading, changing and deleting user documents.

use countersign::store::StoreError;

use super::names::user_key;
use super::user::User;
use crate::documents::{Document, Documents, Key, Revision, Written};
use crate::secrets::Secrets;

/// The users of a project, and the ownership of phone numbers and email addresses.
#[derive(Clone, Debug)]
pub struct Users {
    pub(super) documents: Documents,
    pub(super) secrets: Secrets,
}

impl Users {
    /// Creates the users on these documents, whose keys are hashed.
    #[must_use]
    pub const fn new(documents: Documents, secrets: Secrets) -> Self {
        Self { documents, secrets }
    }

    /// Returns a user.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn user(&self, user_id: &str) -> Result<Option<User>, StoreError> {
        Ok(self.document(user_id).await?.map(|held| held.value))
    }

    /// Returns a user's document.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn document(&self, user_id: &str) -> Result<Option<Document<User>>, StoreError> {
        self.documents.read(&user_key(user_id)).await
    }

    /// Replaces a user's document, if its revision is still the expected one.
    ///
    /// # Errors
    ///
    /// If the engine does not respond. The document may have been written.
    pub async fn replace(&self, user: &User, expected: Revision) -> Result<Written, StoreError> {
        self.documents.write(&user_key(&user.user_id), expected, user, None).await
    }

    /// Changes a user, unless the change is refused. Returns `None` if the user does not exist.
    pub(super) async fn change<T, E>(
        &self,
        user_id: &str,
        change: impl Fn(&mut User) -> Result<T, E>,
    ) -> Result<Option<Result<(User, T), E>>, StoreError> {
        let key = user_key(user_id);
        while let Some(Document { value: mut user, revision }) = self.documents.read::<User>(&key).await? {
            let changed = match change(&mut user) {
                Ok(changed) => changed,
                Err(refused) => return Ok(Some(Err(refused))),
            };
            if self.documents.write(&key, revision, &user, None).await? == Written::Applied {
                return Ok(Some(Ok((user, changed))));
            }
        }
        Ok(None)
    }

    pub(super) async fn drop_document<T: serde::de::DeserializeOwned>(
        &self,
        key: &Key,
    ) -> Result<(), StoreError> {
        while let Some(held) = self.documents.read::<T>(key).await? {
            if self.documents.remove(key, held.revision).await? == Written::Applied {
                break;
            }
        }
        Ok(())
    }
}
