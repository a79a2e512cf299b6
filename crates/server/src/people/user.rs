//! A user.

use countersign::{Recipient, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{new_id, written};

/// A person who has numbers and addresses.
#[derive(Clone, Serialize, Deserialize)]
pub struct User {
    /// The id.
    pub user_id: String,
    /// Whether the person has ever proved to be there.
    pub status: Status,
    /// When the user was made, in milliseconds of Unix time.
    pub created_at: u64,
    /// Numbers and addresses, in the order in which they came.
    pub contacts: Vec<Contact>,
    /// What the host says of the person. Flat, for it nests as deep here as in the request that it came by: one level more, and
    /// JSON that could just be read there could not be read here.
    #[serde(flatten)]
    pub profile: Profile,
}

/// Whether a person has ever proved to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Yes, or the host does not ask.
    Active,
    /// Not yet.
    Pending,
}

/// What a host says of a person; the server only keeps it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Profile {
    /// First, middle and last name.
    pub name: Option<Map<String, Value>>,
    /// The host's own id of the person.
    pub external_id: Option<String>,
    /// The host's data.
    pub trusted_metadata: Option<Map<String, Value>>,
    /// The person's data.
    pub untrusted_metadata: Option<Map<String, Value>>,
}

/// A number or an address of a user.
#[derive(Clone, Serialize, Deserialize)]
pub struct Contact {
    /// The `phone_id` or `email_id`.
    pub method_id: String,
    /// The number in E.164, or the address.
    pub address: String,
    /// Whether it has proved itself.
    pub verified: bool,
    /// The end of its time, unless it is verified by then; in milliseconds of Unix time.
    pub until: Option<u64>,
}

impl User {
    pub(super) fn new(status: Status, contacts: Vec<Contact>, profile: Profile, now: Timestamp) -> Self {
        Self { user_id: new_id("user"), status, created_at: now.unix_millis(), contacts, profile }
    }

    /// The numbers and addresses that are the user's now.
    pub fn contacts(&self, now: Timestamp) -> impl Iterator<Item = &Contact> {
        self.contacts.iter().filter(move |contact| contact.is_live(now))
    }

    /// The number or address, as it was given.
    pub(super) fn contact(&self, address: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.address.eq_ignore_ascii_case(address))
    }

    pub(super) fn unverified(&self, now: Timestamp) -> usize {
        self.contacts(now).filter(|contact| !contact.verified).count()
    }

    /// Whether the number or address of this id has proved itself.
    #[must_use]
    pub fn is_verified(&self, method_id: &str) -> bool {
        let verified = |contact: &Contact| contact.method_id == method_id && contact.verified;
        self.status == Status::Active && self.contacts.iter().any(verified)
    }

    pub(super) fn verify(&mut self, method_id: &str, recipient: &Recipient) {
        self.status = Status::Active;
        if !self.contacts.iter().any(|contact| contact.method_id == method_id) {
            self.contacts.push(Contact { method_id: method_id.to_owned(), ..Contact::new(recipient, None) });
        }
        for contact in self.contacts.iter_mut().filter(|contact| contact.method_id == method_id) {
            contact.verified = true;
            contact.until = None;
        }
    }
}

impl Contact {
    pub(super) fn new(recipient: &Recipient, until: Option<Timestamp>) -> Self {
        let kind = if recipient.phone().is_some() { "phone-number" } else { "email" };
        let until = until.map(Timestamp::unix_millis);
        Self { method_id: new_id(kind), address: written(recipient), verified: false, until }
    }

    /// Whether it is a number.
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
