//! What each call does to the record, once for the blocking and the async front.

use rand_core::TryCryptoRng;

use super::flow::{Flow, Place};
use super::forgetting::Forgetting;
use super::front::{Call, StepMachine};
use super::{Challenge, Issued, Verified, Verifier, sandbox};
use crate::error::Error;
use crate::otp::{Attempt, Context, Lane, Record, Step, operation};
use crate::store::RecordKey;
use crate::{Channel, DeviceToken, Fault, Handle, KnownDevice, Reason, Recipient, Status, Timestamp};

/// The calls of a verifier at a time.
pub(super) struct Calls<'a, S> {
    pub(super) verifier: &'a Verifier<S>,
    pub(super) now: Timestamp,
    /// The lane of those calls to which neither a handle nor a token says one.
    pub(super) lane: Lane,
}

impl<S> Clone for Calls<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Calls<'_, S> {}

/// A call that is ready, or why it can't be made.
type Ready<M> = Result<Call<M>, Error>;

impl<'a, S> Calls<'a, S> {
    pub(super) fn start<'c, R: TryCryptoRng>(
        self,
        challenge: &'c Challenge,
        rng: &'c mut R,
    ) -> Ready<impl StepMachine<Answer = Issued>>
    where
        'a: 'c,
    {
        let (recipient, terms) = (challenge.recipient(), challenge.terms());
        if self.is_test(recipient) {
            return Ok(Call::Answered(sandbox::start(recipient, terms, self.now)?));
        }
        self.verifier.permit(recipient, terms.channel)?;
        let known = challenge.token().and_then(|token| self.known_device(recipient, token));
        let lane = known.map_or(Lane::COMMON, |device| Lane::of(device.id));
        self.flow(
            self.verifier.locate(recipient, lane),
            rng,
            |record, context, rng| Ok(record.start(context, terms, rng)?),
            move |issue| Issued::new(issue, lane),
        )
    }

    pub(super) fn resend<'c, R: TryCryptoRng>(
        self,
        recipient: Recipient,
        handle: Handle,
        rng: &'c mut R,
    ) -> Ready<impl StepMachine<Answer = Issued>>
    where
        'a: 'c,
    {
        if self.is_test(&recipient) {
            return Ok(Call::Answered(sandbox::resend(handle, self.now)?));
        }
        let verifier = self.verifier;
        self.flow(
            verifier.locate(&recipient, handle.lane()),
            rng,
            move |record, context, rng| {
                // The policy may have changed since the start.
                if let Some(channel) = record.channel(Some(&handle)) {
                    verifier.permit(&recipient, channel)?;
                }
                Ok(record.resend(context, Some(&handle), rng)?)
            },
            move |issue| Issued::new(issue, handle.lane()),
        )
    }

    pub(super) fn check<'c, R: TryCryptoRng>(
        self,
        recipient: Recipient,
        attempt: Attempt<'c>,
        rng: &'c mut R,
    ) -> Ready<impl StepMachine<Answer = Verified>>
    where
        'a: 'c,
    {
        if self.is_test(&recipient) {
            return Ok(Call::Answered(sandbox::check(recipient, &attempt, self.now)?));
        }
        let lane = attempt.handle.map_or(self.lane, Handle::lane);
        let tenant = self.verifier.tenant;
        self.flow(
            self.verifier.locate(&recipient, lane),
            rng,
            move |record, context, _| Ok(record.check(context, &attempt)?),
            move |passed| Verified::new(recipient.clone(), passed, lane, tenant),
        )
    }

    pub(super) fn cancel<'c, R: TryCryptoRng>(
        self,
        recipient: Recipient,
        handle: Handle,
        rng: &'c mut R,
    ) -> Ready<impl StepMachine<Answer = ()>>
    where
        'a: 'c,
    {
        let key = self.verifier.locate(&recipient, handle.lane());
        self.flow(key, rng, move |record, context, _| Ok(record.cancel(context, &handle)?), done)
    }

    pub(super) fn undelivered<'c, R: TryCryptoRng>(
        self,
        recipient: Recipient,
        handle: Handle,
        rng: &'c mut R,
    ) -> Ready<impl StepMachine<Answer = ()>>
    where
        'a: 'c,
    {
        let key = self.verifier.locate(&recipient, handle.lane());
        self.flow(key, rng, move |record, context, _| Ok(record.undelivered(context, &handle)?), done)
    }

    pub(super) fn status<'c, R: TryCryptoRng>(
        self,
        recipient: Recipient,
        rng: &'c mut R,
    ) -> Ready<impl StepMachine<Answer = Status>>
    where
        'a: 'c,
    {
        let key = self.verifier.locate(&recipient, self.lane);
        self.flow(key, rng, |record, context, _| Ok(Step::Answer(Ok(record.status(context)?))), done)
    }

    pub(super) fn unlock<'c, R: TryCryptoRng>(
        self,
        recipient: Recipient,
        rng: &'c mut R,
    ) -> Ready<impl StepMachine<Answer = ()>>
    where
        'a: 'c,
    {
        let key = self.verifier.locate(&recipient, self.lane);
        self.flow(key, rng, |record, context, _| Ok(record.unlock(context)?), done)
    }

    pub(super) fn forget<'c, R: TryCryptoRng>(
        self,
        recipient: Recipient,
        rng: &'c mut R,
    ) -> Ready<impl StepMachine<Answer = ()>>
    where
        'a: 'c,
    {
        let operation = self.operation(rng)?;
        let place = Place::new(self.verifier, self.verifier.locate(&recipient, self.lane), self.now);
        let forgotten = Record::forget(&place.context(operation))?;
        Ok(Call::Ready(Forgetting::new(place, forgotten)))
    }

    pub(super) fn known_device(self, recipient: &Recipient, token: &DeviceToken) -> Option<KnownDevice> {
        let (keys, age) = (&self.verifier.keys, self.verifier.limits.device_token_lives());
        keys.known_device(&self.verifier.locate(recipient, Lane::COMMON), token, self.now, age)
    }

    pub(super) fn device_token<R: TryCryptoRng>(
        self,
        verified: &Verified,
        rng: &mut R,
    ) -> Result<DeviceToken, Error> {
        let (tenant, lane) = verified.place();
        let place = self.verifier.keys.locate(&tenant, verified.recipient(), Lane::COMMON);
        Ok(self.verifier.keys.device_token(&place, lane.device(), verified.at(), rng).map_err(Fault::from)?)
    }

    fn is_test(self, recipient: &Recipient) -> bool {
        self.verifier.sandbox && sandbox::is_test_recipient(recipient)
    }

    fn operation<R: TryCryptoRng>(self, rng: &mut R) -> Result<u64, Error> {
        Ok(self.verifier.instance.operation(operation(rng).map_err(Fault::from)?))
    }

    fn flow<'c, T, D, R: TryCryptoRng, F, G>(
        self,
        key: RecordKey,
        rng: &'c mut R,
        transition: F,
        answer: G,
    ) -> Ready<Flow<'c, D, R, F, G>>
    where
        'a: 'c,
        F: FnMut(&Record, &Context<'_>, &mut R) -> Result<Step<D>, Error>,
        G: FnMut(D) -> T,
    {
        let operation = self.operation(rng)?;
        let place = Place::new(self.verifier, key, self.now);
        Ok(Call::Ready(Flow::new(place, operation, rng, transition, answer)))
    }
}

/// What was decided is the answer.
const fn done<T>(decided: T) -> T {
    decided
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
