//! Whose a number or an address is.
//!
//! Three kinds of documents: a user; for each number and address a claim, which says whose it is; for each `method_id` the
//! number or address that it stands for. A claim is made last and in one step, so that of two users who want a number at once
//! one gets it, and what a server leaves behind that dies on the way claims nothing.

mod claim;
mod marks;
mod user;

use std::time::Duration;

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};
use uuid::Uuid;

use claim::method_key;
pub use claim::{Claim, Method, Taken};
pub use user::{Contact, Profile, Status, User};

use crate::documents::{Document, Documents, Key, Revision, Written};
use crate::secrets::Secrets;

/// A number that is new to a user who exists stays for so long, unless it is verified.
pub const UNVERIFIED: Duration = Duration::from_secs(5 * 60);

/// So many numbers and addresses that are not verified may a user have.
pub const MOST_UNVERIFIED: usize = 5;

/// Users, and whose a number or an address is.
#[derive(Clone, Debug)]
pub struct People {
    documents: Documents,
    secrets: Secrets,
}

/// Why a number or an address can't be given to a user.
#[derive(Debug)]
pub enum NotAttached {
    /// Somebody else has it.
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

    /// The claim of a number or an address, if there is one now.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn claim(&self, recipient: &Recipient, now: Timestamp) -> Result<Option<Claim>, StoreError> {
        let held: Option<Document<Claim>> = self.documents.read(&self.claim_key(recipient)).await?;
        Ok(held.map(|held| held.value).filter(|claim| claim.is_live(now)))
    }

    /// A user.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn user(&self, user_id: &str) -> Result<Option<User>, StoreError> {
        Ok(self.documents.read(&user_key(user_id)).await?.map(|held| held.value))
    }

    /// What a `method_id` stands for.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn method(&self, method_id: &str) -> Result<Option<Method>, StoreError> {
        Ok(self.documents.read(&method_key(method_id)).await?.map(|held| held.value))
    }

    /// Makes a user with these numbers and addresses; or says whose the first of them is that is taken.
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
    ) -> Result<Result<User, Taken>, StoreError> {
        let contacts: Vec<_> = recipients.iter().map(|recipient| Contact::new(recipient, None)).collect();
        let user = User::new(status, contacts, profile, now);
        // Its id is new, so nobody else writes it.
        let _ = self.documents.write(&user_key(&user.user_id), Revision::ABSENT, &user, None).await?;
        for (at, (recipient, contact)) in recipients.iter().zip(&user.contacts).enumerate() {
            if let Err(taken) = self.make_claim(&user.user_id, recipient, contact, now).await? {
                for (recipient, contact) in recipients.iter().zip(&user.contacts).take(at) {
                    self.drop_claim(recipient, contact).await?;
                }
                self.drop_document::<User>(&user_key(&user.user_id)).await?;
                return Ok(Err(taken));
            }
        }
        Ok(Ok(user))
    }

    /// Whether a number or an address could be given to a user now.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn could_attach(
        &self,
        user_id: &str,
        now: Timestamp,
    ) -> Result<Result<(), NotAttached>, StoreError> {
        Ok(match self.user(user_id).await? {
            None => Err(NotAttached::NoUser),
            Some(user) if user.unverified(now) >= MOST_UNVERIFIED => Err(NotAttached::TooMany),
            Some(_) => Ok(()),
        })
    }

    /// Gives a number or an address to a user who exists, for five minutes unless it is verified by then; its id.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn attach(
        &self,
        user_id: &str,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<Result<String, NotAttached>, StoreError> {
        let new = Contact::new(recipient, Some(now + UNVERIFIED));
        let attached = self
            .change(user_id, |user| {
                user.contacts.retain(|other| other.is_live(now));
                if user.contact(&new.address).is_none() {
                    if user.unverified(now) >= MOST_UNVERIFIED {
                        return Err(NotAttached::TooMany);
                    }
                    user.contacts.push(new.clone());
                }
                Ok(())
            })
            .await?;
        let user = match attached {
            None => return Ok(Err(NotAttached::NoUser)),
            Some(Err(refused)) => return Ok(Err(refused)),
            Some(Ok(user)) => user,
        };
        let contact = user.contact(&new.address).unwrap_or(&new);
        let claimed = self.make_claim(user_id, recipient, contact, now).await?;
        Ok(match claimed {
            Ok(()) => Ok(contact.method_id.clone()),
            Err(Taken(claim)) if claim.method_id == contact.method_id => Ok(claim.method_id),
            Err(_) => {
                let without = |user: &mut User| -> Result<(), ()> {
                    user.contacts.retain(|other| other.method_id != contact.method_id);
                    Ok(())
                };
                let _ = self.change(user_id, without).await?;
                Err(NotAttached::Taken)
            }
        })
    }

    /// A number or an address proved itself: it stays, and its user is active. `None` if the claim on it is over.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn verified(
        &self,
        method_id: &str,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let key = self.claim_key(recipient);
        let user_id = loop {
            let Some(Document { value: mut claim, revision }) = self.documents.read::<Claim>(&key).await?
            else {
                return Ok(None);
            };
            if claim.method_id != method_id || !claim.is_live(now) {
                return Ok(None);
            }
            if claim.until.take().is_none()
                || self.documents.write(&key, revision, &claim, None).await? == Written::Applied
            {
                break claim.user_id;
            }
        };
        if let Some(user) = self.user(&user_id).await?.filter(|user| user.is_verified(method_id)) {
            return Ok(Some(user));
        }
        let verify = |user: &mut User| -> Result<(), ()> {
            user.verify(method_id, recipient);
            Ok(())
        };
        Ok(self.change(&user_id, verify).await?.and_then(Result::ok))
    }

    /// Changes a user; `None` if there is none.
    async fn change<E>(
        &self,
        user_id: &str,
        change: impl Fn(&mut User) -> Result<(), E>,
    ) -> Result<Option<Result<User, E>>, StoreError> {
        let key = user_key(user_id);
        while let Some(Document { value: mut user, revision }) = self.documents.read::<User>(&key).await? {
            if let Err(refused) = change(&mut user) {
                return Ok(Some(Err(refused)));
            }
            if self.documents.write(&key, revision, &user, None).await? == Written::Applied {
                return Ok(Some(Ok(user)));
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

/// A new id of this kind.
pub(crate) fn new_id(kind: &str) -> String {
    format!("{kind}-test-{}", Uuid::new_v4())
}

fn user_key(user_id: &str) -> Key {
    Key::new("user", user_id)
}

#[cfg(test)]
mod tests;
