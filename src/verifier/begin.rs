//! The beginning of a call: which record it concerns, and its random draw.

use super::calls::{Change, Check, Look, RecordCall, Resend, Start, Upkeep};
use super::challenge::Challenge;
use super::forget::Forget;
use super::on_record::{OnRecord, Place};
use super::{known_device, sandbox};
use crate::error::{Error, Fault};
use crate::events::{About, Call};
use crate::keys::Lane;
use crate::otp::{Attempt, Drawn, Entry, Fill, Handle, operation};
use crate::service::Service;
use crate::{Channel, Recipient, Timestamp};

/// A call that is being prepared, with its time and generator.
pub(super) struct Begin<'a> {
    pub(super) service: &'a Service,
    pub(super) now: Timestamp,
    rng: &'a mut dyn Fill,
    /// The operation id's random part, if it was drawn together with other values.
    draw: Option<u64>,
    about: Option<About>,
}

impl<'a> Begin<'a> {
    pub(super) fn new(service: &'a Service, now: Timestamp, rng: &'a mut dyn Fill) -> Self {
        Self { service, now, rng, draw: None, about: None }
    }

    /// Returns the operation id of this call. For `may_repeat` see
    /// [`Source::MAY_REPEAT`](crate::execute::Source::MAY_REPEAT).
    #[inline(always)]
    pub(super) fn operation(&mut self, may_repeat: bool) -> Result<u64, Error> {
        let draw = match self.draw {
            Some(draw) => draw,
            None => operation(self.rng).map_err(Fault::from)?,
        };
        Ok(self.service.instance.operation(draw, may_repeat))
    }

    /// Reports a call that ended before it accessed the store.
    #[cold]
    pub(super) fn report(&self, error: Error) -> Error {
        if let Some(about) = &self.about {
            self.service.report(about, Some(&error), 0);
        }
        error
    }

    /// Records what the call is about, for its event.
    fn about(&mut self, call: Call, challenge: &Challenge<'_>, channel: Option<Channel>) -> About {
        *self.about.insert(About { call, channel, number: challenge.recipient.phone() })
    }

    /// Draws all randomness of a call that issues a code, at once.
    fn drawn(&mut self) -> Result<Drawn, Error> {
        let drawn = Drawn::from_fill(self.rng).map_err(Fault::from)?;
        self.draw = Some(drawn.operation());
        Ok(drawn)
    }

    /// Returns the lane of the challenge's token, or the lane that the challenge names.
    fn lane(&self, challenge: &Challenge<'_>) -> Lane {
        let known = challenge
            .token
            .as_ref()
            .and_then(|token| known_device(self.service, &challenge.recipient, token, self.now));
        known.map_or(challenge.lane, |device| Lane::of(device.id))
    }

    fn is_test(&self, recipient: &Recipient) -> bool {
        sandbox::is_for(self.service, recipient)
    }

    #[inline(always)]
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

    #[inline(always)]
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
        let call = Upkeep { change: Change::Cancel(handle, challenge.purpose), channel: None };
        let about = self.about(Call::Cancel, &challenge, None);
        self.on_record(about, &challenge, handle.lane(), call)
    }

    pub(super) fn undelivered(&mut self, challenge: Challenge<'_>, handle: Handle) -> OnRecord<Upkeep> {
        let call = Upkeep { change: Change::Undelivered(handle, challenge.purpose), channel: None };
        let about = self.about(Call::Undelivered, &challenge, None);
        self.on_record(about, &challenge, handle.lane(), call)
    }

    pub(super) fn unlock(&mut self, challenge: Challenge<'_>) -> OnRecord<Upkeep> {
        let about = self.about(Call::Unlock, &challenge, None);
        let call = Upkeep { change: Change::Unlock, channel: None };
        self.on_record(about, &challenge, challenge.lane, call)
    }

    pub(super) fn status(&mut self, challenge: Challenge<'_>) -> OnRecord<Look> {
        let about = self.about(Call::Status, &challenge, None);
        self.on_record(about, &challenge, challenge.lane, Look)
    }
}
