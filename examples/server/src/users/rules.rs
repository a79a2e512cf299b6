//! The rules of ownership for phone numbers and email addresses, as pure functions on one document.
//!
//! Each number has a document that lists the claims on it. A claim's rights depend on the call that
//! made it:
//!
//! | made by | visible to | unverified, expires | yields to |
//! |---|---|---|---|
//! | `users.create` | all | never | none (stated by the host) |
//! | `login_or_create` | all | after 24 hours | a claim verified by its own code |
//! | `send` for a user | that user | after 5 minutes | that too, and new claims by the other two |
//! | any of these, once verified | all | never | none |
//!
//! `send` for a user is one with a session or a `user_id`. No call extends an unverified claim.
//! Calls treat the claims that they see as follows:
//!
//! | call | the user's claim | another's permanent claim | another's login | none |
//! |---|---|---|---|---|
//! | `send` | | joins it | joins it | not found |
//! | `send` for a user | joins it | duplicate | another claim | a new claim |
//! | `login_or_create` | | joins it | joins it | a new user |
//! | `users.create` | | duplicate | duplicate | a new user |
//!
//! `authenticate` names its claim by the `method_id`. A correct code verifies that claim and ends
//! the number's others. A claim made by `send` for a user is only verified by a code that was sent
//! for that very claim. `User::prove` decides which user the number then leads to.
//!
//! So returning a code never leads to a user to whom someone else has assigned the number, unless
//! that was the host.

use std::time::Duration;

use countersign::Timestamp;
use serde::{Deserialize, Serialize};

use super::status::Status;

/// The origin of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The host, with `users.create`.
    Host,
    /// Anyone, with `login_or_create`, which created the user.
    Login,
    /// An existing user, with `send` and a session or `user_id`.
    User,
}

impl By {
    /// Returns the expiry of a claim that is made now, unless it is verified before.
    #[must_use]
    pub fn until(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Host => None,
            Self::Login => Some(now + Duration::from_secs(24 * 60 * 60)),
            Self::User => Some(now + Duration::from_secs(5 * 60)),
        }
    }
}

/// A claim on a phone number or email address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// The user's id.
    pub user_id: String,
    /// The phone number's or email address's id.
    pub method_id: String,
    /// The origin.
    pub by: By,
    /// The expiry in Unix milliseconds; `None` once the claim is verified, and for the host's
    /// claims.
    pub until: Option<u64>,
    /// Marks of the codes sent for it, newest last.
    pub(super) marks: Vec<String>,
}

/// A call that concerns a phone number or email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call<'a> {
    /// `send`, for this user if given.
    Send(Option<&'a str>),
    /// `login_or_create`; a new user gets this status.
    LoginOrCreate(Status),
    /// `users.create`.
    CreateUser,
}

/// The rules' decision on a call.
#[derive(Debug)]
pub enum Ruling<'a> {
    /// The call uses this claim.
    Join(&'a Claim),
    /// The call makes a new claim.
    New(By),
    /// No user has the number.
    NotFound,
    /// Another user has the number.
    Taken,
}

/// All claims on a phone number or email address.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Claims {
    claims: Vec<Claim>,
    /// The user to whose account the number's newest code belongs. The code may outlive its claim.
    sent_for: Option<String>,
}

/// The claims as stored: at first there was only a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    List(Vec<Claim>),
    Full { claims: Vec<Claim>, sent_for: Option<String> },
}

impl From<Stored> for Claims {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::List(claims) => Self { claims, sent_for: None },
            Stored::Full { claims, sent_for } => Self { claims, sent_for },
        }
    }
}

/// The number of users who can name a number at a time; a further claim replaces the oldest.
const MAX_NAMED: usize = 16;

/// How long an ended claim is kept, so that its codes are recognised as old rather than wrong.
pub(super) const RETENTION: Duration = Duration::from_secs(60 * 60);

impl Claims {
    /// Decides on a call.
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

    /// Returns the claim that is visible to all calls. There is at most one.
    fn shared(&self, now: Timestamp) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.is_live(now) && !claim.is_named())
    }

    /// Returns the claim of this `method_id`, unless it has ended.
    #[must_use]
    pub fn live(&self, method_id: &str, now: Timestamp) -> Option<&Claim> {
        self.get(method_id).filter(|claim| claim.is_live(now))
    }

    /// Returns the claim of this `method_id`, ended or not.
    pub(super) fn get(&self, method_id: &str) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.method_id == method_id)
    }

    pub(super) fn get_mut(&mut self, method_id: &str) -> Option<&mut Claim> {
        self.claims.iter_mut().find(|claim| claim.method_id == method_id)
    }

    /// Returns the claim for which a code is sent now.
    pub(super) fn sent(&mut self, method_id: &str) -> Option<&mut Claim> {
        let claim = self.claims.iter_mut().find(|claim| claim.method_id == method_id)?;
        self.sent_for = Some(claim.user_id.clone());
        Some(claim)
    }

    /// Returns the user to whose account the number's newest code belongs, if that is another one
    /// than the claim's: whatever a code was sent for, it may verify the claim of a login.
    #[must_use]
    pub fn sent_for_other(&self, claim: &Claim) -> Option<&str> {
        self.sent_for.as_deref().filter(|user_id| *user_id != claim.user_id)
    }

    /// Removes the claims that yield to this call, and returns them.
    pub(super) fn yield_to(&mut self, call: Call<'_>) -> Vec<Claim> {
        match call {
            Call::Send(_) => Vec::new(),
            Call::LoginOrCreate(_) | Call::CreateUser => {
                self.claims.extract_if(.., |claim| claim.is_named()).collect()
            }
        }
    }

    /// Adds a claim that the [rules](Self::rule) allow, unless it exists. Returns the claim that it
    /// replaces, if any.
    pub(super) fn add(&mut self, claim: Claim) -> Option<Claim> {
        if self.get(&claim.method_id).is_some() {
            return None;
        }
        self.claims.push(claim);
        let named = self.claims.iter().filter(|claim| claim.is_named()).count();
        let oldest = self.claims.iter().position(Claim::is_named);
        oldest.filter(|_| named > MAX_NAMED).map(|oldest| self.claims.remove(oldest))
    }

    /// Verifies the claim of a `method_id` after a correct code. Returns it with the other claims,
    /// which end. Returns `None` if the claim itself has ended.
    pub(super) fn verify(&mut self, method_id: &str, now: Timestamp) -> Option<(Claim, Vec<Claim>)> {
        let claim = Claim { until: None, ..self.live(method_id, now)?.clone() };
        let mut ended = std::mem::replace(&mut self.claims, vec![claim.clone()]);
        ended.retain(|other| other.method_id != method_id);
        Some((claim, ended))
    }

    /// Removes a user's unverified claim. Returns whether there was one.
    pub(super) fn remove(&mut self, user_id: &str, method_id: &str) -> bool {
        let goes = |claim: &mut Claim| {
            let is_proved = claim.lasts() && claim.by != By::Host;
            claim.user_id == user_id && claim.method_id == method_id && !is_proved
        };
        self.claims.extract_if(.., goes).next().is_some()
    }

    /// Removes claims that ended longer ago than the retention.
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.claims.retain(|claim| {
            claim.until.is_none_or(|until| now < Timestamp::from_unix_millis(until) + RETENTION)
        });
    }

    /// Returns how long to keep the document; `None` for ever.
    pub(super) fn keep(&self, now: Timestamp) -> Option<Duration> {
        self.claims
            .iter()
            .map(|claim| keep(claim.until, now))
            .try_fold(RETENTION, |longest, keep| Some(longest.max(keep?)))
    }
}

impl Claim {
    /// Creates an unverified claim.
    pub(super) const fn new(user_id: String, method_id: String, by: By, until: Option<u64>) -> Self {
        Self { user_id, method_id, by, until, marks: Vec::new() }
    }

    /// Whether the claim has not ended.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now.unix_millis() < until)
    }

    /// Whether the claim is permanent: verified, or the host's.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        self.until.is_none()
    }

    /// Whether a user named the number for themselves and has not verified it.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.by == By::User && !self.lasts()
    }
}

/// Returns how long to keep a document that is valid until then.
pub(super) fn keep(until: Option<u64>, now: Timestamp) -> Option<Duration> {
    until.map(|until| Timestamp::from_unix_millis(until).since(now) + RETENTION)
}

#[cfg(test)]
mod tests;
