//! What each call decides for the record that it is about.

use super::challenge::Challenge;
use super::forget::Forget;
use super::on_record::{OnRecord, Place};
use super::{Issued, Verified, known_device, sandbox};
use crate::error::Error;
use crate::events::{About, Call};
use crate::kernel::{Driver, Plan, Withheld};
use crate::otp::{Attempt, Context, Drawn, Entry, Fill, Handle, Lane, Record, Step, Terms, operation};
use crate::service::Service;
use crate::{Channel, Fault, Purpose, Reason, Recipient, Status, TenantId, Timestamp};

/// A call about one passcode record.
pub(super) trait RecordCall {
    type Output;

    /// What it decides for a record as it is now.
    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Decided<Self::Output>, Error>;

    /// The channel of the challenge, once it is known.
    fn channel(&self) -> Option<Channel> {
        None
    }
}

/// What a call has decided: an answer, or a write and what it reveals.
#[expect(clippy::large_enum_variant, reason = "a box would put an allocation on every check")]
pub(super) enum Decided<T> {
    Answer(T),
    Write(Record, Withheld<T>),
}

impl<T> Decided<T> {
    /// A transition's step, with its outcome in the words of the call.
    #[inline(always)]
    fn of<U>(step: Step<U>, words: impl FnOnce(U) -> T) -> Result<Self, Error> {
        Ok(match step {
            Step::Answer(answer) => Self::Answer(words(answer?)),
            Step::Write { next, withheld } => Self::Write(next, withheld.map(words)),
        })
    }
}

/// Issues a code for a new challenge.
pub(super) struct Start {
    terms: Terms,
    lane: Lane,
    drawn: Drawn,
}

impl RecordCall for Start {
    type Output = Issued;

    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Decided<Issued>, Error> {
        let step = record.start(context, &self.terms, &self.drawn)?;
        Decided::of(step, |issue| Issued::new(issue, self.lane))
    }

    fn channel(&self) -> Option<Channel> {
        Some(self.terms.channel)
    }
}

/// Issues a newer code for a running challenge.
pub(super) struct Resend {
    handle: Handle,
    purpose: Purpose,
    /// What the policy says of each channel: which one it is, the record tells.
    permits: [Result<(), Reason>; Channel::ALL.len()],
    channel: Option<Channel>,
    drawn: Drawn,
}

impl RecordCall for Resend {
    type Output = Issued;

    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Decided<Issued>, Error> {
        self.channel = record.channel(Some(&self.handle));
        if let Some(channel) = self.channel {
            // The policy may have changed since the start.
            Channel::ALL
                .into_iter()
                .zip(self.permits)
                .filter(|(one, _)| *one == channel)
                .try_for_each(|(_, permit)| permit)?;
        }
        let step = record.resend(context, Some(&self.handle), self.purpose, &self.drawn)?;
        Decided::of(step, |issue| Issued::new(issue, self.handle.lane()))
    }

    fn channel(&self) -> Option<Channel> {
        self.channel
    }
}

/// Compares a code.
pub(super) struct Check {
    recipient: Recipient,
    handle: Option<Handle>,
    purpose: Purpose,
    entry: Entry,
    lane: Lane,
    tenant: TenantId,
    channel: Option<Channel>,
}

impl RecordCall for Check {
    type Output = Verified;

    #[inline]
    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Decided<Verified>, Error> {
        let Self { recipient, handle, purpose, entry, lane, tenant, channel } = self;
        *channel = record.channel(handle.as_ref());
        let attempt = Attempt { handle: handle.as_ref(), purpose: *purpose, entry: entry.as_str() };
        let step = record.check(context, &attempt)?;
        Decided::of(step, |passed| Verified::new(recipient.clone(), passed, *lane, *tenant))
    }

    fn channel(&self) -> Option<Channel> {
        self.channel
    }
}

/// What needs no more than a transition of the record.
pub(super) struct Upkeep {
    what: What,
    channel: Option<Channel>,
}

enum What {
    Cancel(Handle, Purpose),
    Undelivered(Handle, Purpose),
    Unlock,
}

impl RecordCall for Upkeep {
    type Output = ();

    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Decided<()>, Error> {
        let step = match &self.what {
            What::Cancel(handle, purpose) => {
                self.channel = record.channel(Some(handle));
                record.cancel(context, handle, *purpose)?
            }
            What::Undelivered(handle, purpose) => {
                self.channel = record.channel(Some(handle));
                record.undelivered(context, handle, *purpose)?
            }
            What::Unlock => record.unlock(context)?,
        };
        Decided::of(step, |()| ())
    }

    fn channel(&self) -> Option<Channel> {
        self.channel
    }
}

/// Looks, and writes nothing.
pub(super) struct Look;

impl RecordCall for Look {
    type Output = Status;

    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Decided<Status>, Error> {
        Ok(Decided::Answer(record.status(context)?))
    }
}

/// A call that begins: at a time, with a generator.
pub(super) struct Begin<'a> {
    pub(super) service: &'a Service,
    pub(super) now: Timestamp,
    rng: &'a mut dyn Fill,
    /// What the operation's id is made of, if it was drawn together with something else.
    draw: Option<u64>,
    about: Option<About>,
}

impl<'a> Begin<'a> {
    pub(super) fn new(service: &'a Service, now: Timestamp, rng: &'a mut dyn Fill) -> Self {
        Self { service, now, rng, draw: None, about: None }
    }

    /// The operation with this plan, under an id of its own.
    #[inline(always)]
    pub(super) fn operation<P: Plan>(&mut self, plan: P) -> Result<Driver<P>, Error> {
        let draw = match self.draw {
            Some(draw) => draw,
            None => operation(self.rng).map_err(Fault::from)?,
        };
        Ok(Driver::new(plan, self.service.instance.operation(draw)))
    }

    /// Tells the host of a call that ended before it asked anything of the store.
    pub(super) fn report<P>(&self, ready: &Result<P, Error>) {
        if let (Err(_), Some(about)) = (ready, &self.about) {
            self.service.report(about, ready, 0);
        }
    }

    /// Notes what the call is about, for its event.
    fn about(&mut self, call: Call, challenge: &Challenge<'_>, channel: Option<Channel>) -> About {
        *self.about.insert(About { call, channel, number: challenge.recipient.phone() })
    }

    /// All that a call which issues a code draws, at once.
    fn drawn(&mut self) -> Result<Drawn, Error> {
        let drawn = Drawn::from_fill(self.rng).map_err(Fault::from)?;
        self.draw = Some(drawn.operation());
        Ok(drawn)
    }

    /// The lane that the challenge's token leads to, or the one it names.
    fn lane(&self, challenge: &Challenge<'_>) -> Lane {
        let known = challenge
            .token
            .as_ref()
            .and_then(|token| known_device(self.service, &challenge.recipient, token, self.now));
        known.map_or(challenge.lane, |device| Lane::of(device.id))
    }

    fn is_test(&self, recipient: &Recipient) -> bool {
        self.service.sandbox && sandbox::is_test_recipient(recipient)
    }

    fn on_record<C: RecordCall>(
        &self,
        about: About,
        challenge: &Challenge<'_>,
        lane: Lane,
        call: C,
    ) -> OnRecord<C> {
        OnRecord::new(Place::new(self.service, &challenge.recipient, lane, self.now), about, call)
    }

    pub(super) fn forget(&mut self, challenge: &Challenge<'_>) -> Forget {
        let about = self.about(Call::Forget, challenge, None);
        Forget::new(Place::new(self.service, &challenge.recipient, challenge.lane, self.now), about)
    }

    pub(super) fn start(
        &mut self,
        challenge: Challenge<'_>,
        channel: Channel,
    ) -> Result<OnRecord<Start>, Error> {
        let about = self.about(Call::Start, &challenge, Some(channel));
        let terms = challenge.terms(channel);
        if self.is_test(&challenge.recipient) {
            let issued = sandbox::start(&challenge.recipient, &terms, self.now)?;
            return Ok(OnRecord::answered(issued, about));
        }
        challenge.permit(&self.service.policy, channel)?;
        let lane = self.lane(&challenge);
        let drawn = self.drawn()?;
        let call = Start { terms, lane, drawn };
        Ok(self.on_record(about, &challenge, lane, call))
    }

    pub(super) fn resend(
        &mut self,
        challenge: Challenge<'_>,
        handle: Handle,
    ) -> Result<OnRecord<Resend>, Error> {
        let about = self.about(Call::Resend, &challenge, None);
        if self.is_test(&challenge.recipient) {
            let issued = sandbox::resend(handle, challenge.purpose, self.now)?;
            return Ok(OnRecord::answered(issued, about));
        }
        let permits = Channel::ALL.map(|channel| challenge.permit(&self.service.policy, channel));
        let drawn = self.drawn()?;
        let call = Resend { handle, purpose: challenge.purpose, permits, channel: None, drawn };
        Ok(self.on_record(about, &challenge, handle.lane(), call))
    }

    pub(super) fn check(
        &mut self,
        challenge: Challenge<'_>,
        handle: Option<Handle>,
        entry: &str,
    ) -> Result<OnRecord<Check>, Error> {
        let about = self.about(Call::Check, &challenge, None);
        let tenant = self.service.tenant;
        if self.is_test(&challenge.recipient) {
            let attempt = Attempt { handle: handle.as_ref(), purpose: challenge.purpose, entry };
            let verified = sandbox::check(challenge.recipient.clone(), &attempt, self.now, tenant)?;
            return Ok(OnRecord::answered(verified, about));
        }
        let lane = handle.map_or_else(|| self.lane(&challenge), |handle| handle.lane());
        let (purpose, entry) = (challenge.purpose, Entry::new(entry));
        let recipient = challenge.recipient.clone();
        let call = Check { recipient, handle, purpose, entry, lane, tenant, channel: None };
        Ok(self.on_record(about, &challenge, lane, call))
    }

    pub(super) fn cancel(&mut self, challenge: Challenge<'_>, handle: Handle) -> OnRecord<Upkeep> {
        let call = Upkeep { what: What::Cancel(handle, challenge.purpose), channel: None };
        let about = self.about(Call::Cancel, &challenge, None);
        self.on_record(about, &challenge, handle.lane(), call)
    }

    pub(super) fn undelivered(&mut self, challenge: Challenge<'_>, handle: Handle) -> OnRecord<Upkeep> {
        let call = Upkeep { what: What::Undelivered(handle, challenge.purpose), channel: None };
        let about = self.about(Call::Undelivered, &challenge, None);
        self.on_record(about, &challenge, handle.lane(), call)
    }

    pub(super) fn unlock(&mut self, challenge: Challenge<'_>) -> OnRecord<Upkeep> {
        let about = self.about(Call::Unlock, &challenge, None);
        let call = Upkeep { what: What::Unlock, channel: None };
        self.on_record(about, &challenge, challenge.lane, call)
    }

    pub(super) fn status(&mut self, challenge: Challenge<'_>) -> OnRecord<Look> {
        let about = self.about(Call::Status, &challenge, None);
        self.on_record(about, &challenge, challenge.lane, Look)
    }
}
