//! The effects of a correct code: its claim becomes permanent, the number's other claims end, and
//! the number leads to a user.

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};

use super::directory::Users;
use super::names::{user_key, written};
use super::rules::Claim;
use super::status::Status;
use super::user::{Contact, Profile, User};
use crate::documents::{Document, Written};

/// The user that a code led to.
#[derive(Debug)]
pub struct Proved {
    /// The user.
    pub user: User,
    /// Whether earlier sessions were ended.
    pub resets: bool,
}

impl Users {
    /// Verifies a phone number or email address after a correct code, and activates its user.
    /// Returns `None` if the claim has ended.
    ///
    /// The claim is swapped first, which decides who owns the number, and then its user. A call
    /// that finds only the first swap done makes the second. `session_id` is the session to keep if
    /// others are ended.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn prove(
        &self,
        method_id: &str,
        recipient: &Recipient,
        session_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Proved>, StoreError> {
        self.keep_method(method_id, &written(recipient)).await?;
        let Some(mut claim) = self.verify(method_id, recipient, now).await? else { return Ok(None) };
        loop {
            let proved =
                self.change(&claim.user_id, |user| user.prove(&claim, recipient, session_id, now)).await?;
            if let Some(Ok((user, effects))) = proved {
                for contact in &effects.ended {
                    self.drop_claim(&user.user_id, contact, now).await?;
                }
                return Ok(Some(Proved { user, resets: effects.resets }));
            }
            match self.move_out(&claim, recipient, now).await? {
                Some(moved) => claim = moved,
                None => return Ok(None),
            }
        }
    }

    /// Makes a claim permanent and ends the others.
    pub(super) async fn verify(
        &self,
        method_id: &str,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        let key = self.claims_key(recipient);
        loop {
            let Document { value: mut claims, revision } = self.read_claims(&key).await?;
            let Some((claim, ended)) = claims.verify(method_id, now) else { return Ok(None) };
            if self.write_claims(&key, revision, &claims, now).await? == Written::Applied {
                self.drop_contacts(&ended).await?;
                return Ok(Some(claim));
            }
        }
    }

    /// Moves a number to a new user of its own, because its claim's user belongs to someone else by
    /// now.
    async fn move_out(
        &self,
        from: &Claim,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        let mut contact =
            Contact { method_id: from.method_id.clone(), ..Contact::new(recipient, from.by, None) };
        contact.verify(now);
        let user = User::new(Status::Active, vec![contact], Profile::default(), now);
        self.write_new(&user, now).await?;
        let key = self.claims_key(recipient);
        loop {
            let Document { value: mut claims, revision } = self.read_claims(&key).await?;
            let claim = claims.get_mut(&from.method_id);
            let moves = claim.filter(|claim| claim.user_id == from.user_id).map(|claim| {
                claim.user_id.clone_from(&user.user_id);
                claim.clone()
            });
            if moves.is_none() {
                // Another server has moved it.
                self.drop_document::<User>(&user_key(&user.user_id)).await?;
                return Ok(claims.get(&from.method_id).cloned());
            }
            if self.write_claims(&key, revision, &claims, now).await? == Written::Applied {
                return Ok(moves);
            }
        }
    }
}
