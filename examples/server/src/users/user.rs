//! A user.

use countersign::{Recipient, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::names::{new_id, read, written};
use super::refused::Refused;
use super::rules::{By, Claim};
use super::status::Status;

/// So many numbers and addresses that are not verified may a user have.
pub const MOST_UNVERIFIED: usize = 5;

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
    /// Which of the user's sessions go on.
    #[serde(default)]
    pub admits: Admits,
    /// What the host says of the person. Flat, for it nests as deep here as in the request that it
    /// came by: one level more, and JSON that could just be read there could not be read here.
    #[serde(flatten)]
    pub profile: Profile,
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

/// Which of a user's sessions go on: those of the present generation, and one that was spared when
/// it began.
///
/// A number counts, not a time: servers' clocks differ.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Admits {
    /// How often all sessions were ended.
    pub generation: u64,
    /// The session that was spared the last time.
    spared: Option<String>,
}

impl Admits {
    /// Whether a session goes on.
    #[must_use]
    pub fn session(&self, generation: u64, session_id: &str) -> bool {
        generation == self.generation || self.spared.as_deref() == Some(session_id)
    }

    fn end_all_but(&mut self, spared: Option<&str>) {
        self.generation += 1;
        self.spared = spared.map(str::to_owned);
    }
}

/// A number or an address of a user.
#[derive(Clone, Serialize, Deserialize)]
pub struct Contact {
    /// The `phone_id` or `email_id`.
    pub method_id: String,
    /// The number in E.164, or the address.
    pub address: String,
    /// Who put it there.
    pub by: By,
    /// Whether it has proved itself.
    pub verified: bool,
    /// The end of its time, unless it is verified by then; in milliseconds of Unix time.
    pub until: Option<u64>,
}

impl User {
    pub(super) fn new(status: Status, contacts: Vec<Contact>, profile: Profile, now: Timestamp) -> Self {
        let created_at = now.unix_millis();
        Self { user_id: new_id("user"), status, created_at, contacts, admits: Admits::default(), profile }
    }

    /// The numbers and addresses that are the user's now.
    pub fn contacts(&self, now: Timestamp) -> impl Iterator<Item = &Contact> {
        self.contacts.iter().filter(move |contact| contact.is_live(now))
    }

    /// The number or address, if the user has it.
    pub(super) fn contact(&self, address: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.address.eq_ignore_ascii_case(address))
    }

    /// Adds a number or an address that the user names, for as long as it may wait for its code;
    /// the contact that is there already, if there is one.
    pub(super) fn name(&mut self, recipient: &Recipient, now: Timestamp) -> Result<Contact, Refused> {
        self.contacts.retain(|contact| contact.is_live(now));
        let new = Contact::new(recipient, By::User, By::User.until(now));
        if let Some(known) = self.contact(&new.address) {
            return Ok(known.clone());
        }
        if self.contacts.iter().filter(|contact| !contact.verified).count() >= MOST_UNVERIFIED {
            return Err(Refused::TooMany);
        }
        self.contacts.push(new.clone());
        Ok(new)
    }

    /// Whether the number or address of this id has proved itself.
    #[must_use]
    pub fn is_verified(&self, method_id: &str) -> bool {
        let verified = |contact: &Contact| contact.method_id == method_id && contact.verified;
        self.status == Status::Active && self.contacts.iter().any(verified)
    }

    /// A code proved the number of a claim on this user, whom its reader thereby reaches; or it
    /// does not, and the number is given to a user of its own.
    ///
    /// A user whom `login_or_create` made is nobody's until somebody proves it, and whoever began
    /// the login may have named numbers on it. So the first number that is proved has the user
    /// alone: what else waits there goes. A number that the host stated is as sure as a proof, and
    /// its first login ends what was begun before it: sessions, and numbers that they named. The
    /// session that shows itself is spared.
    pub(super) fn prove(
        &mut self,
        claim: &Claim,
        recipient: &Recipient,
        session_id: Option<&str>,
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
        (contact.verified, contact.until) = (true, None);
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

/// What else a proof did to its user.
#[derive(Default)]
pub(super) struct Effects {
    /// Whether it ended the sessions from before.
    pub(super) resets: bool,
    /// Numbers and addresses that are no longer the user's.
    pub(super) ended: Vec<Contact>,
}

/// The user is somebody else's by now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Elsewhere;

impl Contact {
    pub(super) fn new(recipient: &Recipient, by: By, until: Option<Timestamp>) -> Self {
        let kind = if recipient.phone().is_some() { "phone-number" } else { "email" };
        let until = until.map(Timestamp::unix_millis);
        Self { method_id: new_id(kind), address: written(recipient), by, verified: false, until }
    }

    /// The number or the address.
    pub(super) fn recipient(&self) -> Option<Recipient> {
        read(&self.address)
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
