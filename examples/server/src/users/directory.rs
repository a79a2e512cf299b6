//! Documents of users: read, changed and dropped.

use countersign::store::StoreError;

use super::names::user_key;
use super::user::User;
use crate::documents::{Document, Documents, Key, Written};
use crate::secrets::Secrets;

/// Users, and whose a number or an address is.
#[derive(Clone, Debug)]
pub struct Users {
    pub(super) documents: Documents,
    pub(super) secrets: Secrets,
}

impl Users {
    /// Kept there, under names from which nothing can be read.
    #[must_use]
    pub const fn new(documents: Documents, secrets: Secrets) -> Self {
        Self { documents, secrets }
    }

    /// A user.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn user(&self, user_id: &str) -> Result<Option<User>, StoreError> {
        Ok(self.documents.read(&user_key(user_id)).await?.map(|held| held.value))
    }

    /// Changes a user, unless the change is refused; `None` if there is no such user.
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
