//! The calls of a verifier at a time and with a generator of the caller's.

use rand_core::TryCryptoRng;

use super::flow::{Flow, Turn};
use super::{Challenge, Issued, Verified, Verifier, sandbox};
use crate::error::Error;
use crate::otp::{Attempt, Context, Lane, Record, Step, operation};
use crate::store::{Keep, RecordKey, Revision};
use crate::{
    Channel, DeviceId, DeviceToken, Fault, Handle, KnownDevice, Purpose, Reason, Recipient, Status, Store,
    Timestamp,
};

/// A [`Verifier`] at a time and with a generator of the caller's. See [`Verifier::at`]; the calls are described there.
pub struct Moment<'a, S, R> {
    verifier: &'a Verifier<S>,
    now: Timestamp,
    rng: &'a mut R,
    lane: Lane,
}

impl<S, R> core::fmt::Debug for Moment<'_, S, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Moment").field("now", &self.now).finish_non_exhaustive()
    }
}

impl<'a, S: Store, R: TryCryptoRng> Moment<'a, S, R> {
    pub(super) const fn new(verifier: &'a Verifier<S>, now: Timestamp, rng: &'a mut R) -> Self {
        Self { verifier, now, rng, lane: Lane::COMMON }
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
        Self { lane: Lane::of(device), ..self }
    }

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
        let (recipient, terms) = (challenge.recipient(), challenge.terms());
        if self.verifier.sandbox && sandbox::is_test_recipient(recipient) {
            return sandbox::start(recipient, terms, self.now);
        }
        self.permit(recipient, terms.channel)?;
        let known = challenge.token().and_then(|token| self.known_device(recipient, token));
        let lane = known.map_or(Lane::COMMON, |device| Lane::of(device.id));
        let issue =
            self.run(recipient, lane, |record, context, rng| Ok(record.start(context, terms, rng)?))?;
        Ok(Issued::new(issue, lane))
    }

    /// See [`Verifier::resend`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn resend(&mut self, recipient: impl Into<Recipient>, handle: Handle) -> Result<Issued, Error> {
        let recipient = recipient.into();
        if self.verifier.sandbox && sandbox::is_test_recipient(&recipient) {
            return sandbox::resend(handle, self.now);
        }
        let verifier = self.verifier;
        let issue = self.run(&recipient, handle.lane(), |record, context, rng| {
            // The policy may have changed since the start.
            if let Some(channel) = record.channel(Some(&handle)) {
                verifier.permit(&recipient, channel)?;
            }
            Ok(record.resend(context, Some(&handle), rng)?)
        })?;
        Ok(Issued::new(issue, handle.lane()))
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
        self.attempt(recipient.into(), &Attempt { handle: Some(&handle), purpose, entry })
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
        self.attempt(recipient.into(), &Attempt { handle: None, purpose, entry })
    }

    /// See [`Verifier::cancel`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn cancel(&mut self, recipient: impl Into<Recipient>, handle: Handle) -> Result<(), Error> {
        self.run(&recipient.into(), handle.lane(), |record, context, _| Ok(record.cancel(context, &handle)?))
    }

    /// See [`Verifier::undelivered`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn undelivered(&mut self, recipient: impl Into<Recipient>, handle: Handle) -> Result<(), Error> {
        self.run(&recipient.into(), handle.lane(), |record, context, _| {
            Ok(record.undelivered(context, &handle)?)
        })
    }

    /// See [`Verifier::device_token`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn device_token(&mut self, verified: &Verified) -> Result<DeviceToken, Error> {
        let (tenant, lane) = verified.place();
        let place = self.verifier.keys.locate(&tenant, verified.recipient(), Lane::COMMON);
        let token = self.verifier.keys.device_token(&place, lane.device(), verified.at(), self.rng);
        Ok(token.map_err(Fault::from)?)
    }

    /// See [`Verifier::known_device`].
    #[must_use]
    pub fn known_device(&self, recipient: impl Into<Recipient>, token: &DeviceToken) -> Option<KnownDevice> {
        let (keys, age) = (&self.verifier.keys, self.verifier.limits.device_token_lives());
        let place = self.verifier.locate(&recipient.into(), Lane::COMMON);
        keys.known_device(&place, token, self.now, age)
    }

    /// See [`Verifier::status`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn status(&mut self, recipient: impl Into<Recipient>) -> Result<Status, Error> {
        self.run(&recipient.into(), self.lane, |record, context, _| {
            Ok(Step::Answer(Ok(record.status(context)?)))
        })
    }

    /// See [`Verifier::unlock`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn unlock(&mut self, recipient: impl Into<Recipient>) -> Result<(), Error> {
        self.run(&recipient.into(), self.lane, |record, context, _| Ok(record.unlock(context)?))
    }

    /// See [`Verifier::forget`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn forget(&mut self, recipient: impl Into<Recipient>) -> Result<(), Error> {
        const ATTEMPTS: u32 = 32;
        let key = self.verifier.locate(&recipient.into(), self.lane);
        for _ in 0..ATTEMPTS {
            let revision = match self.verifier.store.load(&key) {
                Ok(loaded) => loaded.revision(),
                Err(error) => error.revision().ok_or(error)?,
            };
            if revision == Revision::ABSENT {
                return Ok(());
            }
            // Without a clock, so that a wrong one makes a store drop nothing else.
            let at_once = Keep::new(Timestamp::EPOCH, Timestamp::EPOCH);
            self.verifier.store.compare_and_swap(&key, revision, &[], at_once)?;
        }
        Err(Error::Contended)
    }

    fn attempt(&mut self, recipient: Recipient, attempt: &Attempt<'_>) -> Result<Verified, Error> {
        if self.verifier.sandbox && sandbox::is_test_recipient(&recipient) {
            return sandbox::check(recipient, attempt, self.now);
        }
        let lane = attempt.handle.map_or(self.lane, |handle| handle.lane());
        let passed = self.run(&recipient, lane, |record, context, _| Ok(record.check(context, attempt)?))?;
        Ok(Verified::new(recipient, passed, lane, self.verifier.tenant))
    }

    fn permit(&self, recipient: &Recipient, channel: Channel) -> Result<(), Reason> {
        self.verifier.permit(recipient, channel)
    }

    /// The blocking front: the flow's wishes, carried out.
    fn run<T>(
        &mut self,
        recipient: &Recipient,
        lane: Lane,
        mut transition: impl FnMut(&Record, &Context<'_>, &mut R) -> Result<Step<T>, Error>,
    ) -> Result<T, Error> {
        let (verifier, key) = (self.verifier, self.verifier.locate(recipient, lane));
        let operation = operation(self.rng).map_err(Fault::from)?;
        let context = Context {
            key: &key,
            keys: &verifier.keys,
            limits: &verifier.limits,
            epoch: verifier.epoch,
            now: self.now,
            operation,
            version: verifier.record_version,
        };
        let rng = &mut *self.rng;
        let mut flow =
            Flow::new(context, |record: &Record, context: &Context<'_>| transition(record, context, rng));
        loop {
            let write = match verifier.store.load(&key) {
                Ok(loaded) => match flow.loaded(&loaded)? {
                    Turn::Done(outcome) => return Ok(outcome),
                    Turn::Swap(write) => write,
                },
                Err(error) => {
                    flow.unanswered(error)?;
                    continue;
                }
            };
            let (expected, record) = (write.expected, write.record.as_slice());
            match verifier.store.compare_and_swap(&key, expected, record, write.keep) {
                Ok(swap) => {
                    if let Some(outcome) = flow.swapped(swap)? {
                        return Ok(outcome);
                    }
                }
                Err(error) => flow.unanswered(error)?,
            }
        }
    }
}

impl<S> Verifier<S> {
    fn locate(&self, recipient: &Recipient, lane: Lane) -> RecordKey {
        self.keys.locate(&self.tenant, recipient, lane)
    }

    /// The policy's decision for a telephone number; an address has no country.
    fn permit(&self, recipient: &Recipient, channel: Channel) -> Result<(), Reason> {
        if !recipient.is_reached_by(channel) {
            return Err(Reason::NotATelephoneChannel);
        }
        recipient.phone().map_or(Ok(()), |number| self.policy.decide(number, channel).into_result())
    }
}
