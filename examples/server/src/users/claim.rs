//! Applies the [rules](super::rules) to claims in the engine, by compare-and-swap.
//!
//! The claim is written last, so that a server that stops midway leaves no claim behind. Contacts
//! follow their claims: those of ended claims are removed after the swap, and if that fails, they
//! expire.

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};

use super::directory::Users;
use super::names::{new_id, user_key, written};
use super::refused::Refused;
use super::rules::{By, Call, Claim, Claims, Ruling};
use super::user::{Contact, Profile, User};
use crate::documents::{Document, Key, Revision, Written};

/// The recipient of a code and its user.
#[derive(Clone, Debug)]
pub struct Given {
    /// The user's id.
    pub user_id: String,
    /// The phone number's or email address's id.
    pub method_id: String,
    /// Whether the user is new.
    pub created: bool,
}

/// The claim that an allowed call joins or makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The expiry of the claim, unless it is permanent.
    pub until: Option<Timestamp>,
    /// The ids of the user and the contact; `None` if the call creates them.
    pub user: Option<(String, String)>,
    /// The id of the user whom the call creates.
    pub new_user: String,
}

/// A new contact that is to be claimed, and the id of its user.
pub(super) type Made = (String, Contact);

impl Users {
    /// Returns all claims on a phone number or email address.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn claims(&self, recipient: &Recipient) -> Result<Claims, StoreError> {
        Ok(self.read_claims(&self.claims_key(recipient)).await?.value)
    }

    /// Whether a claim's user still has the contact. A contact that a user named is removed when
    /// someone else verifies the user.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn holds(&self, claim: &Claim) -> Result<bool, StoreError> {
        if !claim.is_named() {
            return Ok(true);
        }
        let user = self.user(&claim.user_id).await?;
        Ok(user.is_some_and(|user| user.contacts.iter().any(|contact| contact.method_id == claim.method_id)))
    }

    /// Whether a call is allowed now. Returns which claim it joins or makes.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn admit(
        &self,
        call: Call<'_>,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<Result<Admitted, Refused>, StoreError> {
        let claims = self.claims(recipient).await?;
        let user = match call {
            Call::Send(Some(user_id)) => match self.user(user_id).await? {
                Some(user) => Some(user),
                None => return Ok(Err(Refused::NoUser)),
            },
            _ => None,
        };
        Ok(match (claims.rule(call, now), user) {
            (Ruling::Join(claim), _) => Ok(Admitted::to(claim)),
            (Ruling::NotFound, _) => Err(Refused::NotFound),
            (Ruling::Taken, _) => Err(Refused::Taken),
            (Ruling::New(_), Some(mut user)) => {
                let named = user.name(recipient, now);
                named.map(|contact| Admitted {
                    until: contact.until.map(Timestamp::from_unix_millis),
                    ..Admitted::new(Some((user.user_id, contact.method_id)))
                })
            }
            (Ruling::New(by), None) => Ok(Admitted { until: by.until(now), ..Admitted::new(None) }),
        })
    }

    /// Claims a phone number or email address for a call that sends a code, and stores the code's
    /// mark.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn give(
        &self,
        call: Call<'_>,
        recipient: &Recipient,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<Result<Given, Refused>, StoreError> {
        self.give_to(&new_id("user"), call, recipient, code, now).await
    }

    /// As [`give`](Self::give). If the call creates a user, it gets this id.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn give_to(
        &self,
        new_user: &str,
        call: Call<'_>,
        recipient: &Recipient,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<Result<Given, Refused>, StoreError> {
        let mut made = None;
        let given = self.claim(new_user, call, recipient, &mut made, code, now).await?;
        if let Some((user_id, contact)) = made
            && !given.as_ref().is_ok_and(|given| given.method_id == contact.method_id)
        {
            // A concurrent call was faster.
            match call {
                Call::Send(_) => self.drop_contact(&user_id, &contact.method_id).await?,
                _ => self.drop_document::<User>(&user_key(&user_id)).await?,
            }
        }
        Ok(given)
    }

    /// As [`give`](Self::give), for a user and contact that may already have been created.
    pub(super) async fn claim(
        &self,
        new_user: &str,
        call: Call<'_>,
        recipient: &Recipient,
        made: &mut Option<Made>,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<Result<Given, Refused>, StoreError> {
        let key = self.claims_key(recipient);
        loop {
            let Document { value: mut claims, revision } = self.read_claims(&key).await?;
            let (given, new) = match claims.rule(call, now) {
                Ruling::NotFound => return Ok(Err(Refused::NotFound)),
                Ruling::Taken => return Ok(Err(Refused::Taken)),
                Ruling::Join(claim) => (Given::to(claim), None),
                Ruling::New(by) => {
                    let (user_id, contact) = match made {
                        Some(made) => made,
                        None => match self.make(new_user, call, recipient, now).await? {
                            Ok(new) => made.insert(new),
                            Err(refused) => return Ok(Err(refused)),
                        },
                    };
                    let until = contact.until.or_else(|| by.until(now).map(Timestamp::unix_millis));
                    let claim = Claim::new(user_id.clone(), contact.method_id.clone(), by, until);
                    (Given { created: by != By::User, ..Given::to(&claim) }, Some(claim))
                }
            };
            let mut ended = claims.yield_to(call);
            ended.extend(new.and_then(|claim| claims.add(claim)));
            if let Some(code) = code
                && let Some(claim) = claims.sent(&given.method_id)
            {
                self.put_mark(claim, code);
            }
            claims.forget(now);
            if self.write_claims(&key, revision, &claims, now).await? == Written::Applied {
                self.drop_contacts(&ended).await?;
                return Ok(Ok(given));
            }
        }
    }

    /// Creates the contact for a new claim, and for a login its user.
    async fn make(
        &self,
        new_user: &str,
        call: Call<'_>,
        recipient: &Recipient,
        now: Timestamp,
    ) -> Result<Result<Made, Refused>, StoreError> {
        match call {
            Call::Send(Some(user_id)) => {
                let named = self.change(user_id, |user| user.name(recipient, now)).await?;
                let contact = match named {
                    None => return Ok(Err(Refused::NoUser)),
                    Some(Err(refused)) => return Ok(Err(refused)),
                    Some(Ok((_, contact))) => contact,
                };
                self.write_method(&contact, now).await?;
                Ok(Ok((user_id.to_owned(), contact)))
            }
            Call::LoginOrCreate(status) => {
                let contact = Contact::new(recipient, By::Login, By::Login.until(now));
                let user = User::new(status, vec![contact.clone()], Profile::default(), now);
                let user = User { user_id: new_user.to_owned(), ..user };
                self.write_new(&user, now).await?;
                Ok(Ok((user.user_id, contact)))
            }
            // `send` without a user creates nothing; `users.create` has already created its
            // contact.
            Call::Send(None) | Call::CreateUser => Ok(Err(Refused::NotFound)),
        }
    }

    /// Removes the contacts of claims that have ended.
    pub(super) async fn drop_contacts(&self, ended: &[Claim]) -> Result<(), StoreError> {
        for claim in ended {
            self.drop_contact(&claim.user_id, &claim.method_id).await?;
        }
        Ok(())
    }

    async fn drop_contact(&self, user_id: &str, method_id: &str) -> Result<(), StoreError> {
        let drop = |user: &mut User| {
            let goes = |contact: &mut Contact| contact.method_id == method_id && !contact.verified;
            user.contacts.extract_if(.., goes).next().ok_or(())
        };
        self.change(user_id, drop).await.map(|_| ())
    }

    /// Removes the claim of a contact that the user no longer has.
    pub(super) async fn drop_claim(
        &self,
        user_id: &str,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(recipient) = contact.recipient() else { return Ok(()) };
        let key = self.claims_key(&recipient);
        loop {
            let Document { value: mut claims, revision } = self.read_claims(&key).await?;
            if !claims.remove(user_id, &contact.method_id)
                || self.write_claims(&key, revision, &claims, now).await? == Written::Applied
            {
                return Ok(());
            }
        }
    }

    pub(super) async fn read_claims(&self, key: &Key) -> Result<Document<Claims>, StoreError> {
        let held = self.documents.read(key).await?;
        Ok(held.unwrap_or_else(|| Document { value: Claims::default(), revision: Revision::ABSENT }))
    }

    pub(super) async fn write_claims(
        &self,
        key: &Key,
        revision: Revision,
        claims: &Claims,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        self.documents.write(key, revision, claims, claims.keep(now)).await
    }

    /// Returns the key of a recipient's claims. Addresses that differ only in case have the same
    /// key, as in the verifier.
    pub(super) fn claims_key(&self, recipient: &Recipient) -> Key {
        Key::new("claim", self.secrets.name("claim", &written(recipient).to_lowercase()))
    }
}

impl Admitted {
    fn new(user: Option<(String, String)>) -> Self {
        Self { until: None, user, new_user: new_id("user") }
    }

    fn to(claim: &Claim) -> Self {
        let until = claim.until.map(Timestamp::from_unix_millis);
        Self { until, ..Self::new(Some((claim.user_id.clone(), claim.method_id.clone()))) }
    }

    /// Returns the id of the user whom the code is for.
    #[must_use]
    pub fn user_id(&self) -> &str {
        self.user.as_ref().map_or(&self.new_user, |(user_id, _)| user_id)
    }
}

impl Given {
    fn to(claim: &Claim) -> Self {
        Self { user_id: claim.user_id.clone(), method_id: claim.method_id.clone(), created: false }
    }
}
