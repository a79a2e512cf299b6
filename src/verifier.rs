//! The front: policy, limits, machine and store behind a few calls.

mod begin;
mod calls;
mod challenge;
mod forget;
mod issued;
mod on_record;
mod sandbox;
mod verified;

use core::borrow::Borrow;
use core::fmt;

use rand_core::TryCryptoRng;

pub use challenge::Challenge;
pub use issued::Issued;
pub use verified::Verified;

use crate::error::{Error, Fault};
use crate::execute::{Async, At, Execute, InSteps, Planned, Source, System};
use crate::instance::Instance;
use crate::kernel::Ready;
use crate::keys::{Lane, TenantId};
use crate::otp::{KnownDevice, Status};
use crate::service::Service;
use crate::{Channel, DeviceToken, Handle, Keys, Limits, Policy, Recipient, Timestamp};
use begin::Begin;

/// Decides, issues and verifies: the type that most hosts hold, one for the life of the process.
///
/// Its calls take the time and the randomness from the system. Where these are the host's own, as in its tests,
/// [`at`](Self::at) takes them as arguments.
///
/// ```
/// use countersign::{Channel, Error, Keys, MemoryStore, PhoneNumber, Policy, Refusal, Region, Verifier};
///
/// let secret = [7; 32];       // 32 random bytes from your secret store, the same on every server
/// let policy = Policy::default().allow(Channel::Sms, [Region::FR])?;
/// let verifier = Verifier::new(Keys::from_secret(secret)?, MemoryStore::new()).with_policy(policy);
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
/// `X` is the [way its calls are run](crate::execute): blocking at the system's time unless said
/// otherwise. `C` is where it has its settings: its own, or those that it borrows.
pub struct Verifier<S, X = System, C = Service> {
    service: C,
    store: S,
    how: X,
}

/// A [`Verifier`] at a time and with a generator of the caller's. See [`Verifier::at`].
pub type Moment<'a, S, R> = Verifier<&'a S, At<'a, R>, &'a Service>;

impl<S> Verifier<S> {
    /// With the default policy (US and CA) and the default limits.
    pub fn new(keys: Keys, store: S) -> Self {
        Self { service: Service::new(keys), store, how: System }
    }

    /// Which countries may be sent a passcode.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.service.policy = policy;
        self
    }

    /// How often a passcode may be sent and guessed.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.service.limits = limits;
        self
    }

    /// Whose recipients these are. Tenants share nothing: neither challenges nor failures nor locks. A
    /// proof tells its tenant too: [`Verified::tenant`].
    #[must_use]
    pub fn with_tenant(mut self, name: &str) -> Self {
        self.service.tenant = self.service.keys.tenant_id(name);
        self
    }

    /// The epoch, 0 at first. Challenges of earlier epochs are dead; failures and locks stay. A host raises it after
    /// it restored a store from a backup, which may have revived codes.
    #[must_use]
    pub fn with_epoch(mut self, epoch: u32) -> Self {
        self.service.epoch = epoch;
        self
    }

    /// Accepts the test number +10000000000 (by SMS and WhatsApp): it is sent nothing and passes with the
    /// code 000000, without policy, limits or store. Any other code for it is wrong, and 000000 opens
    /// nothing else.
    ///
    /// For test environments only: in production anyone could log in as that number. Hosts ask
    /// [`Verified::is_from_tests`] before they trust a proof, and [`Issued::is_for_tests`] before they send.
    ///
    /// ```
    /// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Verifier};
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new()).with_sandbox_for_tests();
    /// let number: PhoneNumber = "+10000000000".parse()?;
    /// let issued = verifier.start(number, Channel::Sms)?;
    /// let verified = verifier.check(number, issued.handle(), "000000")?;
    /// assert!(issued.is_for_tests() && verified.is_from_tests());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "sandbox")]
    #[must_use]
    pub fn with_sandbox_for_tests(mut self) -> Self {
        self.service.sandbox = true;
        self
    }

    /// Makes operation ids depend on the generator and this value alone, as tests, models and callers
    /// with randomness of their own need it.
    ///
    /// Every call writes its operation's id into the record, to recognise its own write when a reply is
    /// lost. By default the id mixes the generator's draw with a counter, the process id and a value
    /// drawn from the system as the verifier was made, so that generators in one state (after a fork,
    /// say) still give different ids. With this, two verifiers on one store need different values, or
    /// generators that never repeat each other.
    #[must_use]
    pub fn with_instance(mut self, value: u64) -> Self {
        self.service.instance = Instance::Given(value);
        self
    }

    /// Tells the host what becomes of each call, for its metrics and logs: see
    /// [`Event`](crate::events::Event). Costs nothing while it is not set.
    ///
    /// It is called in the thread of the call, as that ends, so it must not block and must not panic.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn with_events(mut self, hook: impl Fn(&crate::events::Event) + Send + Sync + 'static) -> Self {
        self.service.events = Some(alloc::sync::Arc::new(hook));
        self
    }

    /// Tells the host what becomes of each call. With the feature `alloc` the hook may be a closure.
    #[cfg(not(feature = "alloc"))]
    #[must_use]
    pub fn with_events(mut self, hook: fn(&crate::events::Event)) -> Self {
        self.service.events = Some(hook);
        self
    }

    /// The same calls over an [`AsyncStore`](crate::store::AsyncStore), each to be awaited. No runtime is chosen: the future
    /// waits for nothing but the store, and is `Send` where the store can be shared.
    ///
    /// A call is a boxed future, one allocation. With a time and a generator of the host's it begins with
    /// `verifier.at(now, &mut rng).asynchronously()`.
    ///
    /// ```
    /// use core::pin::pin;
    /// use core::task::{Context, Poll, Waker};
    /// use countersign::{Channel, Error, Keys, MemoryStore, PhoneNumber, Refusal, Verifier};
    ///
    /// async fn login(number: PhoneNumber) -> Result<(), Box<dyn std::error::Error>> {
    ///     let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    ///     let issued = verifier.asynchronously().start(number, Channel::Sms).await?;
    ///
    ///     let (handle, code) = (issued.handle(), issued.code().as_str());
    ///     let verified = verifier.asynchronously().check(number, handle, code).await?;
    ///     assert_eq!(verified.recipient(), &number.into());
    ///
    ///     let again = verifier.asynchronously().check(number, handle, code).await;
    ///     assert!(matches!(again, Err(Error::Refused(Refusal::AlreadyUsed))));
    ///     Ok(())
    /// }
    ///
    /// // A service has a runtime; a store in memory does without.
    /// let mut login = pin!(login("+12025550162".parse()?));
    /// let Poll::Ready(outcome) = login.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
    ///     return Err("a store in memory keeps nobody waiting".into());
    /// };
    /// outcome?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Dropping a call
    ///
    /// A future that is dropped on its way (a timeout, a client that hung up, a `select!`) leaves the record as it was
    /// before or as it is after the call, never in between. The caller cannot tell which:
    ///
    /// - a dropped check may have used the code up, or counted a failure: the next one answers `AlreadyUsed` to a person
    ///   who was right;
    /// - a dropped start or resend may have issued a code that nobody knows, in place of one that was known, and counts as
    ///   a send: the person waits for the cooldown.
    ///
    /// Nothing is given away by it, neither a verdict nor a try. But it is unkind, so hosts let a call run to its end
    /// (spawn it and await its handle) and leave it to the store to bound the wait.
    pub fn asynchronously(&self) -> Verifier<&S, Async<System>, &Service> {
        Verifier { service: &self.service, store: &self.store, how: Async(System) }
    }

    /// The same calls as [operations](crate::kernel::Operation) that are carried out by hand: for a binding
    /// to another language, or a host with an event loop of its own. The store is not used.
    pub const fn in_steps(&self) -> Verifier<&S, InSteps<System>, &Service> {
        Verifier { service: &self.service, store: &self.store, how: InSteps(System) }
    }
}

impl<'a, S, R, C> Verifier<S, At<'a, R>, C> {
    /// See [`Verifier::asynchronously`](Verifier::<S>::asynchronously).
    pub fn asynchronously(self) -> Verifier<S, Async<At<'a, R>>, C> {
        Verifier { service: self.service, store: self.store, how: Async(self.how) }
    }

    /// See [`Verifier::in_steps`](Verifier::<S>::in_steps).
    pub fn in_steps(self) -> Verifier<S, InSteps<At<'a, R>>, C> {
        Verifier { service: self.service, store: self.store, how: InSteps(self.how) }
    }
}

impl<S, X, C: Borrow<Service>> Verifier<S, X, C> {
    /// The same calls at a time and with a generator of the caller's.
    ///
    /// ```
    /// use core::time::Duration;
    /// use countersign::{Channel, Error, Keys, MemoryStore, PhoneNumber, Refusal, Timestamp, Verifier};
    /// use countersign::rng::SystemRng;
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let (now, mut rng) = (Timestamp::from_unix_seconds(1_800_000_000), SystemRng);
    /// let number: PhoneNumber = "+12025550162".parse()?;
    ///
    /// let issued = verifier.at(now, &mut rng).start(number, Channel::Sms)?;
    /// let late = now + Duration::from_secs(120);
    /// let checked = verifier.at(late, &mut rng).check(number, issued.handle(), issued.code().as_str());
    /// assert!(matches!(checked, Err(Error::Refused(Refusal::Expired))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at<'a, R: TryCryptoRng>(&'a self, now: Timestamp, rng: &'a mut R) -> Moment<'a, S, R> {
        Verifier { service: self.service(), store: &self.store, how: At::new(now, rng) }
    }

    /// Keys, policy, limits, tenant and epoch.
    pub(crate) fn service(&self) -> &Service {
        self.service.borrow()
    }

    /// The tenant that this verifier serves, to compare a proof's with.
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        self.service().tenant
    }
}

/// What needs no store.
impl<S, X: Source, C: Borrow<Service>> Verifier<S, X, C> {
    /// A token for the device that has just proved the recipient: shown to a later [start](Challenge::with_device), it opens the
    /// device's own lane, which strangers can't reach; and whether it [is good](Self::known_device) can be asked at any time.
    ///
    /// A device that showed one gets one with the same id, and a new age. Every token of a new device is a lane with limits of
    /// its own: hosts give them to those who ask to be remembered, not with every login.
    ///
    /// # Errors
    ///
    /// If the generator fails.
    pub fn device_token(&self, verified: &Verified) -> Result<DeviceToken, Error> {
        let (tenant, lane) = verified.place();
        let keys = &self.service().keys;
        let place = keys.locate(&tenant, verified.recipient(), Lane::COMMON);
        let token = self.how.with(|_, rng| keys.device_token(&place, lane.device(), verified.at(), rng));
        Ok(token.map_err(Fault::from)?)
    }

    /// Which device a token belongs to, if it is good: issued by this service for this recipient, not too old
    /// ([`Limits::with_device_token_age`]), under a key that is still accepted. For hosts that remember devices.
    ///
    /// That is no login: whoever has the token can show it.
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

/// The calls. What they return depends on the [way they are run](crate::execute): a `Result` if they
/// block, a future of it if they are awaited, an [`Operation`](crate::kernel::Operation) by hand.
impl<S, X: Execute<S>, C: Borrow<Service>> Verifier<S, X, C> {
    /// Decides whether the recipient may be sent a passcode, and issues it. It replaces a challenge that
    /// runs.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] by the policy; [`Error::Refused`] by a limit, which leaves a challenge that runs as it is; or a fault
    /// of the service.
    pub fn start<'p>(&self, challenge: impl Into<Challenge<'p>>, channel: Channel) -> X::Outcome<'_, Issued> {
        self.run(|begin| begin.start(challenge.into(), channel))
    }

    /// Issues a newer code for a running challenge, on its terms and under its handle. The code before it is superseded from
    /// then on. No budget is refilled but the tries of the code.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); and an unknown handle, a used challenge, a deadline that has passed.
    pub fn resend<'p>(&self, challenge: impl Into<Challenge<'p>>, handle: Handle) -> X::Outcome<'_, Issued> {
        self.run(|begin| begin.resend(challenge.into(), handle))
    }

    /// Checks a code. In constant time; a code counts once.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the code is not the live one of this challenge and handle, or the recipient is locked; or a fault
    /// of the service.
    pub fn check<'p>(
        &self,
        challenge: impl Into<Challenge<'p>>,
        handle: Handle,
        entry: &str,
    ) -> X::Outcome<'_, Verified> {
        self.run(|begin| begin.check(challenge.into(), Some(handle), entry))
    }

    /// As [`check`](Self::check), for clients that have no handle. Then anybody who knows the recipient can use up the tries of
    /// its running code and lock it: hosts whose clients can hold a handle use the other.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn check_without_handle<'p>(
        &self,
        challenge: impl Into<Challenge<'p>>,
        entry: &str,
    ) -> X::Outcome<'_, Verified> {
        self.run(|begin| begin.check(challenge.into(), None, entry))
    }

    /// Ends a challenge. All limits go on.
    ///
    /// # Errors
    ///
    /// An unknown handle, a lock, or a fault of the service.
    pub fn cancel<'p>(&self, challenge: impl Into<Challenge<'p>>, handle: Handle) -> X::Outcome<'_, ()> {
        self.run(|begin| Ok(begin.cancel(challenge.into(), handle)))
    }

    /// The gateway could not send the code: the cooldown ends, and nothing else changes.
    ///
    /// # Errors
    ///
    /// An unknown handle, a lock, or a fault of the service.
    pub fn undelivered<'p>(&self, challenge: impl Into<Challenge<'p>>, handle: Handle) -> X::Outcome<'_, ()> {
        self.run(|begin| Ok(begin.undelivered(challenge.into(), handle)))
    }

    /// For operators: failures, lock, cooldown, quota, challenge. Of the common lane, or of the
    /// [device](Challenge::on_device) that the challenge names.
    ///
    /// # Errors
    ///
    /// A fault of the service.
    pub fn status<'p>(&self, challenge: impl Into<Challenge<'p>>) -> X::Outcome<'_, Status> {
        self.run(|begin| Ok(begin.status(challenge.into())))
    }

    /// For operators: clears failures and lock in the common lane, and sets the record's time to this
    /// server's clock, so that what a clock far ahead has written can be used again. The send quota stays.
    ///
    /// A device's lane is reached through [`Challenge::on_device`].
    ///
    /// # Errors
    ///
    /// A fault of the service.
    pub fn unlock<'p>(&self, challenge: impl Into<Challenge<'p>>) -> X::Outcome<'_, ()> {
        self.run(|begin| Ok(begin.unlock(challenge.into())))
    }

    /// For operators: drops all that is remembered of a recipient in the common lane, failures, lock and
    /// quotas included, and even a record that can't be read. For ten minutes the store keeps a note that
    /// something was forgotten, and nothing else, so that a write that was on its way cannot bring a code
    /// back.
    ///
    /// What known devices did stays, each in its own lane, and their tokens stay good:
    /// [`Challenge::on_device`] leads to a device's. No call finds the devices of a recipient: a host that
    /// wants all of it forgotten keeps their ids ([`KnownDevice::id`]).
    ///
    /// # Errors
    ///
    /// If the store or the clock is not in order.
    pub fn forget<'p>(&self, challenge: impl Into<Challenge<'p>>) -> X::Outcome<'_, ()> {
        self.run(|begin| Ok(begin.forget(&challenge.into())))
    }

    /// Carries out a plan of the host's own over this verifier's store, as the calls above are: for records
    /// of other [kinds](crate::kernel::RecordKind).
    ///
    /// # Errors
    ///
    /// The plan's, or the store's.
    pub fn carry_out<P: Planned>(&self, plan: P) -> X::Outcome<'_, P::Output> {
        self.run(|_| Ok(plan))
    }

    /// Every call begins here: with time and randomness, drawn once.
    #[inline(always)]
    fn run<P: Planned>(
        &self,
        plan: impl FnOnce(&mut Begin<'_>) -> Result<P, Error>,
    ) -> X::Outcome<'_, P::Output> {
        let service = self.service();
        let ready = self.how.with(|now, rng| {
            let mut begin = Begin::new(service, now, rng);
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
