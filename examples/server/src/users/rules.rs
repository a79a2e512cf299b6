//! Whose a number or an address is: every rule, as pure functions over one document.
//!
//! Each number has one document, which lists the claims on it. What a claim is worth depends on who
//! made it:
//!
//! | made by | who sees it | unverified, it ends | it yields to |
//! |---|---|---|---|
//! | `users.create` | everybody | never | nobody: it is the host's statement |
//! | `login_or_create` | everybody | after 24 hours | whoever returns a code that was sent for their own claim |
//! | `send` with a session or a `user_id` | that user alone | after 5 minutes | that too, and `login_or_create` and `users.create` |
//! | any of them, once a code came back | everybody | never | nobody |
//!
//! No call makes an unverified claim longer. What each call does with the claims that it sees:
//!
//! | call | a claim of that user | a lasting one of another user | a login's, of another user | none |
//! |---|---|---|---|---|
//! | `send` | | joins it | joins it | not found |
//! | `send` for a user | joins it | duplicate | a new claim beside it | a new claim |
//! | `login_or_create` | | joins it | joins it | a new user |
//! | `users.create` | | duplicate | duplicate | a new user |
//!
//! `authenticate` names its claim by the `method_id`. A code that is right verifies it, and the
//! number's other claims end; but a claim that a user made is verified only by a code that was sent
//! for that very claim. Which user the number then leads to is
//! `User::prove`'s to say.
//!
//! So nobody who returns a code arrives at a user on whom somebody else has put the number, unless
//! the host did.

use std::time::Duration;

use countersign::Timestamp;
use serde::{Deserialize, Serialize};

use super::status::Status;

/// Who made a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The host, by `users.create`.
    Host,
    /// Anybody, by `login_or_create`, with a user that was made for it.
    Login,
    /// A user who exists, by `send` with a session or a `user_id`.
    User,
}

impl By {
    /// When a claim made now ends, unless it is verified by then.
    #[must_use]
    pub fn until(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Host => None,
            Self::Login => Some(now + Duration::from_secs(24 * 60 * 60)),
            Self::User => Some(now + Duration::from_secs(5 * 60)),
        }
    }
}

/// A claim on a number or an address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// The user's id.
    pub user_id: String,
    /// The number's or the address's id.
    pub method_id: String,
    /// Who made it.
    pub by: By,
    /// The end of the claim, in milliseconds of Unix time; `None` once it is verified, and where
    /// the host made it.
    pub until: Option<u64>,
    /// Marks of the codes that were sent for it, the newest last.
    pub(super) marks: Vec<String>,
}

/// What is asked of a number or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call<'a> {
    /// `send`, for this user if one was named.
    Send(Option<&'a str>),
    /// `login_or_create`; a user who is made has this status.
    LoginOrCreate(Status),
    /// `users.create`.
    CreateUser,
}

/// What a call comes to.
#[derive(Debug)]
pub enum Ruling<'a> {
    /// It goes on with this claim.
    Join(&'a Claim),
    /// It makes a claim.
    New(By),
    /// There is nobody to send to.
    NotFound,
    /// Another user has the number.
    Taken,
}

/// All claims on a number or an address.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Claims(Vec<Claim>);

/// So many users may name a number at once; then the oldest claim makes room.
const MOST_NAMED: usize = 16;

/// A claim is remembered for so long after its end: then its codes are old, not wrong.
pub(super) const AFTERWARDS: Duration = Duration::from_secs(60 * 60);

impl Claims {
    /// What a call comes to.
    #[must_use]
    pub fn rule(&self, call: Call<'_>, now: Timestamp) -> Ruling<'_> {
        match (call, self.shared(now)) {
            (Call::Send(Some(user_id)), Some(claim)) if claim.user_id == user_id => Ruling::Join(claim),
            (Call::Send(Some(_)), Some(claim)) if claim.lasts() => Ruling::Taken,
            (Call::Send(Some(_)), _) => Ruling::New(By::User),
            (Call::Send(None) | Call::LoginOrCreate(_), Some(claim)) => Ruling::Join(claim),
            (Call::Send(None), None) => Ruling::NotFound,
            (Call::LoginOrCreate(_), None) => Ruling::New(By::Login),
            (Call::CreateUser, Some(_)) => Ruling::Taken,
            (Call::CreateUser, None) => Ruling::New(By::Host),
        }
    }

    /// The claim that everybody sees. There is at most one.
    fn shared(&self, now: Timestamp) -> Option<&Claim> {
        self.0.iter().find(|claim| claim.is_live(now) && !claim.is_named())
    }

    /// The claim of this `method_id`, if it has not ended.
    #[must_use]
    pub fn live(&self, method_id: &str, now: Timestamp) -> Option<&Claim> {
        self.get(method_id).filter(|claim| claim.is_live(now))
    }

    /// The claim of this `method_id`, ended or not.
    pub(super) fn get(&self, method_id: &str) -> Option<&Claim> {
        self.0.iter().find(|claim| claim.method_id == method_id)
    }

    pub(super) fn get_mut(&mut self, method_id: &str) -> Option<&mut Claim> {
        self.0.iter_mut().find(|claim| claim.method_id == method_id)
    }

    /// Ends the claims that yield to this call, and returns them.
    pub(super) fn yield_to(&mut self, call: Call<'_>) -> Vec<Claim> {
        match call {
            Call::Send(_) => Vec::new(),
            Call::LoginOrCreate(_) | Call::CreateUser => {
                self.0.extract_if(.., |claim| claim.is_named()).collect()
            }
        }
    }

    /// Adds a claim that the [ruling](Self::rule) allowed, unless it is there. Returns the one that
    /// makes room.
    pub(super) fn add(&mut self, claim: Claim) -> Option<Claim> {
        if self.get(&claim.method_id).is_some() {
            return None;
        }
        self.0.push(claim);
        let named = self.0.iter().filter(|claim| claim.is_named()).count();
        let oldest = self.0.iter().position(Claim::is_named);
        oldest.filter(|_| named > MOST_NAMED).map(|oldest| self.0.remove(oldest))
    }

    /// Verifies the claim of a `method_id`, with which a code came back that is right. Returns it
    /// and the other claims, which end; `None` if it has ended itself.
    pub(super) fn verify(&mut self, method_id: &str, now: Timestamp) -> Option<(Claim, Vec<Claim>)> {
        let claim = Claim { until: None, ..self.live(method_id, now)?.clone() };
        let mut ended = std::mem::replace(&mut self.0, vec![claim.clone()]);
        ended.retain(|other| other.method_id != method_id);
        Some((claim, ended))
    }

    /// Removes a claim of this user that nobody verified. Returns whether there was one.
    pub(super) fn remove(&mut self, user_id: &str, method_id: &str) -> bool {
        let goes = |claim: &mut Claim| {
            let is_proved = claim.lasts() && claim.by != By::Host;
            claim.user_id == user_id && claim.method_id == method_id && !is_proved
        };
        self.0.extract_if(.., goes).next().is_some()
    }

    /// Drops what nobody asks about any more.
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.0.retain(|claim| {
            claim.until.is_none_or(|until| now < Timestamp::from_unix_millis(until) + AFTERWARDS)
        });
    }

    /// How long the document is kept; `None` for ever.
    pub(super) fn keep(&self, now: Timestamp) -> Option<Duration> {
        self.0
            .iter()
            .map(|claim| keep(claim.until, now))
            .try_fold(AFTERWARDS, |longest, keep| Some(longest.max(keep?)))
    }
}

impl Claim {
    /// A claim that nobody verified.
    pub(super) const fn new(user_id: String, method_id: String, by: By, until: Option<u64>) -> Self {
        Self { user_id, method_id, by, until, marks: Vec::new() }
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now.unix_millis() < until)
    }

    /// Whether it never ends by itself: it is verified, or the host's.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        self.until.is_none()
    }

    /// Whether a user named the number for themselves, and nobody has verified that.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.by == By::User && !self.lasts()
    }
}

/// How long a document is kept that says something until then.
pub(super) fn keep(until: Option<u64>, now: Timestamp) -> Option<Duration> {
    until.map(|until| Timestamp::from_unix_millis(until).since(now) + AFTERWARDS)
}

#[cfg(test)]
mod tests;
