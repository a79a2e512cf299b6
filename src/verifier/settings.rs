//! Creating a verifier, and its settings.

#[cfg(feature = "alloc")]
use alloc::sync::Arc;

use super::Verifier;
use crate::execute::{Async, InSteps, System};
#[cfg(feature = "alloc")]
use crate::guard::{Guard, TallySecret};
use crate::instance::Instance;
#[cfg(feature = "alloc")]
use crate::service::Guarding;
use crate::service::Service;
#[cfg(feature = "alloc")]
use crate::store::Guarded;
use crate::{Keys, Limits, Policy};

impl<S> Verifier<S> {
    /// Creates a verifier with the default policy (US and CA) and the default limits.
    pub fn new(keys: Keys, store: S) -> Self {
        Self { service: Service::new(keys), store, how: System }
    }

    /// Sets which countries and kinds of numbers may be sent a passcode.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.service.policy = policy;
        self
    }

    /// Sets how often a passcode may be sent and guessed.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.service.limits = limits;
        self
    }

    /// Guards the verifier's sends against SMS pumping: see [`guard`](crate::guard).
    ///
    /// The store must keep [`Tallies`](crate::store::Tallies), or
    /// [`AsyncTallies`](crate::store::AsyncTallies) for calls that are awaited.
    ///
    /// ```
    /// use core::net::IpAddr;
    /// use countersign::guard::{Guard, HostKey, Prices};
    /// use countersign::{Challenge, Channel, Error, Keys, MemoryStore, PhoneNumber, Verifier};
    ///
    /// let prices = Prices::from_csv("region,channel,price\nUS,sms,0.0079\n")?;
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new())
    ///     .with_guard(Guard::default().with_prices(prices));
    ///
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let address: IpAddr = "192.0.2.7".parse()?;
    /// let challenge = Challenge::new(number).with_key(HostKey::ip(address)).with_known(false);
    /// match verifier.start(&challenge, Channel::Sms) {
    ///     Ok(issued) => println!("send {}", issued.code().as_str()),
    ///     Err(Error::Guarded(ruling)) if ruling.may_vouch() => println!("show a CAPTCHA"),
    ///     Err(error) => println!("{error}; retry at {:?}", error.retry_at()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn with_guard(mut self, guard: Guard) -> Verifier<Guarded<S>> {
        let secret = TallySecret::new(self.service.keys.tally_secret());
        self.service.guard = Some(Arc::new(Guarding { guard, secret }));
        Verifier { service: self.service, store: Guarded(self.store), how: System }
    }

    /// Sets the tenant whose recipients this verifier serves. The default is the tenant named `""`.
    ///
    /// Tenants share no challenges, failures or locks. A proof names its tenant: see
    /// [`Verified::tenant`](super::Verified::tenant).
    #[must_use]
    pub fn with_tenant(mut self, name: &str) -> Self {
        self.service.tenant = self.service.keys.tenant_id(name);
        self
    }

    /// Sets the epoch, which is 0 by default. Challenges of earlier epochs are no longer valid;
    /// failures and locks remain.
    ///
    /// Raise the epoch after restoring a store from a backup, which may have revived codes.
    #[must_use]
    pub fn with_epoch(mut self, epoch: u32) -> Self {
        self.service.epoch = epoch;
        self
    }

    /// Sets how many steps before and after the current one an authenticator's code may be of. The
    /// default is 1.
    #[cfg(feature = "totp")]
    #[must_use]
    pub fn with_totp_window(mut self, window: crate::totp::Window) -> Self {
        self.service.window = window;
        self
    }

    /// Accepts the test number +10000000000, by SMS and WhatsApp, with the code 000000.
    ///
    /// The test number bypasses policy, limits and the store. Any other code for it is wrong, and
    /// 000000 is not accepted for any other number.
    ///
    /// Use this in test environments only: in production it lets anyone log in as that number.
    /// Check [`Verified::is_from_tests`](super::Verified::is_from_tests) before trusting a proof,
    /// and [`Issued::is_for_tests`](super::Issued::is_for_tests) before sending.
    ///
    /// ```
    /// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Verifier};
    ///
    /// let keys = Keys::from_secret([7; 32])?;
    /// let verifier = Verifier::new(keys, MemoryStore::new()).with_sandbox_for_tests();
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

    /// Makes operation ids depend only on the generator and on `value`, for tests, models and
    /// callers that supply their own randomness.
    ///
    /// Each call writes its operation id into the record, so that it recognises its own write when
    /// a reply is lost. By default the id mixes the generator's draw with a counter, the process id
    /// and a value drawn from the system when the verifier was created. Generators in the same
    /// state, for example after a fork, therefore still produce different ids. With this method,
    /// verifiers that share a store need different values, or generators that never repeat each
    /// other's output.
    #[must_use]
    pub fn with_instance(mut self, value: u64) -> Self {
        self.service.instance = Instance::Given(value);
        self
    }

    /// Sets a hook that is called with the outcome of each call, for metrics and logs: see
    /// [`Event`](crate::events::Event). Without a hook, events cost nothing.
    ///
    /// The hook runs on the calling thread at the end of the call. It must not block or panic.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn with_events(mut self, hook: impl Fn(&crate::events::Event) + Send + Sync + 'static) -> Self {
        self.service.events = Some(Arc::new(hook));
        self
    }

    /// Sets a hook that is called with the outcome of each call. With the feature `alloc` it may be
    /// a closure.
    #[cfg(not(feature = "alloc"))]
    #[must_use]
    pub fn with_events(mut self, hook: fn(&crate::events::Event)) -> Self {
        self.service.events = Some(hook);
        self
    }

    /// Returns the same calls over an [`AsyncStore`](crate::store::AsyncStore), as futures.
    ///
    /// The futures work on any runtime: they await only the store, and are `Send` if the store can
    /// be shared between threads. Each call is a boxed future, which is one allocation. To pass the
    /// time and a generator, use `verifier.at(now, &mut rng).asynchronously()`.
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
    /// // A service has a runtime; an in-memory store is ready at the first poll.
    /// let mut login = pin!(login("+12025550162".parse()?));
    /// let mut context = Context::from_waker(Waker::noop());
    /// let Poll::Ready(outcome) = login.as_mut().poll(&mut context) else {
    ///     return Err("an in-memory store is never pending".into());
    /// };
    /// outcome?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Dropping a call
    ///
    /// Dropping a future before it completes (a timeout, a client that disconnected, a `select!`)
    /// leaves the record either as it was before the call or as it is after it. The caller cannot
    /// tell which:
    ///
    /// - A dropped check may have used the code or counted a failure. The next check may answer
    ///   `AlreadyUsed` to a person who entered the right code.
    /// - A dropped start or resend may have replaced a code that was already delivered by one that
    ///   nobody received. It counts as a send, so the person waits for the cooldown.
    ///
    /// Dropping a future reveals no verdict and grants no extra attempt. Even so, let each call run
    /// to its end (spawn it and await its handle), and let the store bound the wait.
    pub fn asynchronously(&self) -> Verifier<&S, Async<System>, &Service> {
        Verifier { service: &self.service, store: &self.store, how: Async(System) }
    }

    /// Returns the same calls as [operations](crate::kernel::Operation) that the caller carries out
    /// step by step, for a binding to another language or a custom event loop. The verifier's store
    /// is not used.
    pub const fn in_steps(&self) -> Verifier<&S, InSteps<System>, &Service> {
        Verifier { service: &self.service, store: &self.store, how: InSteps(System) }
    }
}
