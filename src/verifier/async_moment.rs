//! The calls of a verifier over a store that is awaited.

use rand_core::TryCryptoRng;

use super::calls::Calls;
use super::{Challenge, Issued, Verified};
use crate::error::Error;
use crate::otp::Attempt;
use crate::store::AsyncStore;
use crate::{Channel, Handle, Purpose, Recipient, Status};

/// A [`Verifier`](crate::Verifier) whose calls are awaited, at a time and with a generator. It is good for one call. See
/// [`Verifier::asynchronously`](crate::Verifier::asynchronously); the calls are described at `Verifier`.
#[must_use = "it is the beginning of a call"]
pub struct AsyncMoment<'a, S, R> {
    calls: Calls<'a, S>,
    rng: R,
}

impl<S, R> core::fmt::Debug for AsyncMoment<'_, S, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("AsyncMoment").field("now", &self.calls.now).finish_non_exhaustive()
    }
}

impl<'a, S, R> AsyncMoment<'a, S, R> {
    pub(super) const fn new(calls: Calls<'a, S>, rng: R) -> Self {
        Self { calls, rng }
    }
}

impl<S: AsyncStore, R: TryCryptoRng> AsyncMoment<'_, S, R> {
    /// See [`Verifier::start`](crate::Verifier::start).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn start(self, recipient: impl Into<Recipient>, channel: Channel) -> Result<Issued, Error> {
        self.start_challenge(&Challenge::new(recipient, channel)).await
    }

    /// See [`Verifier::start_challenge`](crate::Verifier::start_challenge).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn start_challenge(mut self, challenge: &Challenge) -> Result<Issued, Error> {
        self.calls.start(challenge, &mut self.rng)?.run_async(&self.calls.verifier.store).await
    }

    /// See [`Verifier::resend`](crate::Verifier::resend).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn resend(mut self, recipient: impl Into<Recipient>, handle: Handle) -> Result<Issued, Error> {
        let call = self.calls.resend(recipient.into(), handle, &mut self.rng)?;
        call.run_async(&self.calls.verifier.store).await
    }

    /// See [`Verifier::check`](crate::Verifier::check).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn check(
        self,
        recipient: impl Into<Recipient>,
        handle: Handle,
        entry: &str,
    ) -> Result<Verified, Error> {
        self.check_for(Purpose::LOGIN, recipient, handle, entry).await
    }

    /// See [`Verifier::check_for`](crate::Verifier::check_for).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn check_for(
        self,
        purpose: Purpose,
        recipient: impl Into<Recipient>,
        handle: Handle,
        entry: &str,
    ) -> Result<Verified, Error> {
        self.attempt(recipient.into(), Attempt { handle: Some(&handle), purpose, entry }).await
    }

    /// See [`Verifier::check_without_handle`](crate::Verifier::check_without_handle).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn check_without_handle(
        self,
        purpose: Purpose,
        recipient: impl Into<Recipient>,
        entry: &str,
    ) -> Result<Verified, Error> {
        self.attempt(recipient.into(), Attempt { handle: None, purpose, entry }).await
    }

    /// See [`Verifier::cancel`](crate::Verifier::cancel).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn cancel(mut self, recipient: impl Into<Recipient>, handle: Handle) -> Result<(), Error> {
        let call = self.calls.cancel(recipient.into(), handle, &mut self.rng)?;
        call.run_async(&self.calls.verifier.store).await
    }

    /// See [`Verifier::undelivered`](crate::Verifier::undelivered).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn undelivered(mut self, recipient: impl Into<Recipient>, handle: Handle) -> Result<(), Error> {
        let call = self.calls.undelivered(recipient.into(), handle, &mut self.rng)?;
        call.run_async(&self.calls.verifier.store).await
    }

    /// See [`Verifier::status`](crate::Verifier::status).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn status(mut self, recipient: impl Into<Recipient>) -> Result<Status, Error> {
        let call = self.calls.status(recipient.into(), &mut self.rng)?;
        call.run_async(&self.calls.verifier.store).await
    }

    /// See [`Verifier::unlock`](crate::Verifier::unlock).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn unlock(mut self, recipient: impl Into<Recipient>) -> Result<(), Error> {
        let call = self.calls.unlock(recipient.into(), &mut self.rng)?;
        call.run_async(&self.calls.verifier.store).await
    }

    /// See [`Verifier::forget`](crate::Verifier::forget).
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn forget(mut self, recipient: impl Into<Recipient>) -> Result<(), Error> {
        let call = self.calls.forget(recipient.into(), &mut self.rng)?;
        call.run_async(&self.calls.verifier.store).await
    }

    async fn attempt(mut self, recipient: Recipient, attempt: Attempt<'_>) -> Result<Verified, Error> {
        let call = self.calls.check(recipient, attempt, &mut self.rng)?;
        call.run_async(&self.calls.verifier.store).await
    }
}
