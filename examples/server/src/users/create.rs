//! Creates users.

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};

use super::directory::Users;
use super::names::user_key;
use super::rules::{By, Call, Ruling};
use super::status::Status;
use super::user::{Contact, Profile, User};
use crate::documents::Revision;

impl Users {
    /// Creates a user with phone numbers and email addresses that the host states. Returns the
    /// recipient that another user has, if any.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
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
            if self.claim(&user.user_id, Call::CreateUser, recipient, &mut made, None, now).await?.is_err() {
                // Without its user, a remaining claim can't be verified.
                self.drop_document::<User>(&user_key(&user.user_id)).await?;
                for contact in user.contacts.iter().take(at) {
                    self.drop_claim(&user.user_id, contact, now).await?;
                }
                return Ok(Err(recipient.clone()));
            }
        }
        Ok(Ok(user))
    }

    /// Writes a new user and the methods of its contacts. The id is new, so there is no conflict.
    pub(super) async fn write_new(&self, user: &User, now: Timestamp) -> Result<(), StoreError> {
        let _ = self.documents.write(&user_key(&user.user_id), Revision::ABSENT, user, None).await?;
        for contact in &user.contacts {
            self.write_method(contact, now).await?;
        }
        Ok(())
    }
}
