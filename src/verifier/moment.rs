//! The calls of a verifier at a time and with a generator of the caller's.

use rand_core::TryCryptoRng;

use super::calls::Calls;
use super::{AsyncMoment, Challenge, Issued, Verified, Verifier};
use crate::error::Error;
use crate::otp::{Attempt, Lane};
use crate::{
    Channel, DeviceId, DeviceToken, Handle, KnownDevice, Purpose, Recipient, Status, Store, Timestamp,
};

/// A [`Verifier`] at a time and with a generator of the caller's. See [`Verifier::at`]; the calls are described there.
pub struct Moment<'a, S, R> {
    calls: Calls<'a, S>,
    rng: &'a mut R,
}

impl<S, R> core::fmt::Debug for Moment<'_, S, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Moment").field("now", &self.calls.now).finish_non_exhaustive()
    }
}

impl<'a, S, R: TryCryptoRng> Moment<'a, S, R> {
    pub(super) const fn new(verifier: &'a Verifier<S>, now: Timestamp, rng: &'a mut R) -> Self {
        Self { calls: Calls { verifier, now, lane: Lane::COMMON }, rng }
    }

    /// The same calls over an [`AsyncStore`](crate::AsyncStore). See [`Verifier::asynchronously`].
    pub fn asynchronously(self) -> AsyncMoment<'a, S, &'a mut R> {
        AsyncMoment::new(self.calls, self.rng)
    }

    /// The same for the lane of one device: `status`, `unlock`, `forget` and `check_without_handle` are then about what
    /// that device did. What has a handle or a token goes where these say.
    ///
    /// ```
    /// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, SystemRng, Timestamp, Verifier};
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let issued = verifier.start(number, Channel::Sms)?;
    /// let verified = verifier.check(number, issued.handle(), issued.code().as_str())?;
    /// let token = verifier.device_token(&verified)?;
    ///
    /// let device = verifier.known_device(number, &token).ok_or("a stranger")?;
    /// let status = verifier.at(Timestamp::now(), &mut SystemRng).on_device(device.id).status(number)?;
    /// assert_eq!(status.failures_in_a_row, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_device(self, device: DeviceId) -> Self {
        Self { calls: Calls { lane: Lane::of(device), ..self.calls }, ..self }
    }

    /// See [`Verifier::device_token`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn device_token(&mut self, verified: &Verified) -> Result<DeviceToken, Error> {
        self.calls.device_token(verified, self.rng)
    }

    /// See [`Verifier::known_device`].
    #[must_use]
    pub fn known_device(&self, recipient: impl Into<Recipient>, token: &DeviceToken) -> Option<KnownDevice> {
        self.calls.known_device(&recipient.into(), token)
    }
}

impl<S: Store, R: TryCryptoRng> Moment<'_, S, R> {
    /// See [`Verifier::start`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn start(&mut self, recipient: impl Into<Recipient>, channel: Channel) -> Result<Issued, Error> {
        self.start_challenge(&Challenge::new(recipient, channel))
    }

    /// See [`Verifier::start_challenge`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn start_challenge(&mut self, challenge: &Challenge) -> Result<Issued, Error> {
        self.calls.start(challenge, self.rng)?.run(&self.calls.verifier.store)
    }

    /// See [`Verifier::resend`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn resend(&mut self, recipient: impl Into<Recipient>, handle: Handle) -> Result<Issued, Error> {
        self.calls.resend(recipient.into(), handle, self.rng)?.run(&self.calls.verifier.store)
    }

    /// See [`Verifier::check`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn check(
        &mut self,
        recipient: impl Into<Recipient>,
        handle: Handle,
        entry: &str,
    ) -> Result<Verified, Error> {
        self.check_for(Purpose::LOGIN, recipient, handle, entry)
    }

    /// See [`Verifier::check_for`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn check_for(
        &mut self,
        purpose: Purpose,
        recipient: impl Into<Recipient>,
        handle: Handle,
        entry: &str,
    ) -> Result<Verified, Error> {
        self.attempt(recipient.into(), Attempt { handle: Some(&handle), purpose, entry })
    }

    /// See [`Verifier::check_without_handle`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn check_without_handle(
        &mut self,
        purpose: Purpose,
        recipient: impl Into<Recipient>,
        entry: &str,
    ) -> Result<Verified, Error> {
        self.attempt(recipient.into(), Attempt { handle: None, purpose, entry })
    }

    /// See [`Verifier::cancel`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn cancel(&mut self, recipient: impl Into<Recipient>, handle: Handle) -> Result<(), Error> {
        self.calls.cancel(recipient.into(), handle, self.rng)?.run(&self.calls.verifier.store)
    }

    /// See [`Verifier::undelivered`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn undelivered(&mut self, recipient: impl Into<Recipient>, handle: Handle) -> Result<(), Error> {
        self.calls.undelivered(recipient.into(), handle, self.rng)?.run(&self.calls.verifier.store)
    }

    /// See [`Verifier::status`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn status(&mut self, recipient: impl Into<Recipient>) -> Result<Status, Error> {
        self.calls.status(recipient.into(), self.rng)?.run(&self.calls.verifier.store)
    }

    /// See [`Verifier::unlock`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn unlock(&mut self, recipient: impl Into<Recipient>) -> Result<(), Error> {
        self.calls.unlock(recipient.into(), self.rng)?.run(&self.calls.verifier.store)
    }

    /// See [`Verifier::forget`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn forget(&mut self, recipient: impl Into<Recipient>) -> Result<(), Error> {
        self.calls.forget(recipient.into(), self.rng)?.run(&self.calls.verifier.store)
    }

    fn attempt(&mut self, recipient: Recipient, attempt: Attempt<'_>) -> Result<Verified, Error> {
        self.calls.check(recipient, attempt, self.rng)?.run(&self.calls.verifier.store)
    }
}
