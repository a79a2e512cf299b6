//! The front: policy, limits, machine and store behind a few calls.

mod async_moment;
mod calls;
mod flow;
mod forgetting;
mod front;
mod instance;
mod issued;
mod moment;
mod request;
mod sandbox;
mod verified;

use core::fmt;

use rand_core::TryCryptoRng;

pub use async_moment::AsyncMoment;
pub use issued::Issued;
pub use moment::Moment;
pub use request::Challenge;
pub use sandbox::SandboxForTests;
pub use verified::Verified;

#[cfg(feature = "std")]
use crate::{
    Channel, DeviceToken, Error, Handle, KnownDevice, Purpose, Recipient, Status, Store, system::SystemRng,
};
use crate::{Keys, Limits, Policy, Timestamp};
use instance::Instance;

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
/// let verifier = Verifier::new(Keys::from_secret(secret)?, MemoryStore::new()).policy(policy);
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
pub struct Verifier<S> {
    keys: Keys,
    store: S,
    policy: Policy,
    limits: Limits,
    tenant: [u8; 16],
    epoch: u32,
    instance: Instance,
    sandbox: bool,
}

impl<S> Verifier<S> {
    /// With the default policy (US and CA) and the default limits.
    pub fn new(keys: Keys, store: S) -> Self {
        let tenant = keys.tenant_id("");
        Self {
            keys,
            store,
            policy: Policy::DEFAULT,
            limits: Limits::DEFAULT,
            tenant,
            epoch: 0,
            instance: Instance::new(),
            sandbox: false,
        }
    }

    /// Which countries may be sent a passcode.
    #[must_use]
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// How often a passcode may be sent and guessed.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Whose recipients these are. Tenants share nothing: neither challenges nor failures nor locks.
    #[must_use]
    pub fn tenant(self, name: &str) -> Self {
        Self { tenant: self.keys.tenant_id(name), ..self }
    }

    /// The epoch, 0 at first. Challenges of earlier epochs are dead; failures and locks stay. A host raises it after
    /// it restored a store from a backup, which may have revived codes.
    #[must_use]
    pub fn epoch(self, epoch: u32) -> Self {
        Self { epoch, ..self }
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
    pub fn with_instance(self, value: u64) -> Self {
        Self { instance: Instance::Given(value), ..self }
    }

    /// The same calls at a time and with a generator of the caller's.
    ///
    /// ```
    /// use core::time::Duration;
    /// use countersign::{Channel, Error, Keys, MemoryStore, PhoneNumber, Refusal, SystemRng, Timestamp, Verifier};
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
        Moment::new(self, now, rng)
    }
}

/// What needs no store, at the system's time and with its generator; and the way to the calls that are awaited.
#[cfg(feature = "std")]
impl<S> Verifier<S> {
    /// The same calls over an [`AsyncStore`](crate::AsyncStore), each to be awaited. No runtime is chosen: the future
    /// waits for nothing but the store, and is `Send` where the store can be shared.
    ///
    /// Each call begins with `asynchronously()`, for that is when the clock is read. With a time and a generator of the
    /// host's it is `verifier.at(now, &mut rng).asynchronously()`.
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
    /// before or as it is after the call, never in between. Which of the two, nobody is told:
    ///
    /// - a dropped check may have used the code up, or counted a failure: the next one answers `AlreadyUsed` to a person
    ///   who was right;
    /// - a dropped start or resend may have issued a code that nobody knows, in place of one that was known, and counts as
    ///   a send: the person waits for the cooldown.
    ///
    /// Nothing is given away by it, neither a verdict nor a try. But it is unkind, so hosts let a call run to its end
    /// (spawn it and await its handle) and leave it to the store to bound the wait.
    pub fn asynchronously(&self) -> AsyncMoment<'_, S, SystemRng> {
        let calls = calls::Calls { verifier: self, now: Timestamp::now(), lane: crate::otp::Lane::COMMON };
        AsyncMoment::new(calls, SystemRng)
    }

    /// A token for the device that has just proved the recipient: shown to a later [start](Challenge::device), it opens the
    /// device's own lane, which strangers can't reach; and whether it [is good](Self::known_device) can be asked at any time.
    ///
    /// A device that showed one gets one with the same id, and a new age. Every token of a new device is a lane with limits of
    /// its own: hosts give them to those who ask to be remembered, not with every login.
    ///
    /// # Errors
    ///
    /// If the generator is out of order.
    pub fn device_token(&self, verified: &Verified) -> Result<DeviceToken, Error> {
        self.at(Timestamp::now(), &mut SystemRng).device_token(verified)
    }

    /// Which device a token belongs to, if it is good: issued by this service for this recipient, not too old
    /// ([`Limits::device_token_age`]), under a key that is still accepted. For hosts that remember devices.
    ///
    /// That is no login: whoever has the token can show it.
    #[must_use]
    pub fn known_device(&self, recipient: impl Into<Recipient>, token: &DeviceToken) -> Option<KnownDevice> {
        self.at(Timestamp::now(), &mut SystemRng).known_device(recipient, token)
    }
}

/// The calls at the system's time and with its generator.
#[cfg(feature = "std")]
impl<S: Store> Verifier<S> {
    /// Decides whether the recipient may be sent a passcode, and issues it: six digits that live two minutes, to log
    /// in. It replaces a challenge that runs.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] by the policy; [`Error::Refused`] by a limit, which leaves a challenge that runs as it is; or the service is out of order.
    pub fn start(&self, recipient: impl Into<Recipient>, channel: Channel) -> Result<Issued, Error> {
        self.start_challenge(&Challenge::new(recipient, channel))
    }

    /// As [`start`](Self::start), on terms of the caller's: purpose, lifetime, format, deadline.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and [`Refusal::DeadlinePassed`](crate::Refusal::DeadlinePassed).
    pub fn start_challenge(&self, challenge: &Challenge) -> Result<Issued, Error> {
        self.at(Timestamp::now(), &mut SystemRng).start_challenge(challenge)
    }

    /// Issues a newer code for a running challenge, on its terms and under its handle. The code before it is dead from
    /// then on. No budget is refilled but the tries of the code.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); and an unknown handle, a used challenge, a deadline that has passed.
    pub fn resend(&self, recipient: impl Into<Recipient>, handle: Handle) -> Result<Issued, Error> {
        self.at(Timestamp::now(), &mut SystemRng).resend(recipient, handle)
    }

    /// Checks a code that was issued to log in. In constant time; a code counts once.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the code is not the live one of this recipient and handle, or the recipient is locked; or the service is out of order.
    pub fn check(
        &self,
        recipient: impl Into<Recipient>,
        handle: Handle,
        entry: &str,
    ) -> Result<Verified, Error> {
        self.check_for(Purpose::LOGIN, recipient, handle, entry)
    }

    /// As [`check`](Self::check), for a code that was issued for another purpose.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn check_for(
        &self,
        purpose: Purpose,
        recipient: impl Into<Recipient>,
        handle: Handle,
        entry: &str,
    ) -> Result<Verified, Error> {
        self.at(Timestamp::now(), &mut SystemRng).check_for(purpose, recipient, handle, entry)
    }

    /// As [`check_for`](Self::check_for), for clients that have no handle. Then anybody who knows the recipient can use up the tries of
    /// its running code and lock it: hosts whose clients can hold a handle use the other.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn check_without_handle(
        &self,
        purpose: Purpose,
        recipient: impl Into<Recipient>,
        entry: &str,
    ) -> Result<Verified, Error> {
        self.at(Timestamp::now(), &mut SystemRng).check_without_handle(purpose, recipient, entry)
    }

    /// Ends a challenge. All limits go on.
    ///
    /// # Errors
    ///
    /// An unknown handle, or the service is out of order.
    pub fn cancel(&self, recipient: impl Into<Recipient>, handle: Handle) -> Result<(), Error> {
        self.at(Timestamp::now(), &mut SystemRng).cancel(recipient, handle)
    }

    /// The gateway could not send the code: the cooldown ends, and nothing else changes.
    ///
    /// # Errors
    ///
    /// An unknown handle, or the service is out of order.
    pub fn undelivered(&self, recipient: impl Into<Recipient>, handle: Handle) -> Result<(), Error> {
        self.at(Timestamp::now(), &mut SystemRng).undelivered(recipient, handle)
    }

    /// For operators: failures, lock, cooldown, quota, challenge.
    ///
    /// # Errors
    ///
    /// If the service is out of order.
    pub fn status(&self, recipient: impl Into<Recipient>) -> Result<Status, Error> {
        self.at(Timestamp::now(), &mut SystemRng).status(recipient)
    }

    /// For operators: clears failures and lock, and sets the record's time to this server's clock, so that
    /// what a clock far ahead has written can be used again. The send quota stays.
    ///
    /// It reaches the lane that strangers and new devices share; a device's own is reached by
    /// [`at`](Self::at) and [`on_device`](Moment::on_device).
    ///
    /// # Errors
    ///
    /// If the service is out of order.
    pub fn unlock(&self, recipient: impl Into<Recipient>) -> Result<(), Error> {
        self.at(Timestamp::now(), &mut SystemRng).unlock(recipient)
    }

    /// For operators: drops all that is remembered of a recipient, failures, lock and quotas included, and even a
    /// record that can't be read. For ten minutes the store keeps a note that something was forgotten, and
    /// nothing else, so that a write that was on its way cannot bring a code back.
    ///
    /// It reaches the lane that strangers and new devices share; a device's own is reached by
    /// [`at`](Self::at) and [`on_device`](Moment::on_device).
    ///
    /// # Errors
    ///
    /// If the store or the clock is out of order.
    pub fn forget(&self, recipient: impl Into<Recipient>) -> Result<(), Error> {
        self.at(Timestamp::now(), &mut SystemRng).forget(recipient)
    }
}

/// The clone of a sandbox's verifier has no test number: that exists behind [`SandboxForTests`] alone.
impl<S: Clone> Clone for Verifier<S> {
    fn clone(&self) -> Self {
        Self { keys: self.keys.clone(), store: self.store.clone(), sandbox: false, ..*self }
    }
}

impl<S> fmt::Debug for Verifier<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("keys", &self.keys)
            .field("policy", &self.policy)
            .field("limits", &self.limits)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}
