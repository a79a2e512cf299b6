//! What each call does to the record, once for the blocking and the async front.

use rand_core::TryCryptoRng;

use super::flow::{ATTEMPTS, Flow, Located, Place};
use super::front::{Call, StepMachine, Turn, Write};
use super::{Challenge, Issued, Verified, Verifier, sandbox};
use crate::error::Error;
use crate::otp::{Attempt, Context, Lane, Record, Step, operation};
use crate::store::{Keep, Loaded, RecordBytes, RecordKey, Revision, StoreError, Swap};
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
            return Ok(Call::Answered(sandbox::check(recipient, &attempt, self.now, self.verifier.tenant)?));
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

    pub(super) fn forget(self, recipient: &Recipient) -> Call<impl StepMachine<Answer = ()>> {
        Call::Ready(Forgetting::new(self.verifier.locate(recipient, self.lane).key))
    }

    pub(super) fn known_device(self, recipient: &Recipient, token: &DeviceToken) -> Option<KnownDevice> {
        let (keys, age) = (&self.verifier.keys, self.verifier.limits.device_token_lives());
        keys.known_device(&self.verifier.locate(recipient, Lane::COMMON).key, token, self.now, age)
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

    fn flow<'c, T, D, R: TryCryptoRng, F, G>(
        self,
        located: Located,
        rng: &'c mut R,
        transition: F,
        answer: G,
    ) -> Ready<Flow<'c, D, R, F, G>>
    where
        'a: 'c,
        F: FnMut(&Record, &Context<'_>, &mut R) -> Result<Step<D>, Error>,
        G: FnMut(D) -> T,
    {
        let operation = operation(rng).map_err(Fault::from)?;
        let place = Place::new(self.verifier, located, self.now);
        Ok(Call::Ready(Flow::new(place, operation, rng, transition, answer)))
    }
}

/// What was decided is the answer.
const fn done<T>(decided: T) -> T {
    decided
}

/// Drops a record, even one that can't be read.
struct Forgetting {
    write: Write,
    attempts: u32,
}

impl Forgetting {
    const fn new(key: RecordKey) -> Self {
        // Without a clock, so that a wrong one makes a store drop nothing else.
        let at_once = Keep::new(Timestamp::EPOCH, Timestamp::EPOCH);
        let write = Write { key, expected: Revision::ABSENT, record: RecordBytes::EMPTY, keep: at_once };
        Self { write, attempts: 0 }
    }
}

impl StepMachine for Forgetting {
    type Answer = ();

    fn key(&self) -> &RecordKey {
        &self.write.key
    }

    fn loaded(&mut self, answer: Result<Loaded, StoreError>) -> Result<Turn<'_, ()>, Error> {
        self.write.expected = match answer {
            Ok(loaded) => loaded.revision(),
            Err(error) => error.revision().ok_or(error)?,
        };
        if self.write.expected == Revision::ABSENT {
            return Ok(Turn::Done(()));
        }
        if self.attempts == ATTEMPTS {
            return Err(Error::Contended);
        }
        self.attempts += 1;
        Ok(Turn::Swap(&self.write))
    }

    fn swapped(&mut self, answer: Result<Swap, StoreError>) -> Result<Turn<'_, ()>, Error> {
        // Whatever it was, the record is looked at again.
        answer?;
        Ok(Turn::Load)
    }
}

impl<S> Verifier<S> {
    fn locate(&self, recipient: &Recipient, lane: Lane) -> Located {
        Located { key: self.keys.locate(&self.tenant, recipient, lane), lane }
    }

    /// The policy's decision for a telephone number; an address has no country.
    fn permit(&self, recipient: &Recipient, channel: Channel) -> Result<(), Reason> {
        if !recipient.is_reached_by(channel) {
            return Err(Reason::NotATelephoneChannel);
        }
        recipient.phone().map_or(Ok(()), |number| self.policy.decide(number, channel).into_result())
    }
}
