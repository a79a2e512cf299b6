//! Whose a number or an address is.
//!
//! Three kinds of documents: a user; for each number and address a claim, which says whose it is; for each `method_id` the
//! number or address that it stands for. A claim is made last and in one step, so that of two users who want a number at once
//! one gets it, and what a server leaves behind that dies on the way claims nothing.

mod user;

use std::time::Duration;

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use user::{Contact, Profile, Status, User};

use crate::documents::{Document, Documents, Key, Revision, Written};
use crate::secrets::Secrets;

/// A number that is new to a user who exists stays for so long, unless it is verified.
pub const UNVERIFIED: Duration = Duration::from_secs(5 * 60);

/// So many numbers and addresses that are not verified may a user have.
pub const MOST_UNVERIFIED: usize = 5;

/// So many codes that were sent are remembered by their marks, so that an old one is told from a wrong one.
const MARKS: usize = 8;

/// A claim is remembered for so long after its end: then its codes are old, not wrong.
const AFTERWARDS: Duration = Duration::from_secs(60 * 60);

/// Users, and whose a number or an address is.
#[derive(Clone, Debug)]
pub struct People {
    documents: Documents,
    secrets: Secrets,
}

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
    marks: Vec<String>,
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

    /// Remembers the mark of a code that is sent, for [`was_sent_before`](Self::was_sent_before).
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn remember(
        &self,
        recipient: &Recipient,
        code: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = self.claim_key(recipient);
        while let Some(Document { value: mut claim, revision }) = self.documents.read::<Claim>(&key).await? {
            claim.marks.push(self.mark(&claim, code));
            let surplus = claim.marks.len().saturating_sub(MARKS);
            claim.marks.drain(..surplus);
            if self.documents.write(&key, revision, &claim, claim.keep(now)).await? == Written::Applied {
                break;
            }
        }
        Ok(())
    }

    /// Whether a code is one of the last that were sent, and with `newest`, whether it may be the very last.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn was_sent_before(
        &self,
        recipient: &Recipient,
        code: &str,
        newest: bool,
    ) -> Result<bool, StoreError> {
        let held: Option<Document<Claim>> = self.documents.read(&self.claim_key(recipient)).await?;
        let Some(Document { value: claim, .. }) = held else { return Ok(false) };
        let mark = self.mark(&claim, code);
        let older = claim.marks.iter().rev().skip(usize::from(!newest));
        Ok(older.fold(false, |found, sent| self.secrets.equal(sent, &mark) | found))
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

    async fn make_claim(
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
                Some(held) if held.value.is_live(now) => return Ok(Err(Taken(held.value))),
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

    async fn drop_claim(&self, recipient: &Recipient, contact: &Contact) -> Result<(), StoreError> {
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

    async fn drop_document<T: serde::de::DeserializeOwned>(&self, key: &Key) -> Result<(), StoreError> {
        while let Some(held) = self.documents.read::<T>(key).await? {
            if self.documents.remove(key, held.revision).await? == Written::Applied {
                break;
            }
        }
        Ok(())
    }

    /// A code can't be read from it, nor compared with those of another claim.
    fn mark(&self, claim: &Claim, code: &str) -> String {
        self.secrets.name(&claim.method_id, code)
    }

    /// Two spellings of an address that differ in case are one, as they are to the verifier.
    fn claim_key(&self, recipient: &Recipient) -> Key {
        Key::new("claim", self.secrets.name("claim", &written(recipient).to_lowercase()))
    }
}

impl Claim {
    /// Whether it holds.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now.unix_millis() < until)
    }

    fn keep(&self, now: Timestamp) -> Option<Duration> {
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

fn method_key(method_id: &str) -> Key {
    Key::new("method", method_id)
}

#[cfg(test)]
mod tests;
