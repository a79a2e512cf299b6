//! Users, and whose a number or an address is.
//!
//! Three kinds of documents: a user; for each number and address the claims on it, under the
//! [rules]; for each `method_id` the number or address that it stands for. Each changes in one
//! step, so that of two users who prove a number at once one gets it, and servers on one engine
//! behave as one.

mod claim;
mod marks;
mod method;
mod proof;
pub mod rules;
mod user;

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};
use uuid::Uuid;

pub use claim::Given;
pub use method::Method;
pub use proof::Proved;
pub use rules::{By, Call, Claim, Claims, Ruling};
pub use user::{Contact, Profile, Status, User};

use crate::documents::{Document, Documents, Key, Revision, Written};
use crate::secrets::Secrets;

/// So many numbers and addresses that are not verified may a user have.
pub const MOST_UNVERIFIED: usize = 5;

/// Users, and whose a number or an address is.
#[derive(Clone, Debug)]
pub struct People {
    documents: Documents,
    secrets: Secrets,
}

/// Why a number or an address can't be given to a user, or nothing sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nobody has it.
    NotFound,
    /// Another user has it.
    Taken,
    /// There is no such user.
    NoUser,
    /// The user has too many that are not verified.
    TooMany,
}

impl People {
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

    /// Makes a user whom the host states to have these numbers and addresses; or says which of them
    /// another user has.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn create(
        &self,
        recipients: &[Recipient],
        status: Status,
        profile: Profile,
        now: Timestamp,
    ) -> Result<Result<User, Recipient>, StoreError> {
        for recipient in recipients {
            if matches!(self.claims(recipient).await?.rule(Call::CreateUser, now), Ruling::Taken) {
                return Ok(Err(recipient.clone()));
            }
        }
        let contacts: Vec<_> =
            recipients.iter().map(|recipient| Contact::new(recipient, By::Host, None)).collect();
        let user = User::new(status, contacts, profile, now);
        self.write_new(&user, now).await?;
        for (at, (recipient, contact)) in recipients.iter().zip(&user.contacts).enumerate() {
            let mut made = Some((user.user_id.clone(), contact.clone()));
            if self.claim(Call::CreateUser, recipient, &mut made, None, now).await?.is_err() {
                // Without its user, nobody can prove what is left of it.
                self.drop_document::<User>(&user_key(&user.user_id)).await?;
                for contact in user.contacts.iter().take(at) {
                    self.drop_claim(&user.user_id, contact, now).await?;
                }
                return Ok(Err(recipient.clone()));
            }
        }
        Ok(Ok(user))
    }

    /// Writes a user whose id is new, so that nobody else writes it, and what its contacts' ids
    /// stand for.
    async fn write_new(&self, user: &User, now: Timestamp) -> Result<(), StoreError> {
        let _ = self.documents.write(&user_key(&user.user_id), Revision::ABSENT, user, None).await?;
        for contact in &user.contacts {
            self.write_method(contact, now).await?;
        }
        Ok(())
    }

    /// Changes a user, unless the change is refused; `None` if there is no such user.
    async fn change<T, E>(
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

    async fn drop_document<T: serde::de::DeserializeOwned>(&self, key: &Key) -> Result<(), StoreError> {
        while let Some(held) = self.documents.read::<T>(key).await? {
            if self.documents.remove(key, held.revision).await? == Written::Applied {
                break;
            }
        }
        Ok(())
    }
}

/// A number in E.164, or an address as it was given.
#[must_use]
pub fn written(recipient: &Recipient) -> String {
    match recipient {
        Recipient::Phone(number) => number.to_e164().as_str().to_owned(),
        Recipient::Email(address) => address.as_str().to_owned(),
        _ => String::new(),
    }
}

/// What [`written`] wrote.
fn read(text: &str) -> Option<Recipient> {
    if text.starts_with('+') && !text.contains('@') {
        text.parse().ok().map(Recipient::Phone)
    } else {
        text.parse().ok().map(Recipient::Email)
    }
}

/// A new id of this kind.
pub(crate) fn new_id(kind: &str) -> String {
    format!("{kind}-test-{}", Uuid::new_v4())
}

pub(crate) fn user_key(user_id: &str) -> Key {
    Key::new("user", user_id)
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
