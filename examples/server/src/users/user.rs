//! A user.

use std::time::Duration;

use countersign::{Recipient, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::names::{new_id, read, written};
use super::refused::Refused;
use super::rules::{By, Claim};
use super::status::Status;
use super::totp::Totp;

/// The number of unverified contacts that a user may have.
pub const MAX_UNVERIFIED: usize = 5;

/// A user with phone numbers and email addresses.
#[derive(Clone, Serialize, Deserialize)]
pub struct User {
    /// The id.
    pub user_id: String,
    /// Whether a recipient was ever verified.
    pub status: Status,
    /// The time of creation, in Unix milliseconds.
    pub created_at: u64,
    /// The user's phone numbers and email addresses, in order of addition.
    pub contacts: Vec<Contact>,
    /// Which of the user's sessions are valid.
    #[serde(default)]
    pub admits: Admits,
    /// The authenticator app.
    #[serde(default)]
    pub totp: Option<Totp>,
    /// The host's data. Flattened, so that it is nested no deeper than in the request: otherwise
    /// JSON that was just parsed at the limit of nesting could not be read back.
    #[serde(flatten)]
    pub profile: Profile,
}

/// The host's data about a user, which the server only stores.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Profile {
    /// First, middle and last name.
    pub name: Option<Map<String, Value>>,
    /// The host's own id of the user.
    pub external_id: Option<String>,
    /// Data that only the host may set.
    pub trusted_metadata: Option<Map<String, Value>>,
    /// Data that the user may set.
    pub untrusted_metadata: Option<Map<String, Value>>,
}

/// Which of a user's sessions are valid: those of the present generation, and one that was kept
/// when it began.
///
/// Counted rather than timed, because servers' clocks differ.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Admits {
    /// How often all sessions were ended.
    pub generation: u64,
    /// The session that was kept the last time.
    spared: Option<String>,
}

impl Admits {
    /// Whether a session is valid.
    #[must_use]
    pub fn session(&self, generation: u64, session_id: &str) -> bool {
        generation == self.generation || self.spared.as_deref() == Some(session_id)
    }

    fn end_all_but(&mut self, spared: Option<&str>) {
        self.generation += 1;
        self.spared = spared.map(str::to_owned);
    }
}

/// A user's phone number or email address.
#[derive(Clone, Serialize, Deserialize)]
pub struct Contact {
    /// The `phone_id` or `email_id`.
    pub method_id: String,
    /// The E.164 number or the email address.
    pub address: String,
    /// The origin.
    pub by: By,
    /// Whether it was verified.
    pub verified: bool,
    /// When it was verified first, in Unix milliseconds. Unknown for those that were verified
    /// before this was noted.
    #[serde(default)]
    pub verified_at: Option<u64>,
    /// The expiry if it is not verified, in Unix milliseconds.
    pub until: Option<u64>,
}

impl User {
    pub(super) fn new(status: Status, contacts: Vec<Contact>, profile: Profile, now: Timestamp) -> Self {
        let created_at = now.unix_millis();
        let (user_id, admits) = (new_id("user"), Admits::default());
        Self { user_id, status, created_at, contacts, admits, totp: None, profile }
    }

    /// Returns the contacts that have not expired.
    pub fn contacts(&self, now: Timestamp) -> impl Iterator<Item = &Contact> {
        self.contacts.iter().filter(move |contact| contact.is_live(now))
    }

    /// Returns the contact with this address.
    pub(super) fn contact(&self, address: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.address.eq_ignore_ascii_case(address))
    }

    /// Adds a recipient that the user names, until its code expires. Returns the existing contact
    /// if there is one.
    pub(super) fn name(&mut self, recipient: &Recipient, now: Timestamp) -> Result<Contact, Refused> {
        self.contacts.retain(|contact| contact.is_live(now));
        let new = Contact::new(recipient, By::User, By::User.until(now));
        if let Some(known) = self.contact(&new.address) {
            return Ok(known.clone());
        }
        if self.contacts.iter().filter(|contact| !contact.verified).count() >= MAX_UNVERIFIED {
            return Err(Refused::TooMany);
        }
        self.contacts.push(new.clone());
        Ok(new)
    }

    /// Whether the contact with this id was verified.
    #[must_use]
    pub fn is_verified(&self, method_id: &str) -> bool {
        let verified = |contact: &Contact| contact.method_id == method_id && contact.verified;
        self.status == Status::Active && self.contacts.iter().any(verified)
    }

    /// Whether the contact with this id was verified at least this long ago.
    #[must_use]
    pub fn is_verified_since(&self, method_id: &str, age: Duration, now: Timestamp) -> bool {
        let is_old = |at: u64| Timestamp::from_unix_millis(at) + age <= now;
        let mut own = self.contacts.iter().filter(|contact| contact.method_id == method_id);
        self.is_verified(method_id) && own.any(|contact| contact.verified_at.is_none_or(is_old))
    }

    /// Applies a verified claim to this user. Returns an error if the number must get a user of its
    /// own.
    ///
    /// A user created by `login_or_create` belongs to no one until a recipient is verified, and
    /// whoever began the login may have named numbers on it. So the first verified number gets the
    /// user alone, and named numbers are removed. A number stated by the host counts as verified;
    /// the first login with it ends what was begun before: sessions, and numbers named in them. The
    /// session that the call presents is kept.
    pub(super) fn prove(
        &mut self,
        claim: &Claim,
        recipient: &Recipient,
        session_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Effects, Elsewhere> {
        if self.is_verified(&claim.method_id) {
            return Ok(Effects::default());
        }
        let other = |contact: &Contact| contact.verified && contact.method_id != claim.method_id;
        let is_proved = self.contacts.iter().any(other);
        let at = self.contacts.iter().position(|contact| contact.method_id == claim.method_id);
        let at = match (claim.by, at) {
            (By::Login, _) if is_proved => return Err(Elsewhere),
            (By::User, None) => return Err(Elsewhere),
            (_, Some(at)) => at,
            (by, None) => {
                let method_id = claim.method_id.clone();
                self.contacts.push(Contact { method_id, ..Contact::new(recipient, by, None) });
                self.contacts.len() - 1
            }
        };
        self.status = Status::Active;
        let contact = &mut self.contacts[at];
        contact.verify(now);
        let goes = match claim.by {
            By::Host | By::Login => By::User,
            By::User => By::Login,
        };
        let resets = claim.by == By::Host;
        if resets {
            self.admits.end_all_but(session_id);
        }
        let ended = self.contacts.extract_if(.., |contact| !contact.verified && contact.by == goes).collect();
        Ok(Effects { resets, ended })
    }
}

/// Further effects of a verification.
#[derive(Default)]
pub(super) struct Effects {
    /// Whether earlier sessions were ended.
    pub(super) resets: bool,
    /// Contacts that the user no longer has.
    pub(super) ended: Vec<Contact>,
}

/// The user belongs to someone else by now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Elsewhere;

impl Contact {
    pub(super) fn new(recipient: &Recipient, by: By, until: Option<Timestamp>) -> Self {
        let kind = if recipient.phone().is_some() { "phone-number" } else { "email" };
        let until = until.map(Timestamp::unix_millis);
        let (method_id, address) = (new_id(kind), written(recipient));
        Self { method_id, address, by, verified: false, verified_at: None, until }
    }

    /// Makes the contact permanent, because its code was returned.
    pub(super) fn verify(&mut self, now: Timestamp) {
        (self.verified, self.until) = (true, None);
        self.verified_at = self.verified_at.or(Some(now.unix_millis()));
    }

    /// Returns the phone number or email address.
    pub(super) fn recipient(&self) -> Option<Recipient> {
        read(&self.address)
    }

    /// Whether this is a phone number.
    #[must_use]
    pub fn is_phone(&self) -> bool {
        self.method_id.starts_with("phone-number-")
    }

    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now.unix_millis() < until)
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({}, {:?}, {} contacts)", self.user_id, self.status, self.contacts.len())
    }
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contact({}, verified: {})", self.method_id, self.verified)
    }
}
