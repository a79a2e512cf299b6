//! The verifier: decides whether a recipient may be sent a passcode, issues it and checks it.
//!
//! It combines policy, limits, the passcode state machine and a store behind a few calls.

#[cfg(feature = "totp")]
mod account;
mod begin;
mod calls;
mod challenge;
mod forget;
#[cfg(feature = "alloc")]
mod guarded;
mod issued;
mod joined;
mod on_record;
mod role;
mod sandbox;
mod settings;
#[cfg(feature = "alloc")]
mod tallies;

use core::borrow::Borrow;
use core::fmt;

use rand_core::TryCryptoRng;

#[cfg(feature = "totp")]
pub use account::AccountCalls;
pub use challenge::Challenge;
pub use issued::Issued;

use crate::error::{Error, Fault};
#[cfg(feature = "alloc")]
use crate::execute::HasGuard;
use crate::execute::{Async, At, Execute, InSteps, Planned, Source, System};
use crate::kernel::Ready;
use crate::keys::{Lane, TenantId};
use crate::otp::{KnownDevice, Status};
use crate::service::Service;
use crate::{Channel, DeviceToken, Handle, Recipient, Timestamp, Verified};
use begin::Begin;

/// Decides, issues and verifies passcodes. Most hosts hold one for the life of the process.
///
/// Calls take the time and randomness from the system. Use [`at`](Self::at) to pass both as
/// arguments, for example in tests.
///
/// ```
/// use countersign::{Channel, Error, Keys, MemoryStore, PhoneNumber, Policy, Refusal, Region};
/// use countersign::Verifier;
///
/// let secret = [7; 32];       // 32 random bytes from your secret store, the same on every server
/// let policy = Policy::default().allow(Channel::Sms, [Region::FR])?;
/// let keys = Keys::from_secret(secret)?;
/// let verifier = Verifier::new(keys, MemoryStore::new()).with_policy(policy);
///
/// let number: PhoneNumber = "+33612345678".parse()?;
/// let issued = verifier.start(number, Channel::Sms)?;
/// // Send issued.code().as_str() to the number, give issued.handle() to the client.
///
/// let verified = verifier.check(number, issued.handle(), issued.code().as_str())?;
/// assert_eq!(verified.recipient(), &number.into());
///
/// let again = verifier.check(number, issued.handle(), issued.code().as_str());
/// assert!(matches!(again, Err(Error::Refused(Refusal::AlreadyUsed))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `X` is the [execution mode](crate::execute): blocking, with the system's clock and generator,
/// unless another is chosen. `C` holds the settings, owned or borrowed.
pub struct Verifier<S, X = System, C = Service> {
    service: C,
    store: S,
    how: X,
}

/// A [`Verifier`] with a given time and generator. Returned by [`Verifier::at`].
pub type Moment<'a, S, R> = Verifier<&'a S, At<'a, R>, &'a Service>;

impl<'a, S, R, C> Verifier<S, At<'a, R>, C> {
    /// Returns the same calls as futures: see
    /// [`Verifier::asynchronously`](Verifier::<S>::asynchronously).
    pub fn asynchronously(self) -> Verifier<S, Async<At<'a, R>>, C> {
        Verifier { service: self.service, store: self.store, how: Async(self.how) }
    }

    /// Returns the same calls step by step: see [`Verifier::in_steps`](Verifier::<S>::in_steps).
    pub fn in_steps(self) -> Verifier<S, InSteps<At<'a, R>>, C> {
        Verifier { service: self.service, store: self.store, how: InSteps(self.how) }
    }
}

impl<S, X, C: Borrow<Service>> Verifier<S, X, C> {
    /// Returns the same calls with a given time and generator.
    ///
    /// ```
    /// use core::time::Duration;
    /// use countersign::{Channel, Error, Keys, MemoryStore, PhoneNumber, Refusal, Timestamp};
    /// use countersign::Verifier;
    /// use countersign::rng::SystemRng;
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let (now, mut rng) = (Timestamp::from_unix_seconds(1_800_000_000), SystemRng);
    /// let number: PhoneNumber = "+12025550162".parse()?;
    ///
    /// let issued = verifier.at(now, &mut rng).start(number, Channel::Sms)?;
    /// let late = now + Duration::from_secs(120);
    /// let code = issued.code().as_str();
    /// let checked = verifier.at(late, &mut rng).check(number, issued.handle(), code);
    /// assert!(matches!(checked, Err(Error::Refused(Refusal::Expired))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at<'a, R: TryCryptoRng>(&'a self, now: Timestamp, rng: &'a mut R) -> Moment<'a, S, R> {
        Verifier { service: self.service(), store: &self.store, how: At::new(now, rng) }
    }

    /// Returns keys, policy, limits, tenant and epoch.
    pub(crate) fn service(&self) -> &Service {
        self.service.borrow()
    }

    /// Returns the tenant that this verifier serves, to compare with [`Verified::tenant`].
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        self.service().tenant
    }
}

/// Calls that need no store.
impl<S, X: Source, C: Borrow<Service>> Verifier<S, X, C> {
    /// Creates a token for the device that has just verified the recipient.
    ///
    /// A later [start](Challenge::with_device) with the token runs in the device's own lane, which
    /// strangers cannot reach. [`known_device`](Self::known_device) tells whether a token is valid.
    /// A device that already has an id keeps it in the new token, and the token's age starts again.
    ///
    /// Each new device gets a lane with limits of its own. Issue tokens to people who ask to be
    /// remembered, not on every login.
    ///
    /// # Errors
    ///
    /// [`Fault::Entropy`] if the generator fails.
    ///
    /// # Example
    ///
    /// ```
    /// use countersign::{Challenge, Channel, Keys, MemoryStore, PhoneNumber, Verifier};
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let issued = verifier.start(number, Channel::Sms)?;
    /// let verified = verifier.check(number, issued.handle(), issued.code().as_str())?;
    ///
    /// let token = verifier.device_token(&verified)?;      // the client keeps it
    /// assert!(verifier.known_device(number, &token).is_some());
    /// let next = verifier.start(Challenge::new(number).with_device(token), Channel::Sms)?;
    /// assert!(verifier.check(number, next.handle(), next.code().as_str()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn device_token(&self, verified: &Verified) -> Result<DeviceToken, Error> {
        let (tenant, lane) = verified.place();
        let keys = &self.service().keys;
        let place = keys.locate(&tenant, verified.recipient(), Lane::COMMON);
        let token = self.how.with(|_, rng| keys.device_token(&place, lane.device(), verified.at(), rng));
        Ok(token.map_err(Fault::from)?)
    }

    /// Returns the device that a token belongs to, if the token is valid: issued by this service
    /// for this recipient, under a key that is still accepted, and younger than
    /// [`Limits::with_device_token_age`](crate::Limits::with_device_token_age).
    ///
    /// A valid token is not a login: anyone who holds it can present it.
    #[must_use]
    pub fn known_device(&self, recipient: impl Into<Recipient>, token: &DeviceToken) -> Option<KnownDevice> {
        let recipient = recipient.into();
        self.how.with(|now, _| known_device(self.service(), &recipient, token, now))
    }
}

fn known_device(
    service: &Service,
    recipient: &Recipient,
    token: &DeviceToken,
    now: Timestamp,
) -> Option<KnownDevice> {
    let place = service.locate(recipient, Lane::COMMON);
    service.keys.known_device(&place, token, now, service.limits.device_token_age())
}

/// The calls. Their return type depends on the [execution mode](crate::execute): a `Result` if they
/// block, a future of it if they are awaited, an [`Operation`](crate::kernel::Operation) if they
/// are carried out step by step.
impl<S, X: Execute<S>, C: Borrow<Service>> Verifier<S, X, C> {
    /// Issues a passcode if the policy and the limits allow it. It replaces the running challenge
    /// of the recipient's lane, if there is one.
    ///
    /// # Errors
    ///
    /// - [`Error::Denied`] if the policy does not allow the recipient on this channel.
    /// - [`Error::Refused`] if a limit is reached. A running challenge remains valid.
    /// - [`Error::Guarded`] if the verifier's [guard](Verifier::with_guard) refuses the send. A
    ///   running challenge remains valid.
    /// - [`Error::Fault`], [`Error::Store`] or [`Error::Contended`] if the service could not
    ///   decide.
    pub fn start<'p>(&self, challenge: impl Into<Challenge<'p>>, channel: Channel) -> X::Outcome<'_, Issued> {
        self.run(|begin| begin.start(challenge.into(), channel))
    }

    /// Issues a new code for a running challenge, with the same handle and terms. It supersedes the
    /// previous code.
    ///
    /// The new code has its full number of attempts; no other budget is refilled.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start). Also [`Error::Refused`] if the handle is unknown, the
    /// challenge was used or its deadline has passed.
    ///
    /// # Example
    ///
    /// ```
    /// use core::time::Duration;
    /// use countersign::rng::SystemRng;
    /// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let (now, mut rng) = (Timestamp::from_unix_seconds(1_800_000_000), SystemRng);
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let issued = verifier.at(now, &mut rng).start(number, Channel::Sms)?;
    ///
    /// let later = now + Duration::from_secs(30);      // after the cooldown
    /// let resent = verifier.at(later, &mut rng).resend(number, issued.handle())?;
    /// assert_eq!(resent.handle(), issued.handle());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resend<'p>(&self, challenge: impl Into<Challenge<'p>>, handle: Handle) -> X::Outcome<'_, Issued> {
        self.run(|begin| begin.resend(challenge.into(), handle))
    }

    /// Checks a code, in constant time. A correct code is accepted once.
    ///
    /// # Errors
    ///
    /// - [`Error::Refused`] if the code is not the current one of this challenge and handle, or the
    ///   recipient is locked.
    /// - [`Error::Fault`], [`Error::Store`] or [`Error::Contended`] if the service could not
    ///   decide.
    pub fn check<'p>(
        &self,
        challenge: impl Into<Challenge<'p>>,
        handle: Handle,
        entry: &str,
    ) -> X::Outcome<'_, Verified> {
        self.run(|begin| begin.check(challenge.into(), Some(handle), entry))
    }

    /// Checks a code for a client that has no handle.
    ///
    /// Anyone who knows the recipient can then use up the attempts of its running code and lock it.
    /// Use [`check`](Self::check) wherever the client can hold a handle.
    ///
    /// # Errors
    ///
    /// As for [`check`](Self::check).
    pub fn check_without_handle<'p>(
        &self,
        challenge: impl Into<Challenge<'p>>,
        entry: &str,
    ) -> X::Outcome<'_, Verified> {
        self.run(|begin| begin.check(challenge.into(), None, entry))
    }

    /// Cancels a challenge. Limits, cooldown and failures remain as they are.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the handle is unknown or the recipient is locked; otherwise as for
    /// [`status`](Self::status).
    pub fn cancel<'p>(&self, challenge: impl Into<Challenge<'p>>, handle: Handle) -> X::Outcome<'_, ()> {
        self.run(|begin| Ok(begin.cancel(challenge.into(), handle)))
    }

    /// Reports that the gateway could not send the code. This ends the cooldown, and a
    /// [guard](crate::guard) takes the charge of the last send back, once.
    ///
    /// Report only sends that cost nothing, such as those that the gateway rejected. A delivery
    /// receipt comes from the recipient's carrier: one that shares in the fees could deny every
    /// delivery, and no unanswered send would count.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the handle is unknown or the recipient is locked; otherwise as for
    /// [`status`](Self::status).
    pub fn undelivered<'p>(&self, challenge: impl Into<Challenge<'p>>, handle: Handle) -> X::Outcome<'_, ()> {
        self.run(|begin| Ok(begin.undelivered(challenge.into(), handle)))
    }

    /// Returns a recipient's failures, lock, cooldown, quota and challenge, for operators. Reads
    /// the common lane, or that of the [device](Challenge::on_device) that the challenge names.
    ///
    /// # Errors
    ///
    /// [`Error::Fault`], [`Error::Store`] or [`Error::Contended`] if the service could not answer.
    ///
    /// # Example
    ///
    /// ```
    /// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Verifier};
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let issued = verifier.start(number, Channel::Sms)?;
    ///
    /// let status = verifier.status(number)?;
    /// assert_eq!((status.failures_in_a_row, status.lock), (0, None));
    /// assert!(status.cooldown_until.is_some());
    /// # let _ = issued;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn status<'p>(&self, challenge: impl Into<Challenge<'p>>) -> X::Outcome<'_, Status> {
        self.run(|begin| Ok(begin.status(challenge.into())))
    }

    /// Clears the failures and the lock of a recipient's common lane, for operators.
    ///
    /// It also sets the record's time to this server's clock, which makes a record usable again
    /// that was written by a clock far ahead. The send quota is kept. To unlock a device's lane,
    /// use [`Challenge::on_device`].
    ///
    /// # Errors
    ///
    /// As for [`status`](Self::status).
    pub fn unlock<'p>(&self, challenge: impl Into<Challenge<'p>>) -> X::Outcome<'_, ()> {
        self.run(|begin| Ok(begin.unlock(challenge.into())))
    }

    /// Erases the record of a recipient's common lane, for operators: failures, lock and quotas
    /// included, even if the record cannot be read.
    ///
    /// What a [guard](crate::guard) remembers is kept: its tallies and, for 180 days after the last
    /// verification, that this recipient was verified. Otherwise deleting an account and verifying
    /// its number again would earn trust anew. It is stored under a keyed hash.
    ///
    /// For ten minutes the store keeps a marker that something was forgotten, so that a write still
    /// in flight cannot restore a code.
    ///
    /// The lanes of known devices are kept, and their tokens stay valid; use
    /// [`Challenge::on_device`] to forget one. No call lists the devices of a recipient: to forget
    /// all of them, the host keeps their ids ([`KnownDevice::id`]).
    ///
    /// # Errors
    ///
    /// - [`Error::Fault`] if the clock or the generator cannot be used.
    /// - [`Error::Store`] or [`Error::Contended`] if the store could not write.
    pub fn forget<'p>(&self, challenge: impl Into<Challenge<'p>>) -> X::Outcome<'_, ()> {
        self.run(|begin| Ok(begin.forget(&challenge.into())))
    }

    /// Rules on a send as if it were made now, and names all rules of policy, limits and guard that
    /// speak against it, in this order. Sends and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Fault`] or [`Error::Store`] if the service could not answer.
    #[cfg(feature = "alloc")]
    pub fn explain<'p>(
        &self,
        challenge: impl Into<Challenge<'p>>,
        channel: Channel,
    ) -> X::Outcome<'_, crate::guard::Ruling>
    where
        S: HasGuard,
    {
        self.run(|begin| begin.explain(&challenge.into(), channel))
    }

    /// Tells the guard that a recipient was verified before it was introduced: first 30 days ago,
    /// last now. A recipient that it knows better keeps its earlier first verification.
    ///
    /// Until numbers are imported, everybody is a stranger to the guard.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the tallies could not be changed. Importing again changes nothing but
    /// the time of the last verification.
    ///
    /// # Example
    ///
    /// ```
    /// use countersign::guard::Guard;
    /// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Verifier};
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new())
    ///     .with_guard(Guard::default());
    /// for number in ["+12025550162", "+12025550163"] {
    ///     verifier.import(number.parse::<PhoneNumber>()?)?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "alloc")]
    pub fn import<'p>(&self, recipient: impl Into<Challenge<'p>>) -> X::Outcome<'_, ()>
    where
        S: HasGuard,
    {
        self.run(|begin| begin.import(&recipient.into()))
    }

    /// Clears the unanswered sends of a block, a region or the purse, for operators. Answered sends
    /// are kept.
    ///
    /// # Errors
    ///
    /// - [`Fault::NoTallyOfScope`] if nothing is counted for this scope.
    /// - [`Error::Store`] if the tallies could not be changed.
    #[cfg(feature = "alloc")]
    pub fn forgive(&self, channel: Channel, scope: crate::guard::Scope) -> X::Outcome<'_, ()>
    where
        S: HasGuard,
    {
        self.run(|begin| begin.forgive(channel, scope))
    }

    /// Runs a plan of the host's own over this verifier's store, for records of other
    /// [kinds](crate::kernel::RecordKind).
    ///
    /// # Errors
    ///
    /// Those of the plan and of the store.
    pub fn carry_out<P: Planned>(&self, plan: P) -> X::Outcome<'_, P::Output> {
        self.run(|_| Ok(plan))
    }

    /// Begins a call: reads the time and the randomness once.
    #[inline(always)]
    fn run<P: Planned>(
        &self,
        plan: impl FnOnce(&mut Begin<'_>) -> Result<P, Error>,
    ) -> X::Outcome<'_, P::Output> {
        let service = self.service();
        let ready = self.how.with(|now, rng| {
            let mut begin = Begin::new(service, now, rng, X::is_local(&self.store));
            match plan(&mut begin) {
                Ok(plan) => match begin.operation(X::MAY_REPEAT) {
                    Ok(operation) => Ok(Ready::new(plan, operation)),
                    Err(error) => Err(begin.report(error)),
                },
                Err(error) => Err(begin.report(error)),
            }
        });
        X::execute(service, &self.store, ready)
    }
}

impl<S, X, C: Borrow<Service>> AsRef<Service> for Verifier<S, X, C> {
    fn as_ref(&self) -> &Service {
        self.service()
    }
}

impl<S: Clone> Clone for Verifier<S> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), store: self.store.clone(), how: System }
    }
}

impl<S, X, C: Borrow<Service>> fmt::Debug for Verifier<S, X, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Service { keys, policy, limits, epoch, .. } = self.service();
        f.debug_struct("Verifier")
            .field("keys", keys)
            .field("policy", policy)
            .field("limits", limits)
            .field("epoch", epoch)
            .finish_non_exhaustive()
    }
}
