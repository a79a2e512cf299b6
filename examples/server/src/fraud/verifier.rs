//! The verifier, with a guard or without.

use std::sync::{Arc, PoisonError, RwLock};

use countersign::guard::{Guard, Ruling, Scope};
use countersign::otp::Status;
use countersign::store::{Guarded, StoreError};
use countersign::{
    Account, Challenge, Channel, Error, Handle, Issued, PhoneNumber, Recipient, Timestamp, Verified, Verifier,
};

use super::overrides::Overrides;
use super::refusals::Refusals;
use crate::app::App;
use crate::documents::Revision;
use crate::engine::Engine;

/// Issues and checks passcodes, with a guard or without.
#[derive(Debug)]
pub struct Passcodes {
    plain: Verifier<Engine>,
    guarding: Option<Guarding>,
}

/// The guard, and what operators need of it.
#[derive(Debug)]
pub struct Guarding {
    guard: Guard,
    plain: Verifier<Engine>,
    current: RwLock<Arc<Current>>,
    /// What operators decided by hand, for a time.
    pub overrides: Overrides,
    /// The last refusals.
    pub refusals: Refusals,
}

/// The verifier with the overrides of one revision.
#[derive(Debug)]
struct Current {
    revision: Revision,
    verifier: Verifier<Guarded<Engine>>,
}

impl Guarding {
    /// Guards a verifier.
    #[must_use]
    pub fn new(plain: Verifier<Engine>, guard: Guard, overrides: Overrides) -> Self {
        let verifier = plain.clone().with_guard(guard.clone());
        let current = RwLock::new(Arc::new(Current { revision: Revision::ABSENT, verifier }));
        Self { guard, plain, current, overrides, refusals: Refusals::default() }
    }

    /// Returns the verifier with the overrides that are in force. Once a change of them has been
    /// answered, all servers on the engine apply it.
    async fn current(&self) -> Result<Arc<Current>, Error> {
        let (rules, revision) = self.overrides.read().await?;
        let last = self.last();
        if last.revision == revision {
            return Ok(last);
        }
        let mut guard = self.guard.clone();
        for rule in rules {
            // Factors were checked as the overrides were made.
            guard = guard.with_override(rule).map_err(StoreError::unavailable)?;
        }
        let current = Arc::new(Current { revision, verifier: self.plain.clone().with_guard(guard) });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&current);
        Ok(current)
    }

    /// Returns the verifier with the overrides that were read last. Only sends depend on them.
    fn last(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the ruling on a send, and sends nothing.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn explain(
        &self,
        challenge: Challenge<'_>,
        channel: Channel,
        now: Timestamp,
    ) -> Result<Ruling, Error> {
        let (current, mut rng) = (self.current().await?, App::rng());
        current.verifier.at(now, &mut rng).asynchronously().explain(challenge, channel).await
    }

    /// Tells the guard that a recipient was verified before.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn import(&self, recipient: Recipient, now: Timestamp) -> Result<(), Error> {
        let (current, mut rng) = (self.last(), App::rng());
        current.verifier.at(now, &mut rng).asynchronously().import(recipient).await
    }

    /// Clears what is unanswered in a block, a region or the purse.
    ///
    /// # Errors
    ///
    /// If nothing is counted for the scope, or the engine does not respond.
    pub async fn forgive(&self, channel: Channel, scope: Scope, now: Timestamp) -> Result<(), Error> {
        let (current, mut rng) = (self.last(), App::rng());
        current.verifier.at(now, &mut rng).asynchronously().forgive(channel, scope).await
    }
}

impl Passcodes {
    /// Without a guard.
    #[must_use]
    pub const fn unguarded(plain: Verifier<Engine>) -> Self {
        Self { plain, guarding: None }
    }

    /// With a guard.
    #[must_use]
    pub fn guarded(plain: Verifier<Engine>, guard: Guard, overrides: Overrides) -> Self {
        let guarding = Guarding::new(plain.clone(), guard, overrides);
        Self { plain, guarding: Some(guarding) }
    }

    /// Returns the guard, if there is one.
    #[must_use]
    pub const fn guarding(&self) -> Option<&Guarding> {
        self.guarding.as_ref()
    }

    /// Issues a code: see [`Verifier::start`].
    ///
    /// # Errors
    ///
    /// As for [`Verifier::start`].
    pub async fn start(
        &self,
        recipient: &Recipient,
        challenge: Challenge<'_>,
        channel: Channel,
        now: Timestamp,
    ) -> Result<Issued, Error> {
        let mut rng = App::rng();
        let Some(guarding) = &self.guarding else {
            return self.plain.at(now, &mut rng).asynchronously().start(challenge, channel).await;
        };
        let current = guarding.current().await?;
        let issued = current.verifier.at(now, &mut rng).asynchronously().start(challenge, channel).await;
        let ruling = match &issued {
            Ok(issued) => issued.ruling(),
            Err(Error::Guarded(ruling)) => Some(&**ruling),
            Err(_) => None,
        };
        if let Some(ruling) = ruling {
            let region = recipient.phone().and_then(PhoneNumber::region);
            guarding.refusals.note(ruling, region, channel, now);
        }
        issued
    }

    /// Checks a code of a user: see [`Verifier::check_without_handle`].
    ///
    /// # Errors
    ///
    /// As for [`Verifier::check_without_handle`].
    pub async fn check(
        &self,
        recipient: &Recipient,
        account: &Account,
        code: &str,
        now: Timestamp,
    ) -> Result<Verified, Error> {
        let mut rng = App::rng();
        let challenge = Challenge::new(recipient).with_account(account);
        match &self.guarding {
            None => self.plain.at(now, &mut rng).asynchronously().check_without_handle(challenge, code).await,
            Some(guarding) => {
                let current = guarding.last();
                let moment = current.verifier.at(now, &mut rng).asynchronously();
                moment.check_without_handle(challenge, code).await
            }
        }
    }

    /// Reports that a message was not delivered: see [`Verifier::undelivered`].
    ///
    /// # Errors
    ///
    /// As for [`Verifier::undelivered`].
    pub async fn undelivered(
        &self,
        recipient: Recipient,
        handle: Handle,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut rng = App::rng();
        match &self.guarding {
            None => self.plain.at(now, &mut rng).asynchronously().undelivered(recipient, handle).await,
            Some(guarding) => {
                let current = guarding.last();
                let moment = current.verifier.at(now, &mut rng).asynchronously();
                moment.undelivered(recipient, handle).await
            }
        }
    }

    /// Returns a recipient's lock and limits: see [`Verifier::status`].
    ///
    /// # Errors
    ///
    /// As for [`Verifier::status`].
    pub async fn status(&self, recipient: Recipient, now: Timestamp) -> Result<Status, Error> {
        let mut rng = App::rng();
        self.plain.at(now, &mut rng).asynchronously().status(recipient).await
    }

    /// Clears a recipient's failures and lock: see [`Verifier::unlock`].
    ///
    /// # Errors
    ///
    /// As for [`Verifier::unlock`].
    pub async fn unlock(&self, recipient: Recipient, now: Timestamp) -> Result<(), Error> {
        let mut rng = App::rng();
        self.plain.at(now, &mut rng).asynchronously().unlock(recipient).await
    }
}
