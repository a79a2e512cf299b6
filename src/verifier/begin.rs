//! The beginning of a call: which record it concerns, and its random draw.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};

use super::calls::{Change, Check, Look, RecordCall, Resend, Start, Upkeep};
use super::challenge::Challenge;
#[cfg(feature = "alloc")]
use super::challenge::ForGuard;
use super::forget::Forget;
#[cfg(feature = "alloc")]
use super::guarded::GuardedCall;
use super::joined::{Joined, NO_ACCOUNT, join, mark};
use super::on_record::{GuardPart, OnRecord, Place};
use super::role::Role;
#[cfg(feature = "alloc")]
use super::tallies::{Adjust, Explain, no_guard};
use super::{known_device, sandbox};
use crate::error::{Error, Fault};
use crate::events::{About, Call, Event};
#[cfg(feature = "alloc")]
use crate::guard::{Scope, Subject};
use crate::keys::Lane;
#[cfg(feature = "alloc")]
use crate::otp::valid;
use crate::otp::{Attempt, Drawn, Entry, Handle, operation};
use crate::rng::Fill;
#[cfg(feature = "alloc")]
use crate::service::Guarding;
use crate::service::Service;
use crate::{Channel, Recipient, Timestamp};

/// A call that is being prepared, with its time and generator.
pub(super) struct Begin<'a> {
    pub(super) service: &'a Service,
    pub(super) now: Timestamp,
    pub(super) rng: &'a mut dyn Fill,
    /// The operation id's random part, if it was drawn together with other values.
    pub(super) draw: Option<u64>,
    pub(super) about: Option<About>,
    /// Whether reading tallies costs no round trip.
    #[cfg(feature = "alloc")]
    is_local: bool,
}

impl<'a> Begin<'a> {
    #[cfg_attr(not(feature = "alloc"), expect(unused_variables, reason = "only the guard asks"))]
    pub(super) fn new(service: &'a Service, now: Timestamp, rng: &'a mut dyn Fill, is_local: bool) -> Self {
        Self {
            service,
            now,
            rng,
            draw: None,
            about: None,
            #[cfg(feature = "alloc")]
            is_local,
        }
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
            self.service.report(&Event::new(about, Some(&error), 0));
        }
        error
    }

    /// Records what the call is about, for its event.
    fn about(&mut self, call: Call, challenge: &Challenge<'_>, channel: Option<Channel>) -> About {
        *self.about.insert(About { call, channel, number: challenge.recipient.phone() })
    }

    /// Draws all randomness of a call that issues a code, at once.
    pub(super) fn drawn(&mut self) -> Result<Drawn, Error> {
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
        guard: GuardPart,
    ) -> OnRecord<C> {
        OnRecord::new(self.record_of(challenge, lane), about, call, guard)
    }

    #[inline(always)]
    fn record_of(&self, challenge: &Challenge<'_>, lane: Lane) -> Place {
        Place::new(self.service, &challenge.recipient, lane, self.now)
    }

    pub(super) fn forget(&mut self, challenge: &Challenge<'_>) -> Forget {
        let about = self.about(Call::Forget, challenge, None);
        Forget::new(Place::new(self.service, &challenge.recipient, challenge.lane, self.now), about)
    }

    pub(super) fn start(
        &mut self,
        challenge: Challenge<'_>,
        channel: Channel,
    ) -> Result<Joined<OnRecord<Start>>, Error> {
        let about = self.about(Call::Start, &challenge, Some(channel));
        let account = self.account(&challenge);
        let terms = challenge.terms(channel, mark(account));
        if self.is_test(&challenge.recipient) {
            let issued = sandbox::start(&challenge.recipient, &terms, self.now)?;
            return Ok(join(OnRecord::answered(issued, about), NO_ACCOUNT));
        }
        challenge.permit(&self.service.policy, channel)?;
        let lane = self.lane(&challenge);
        let drawn = self.drawn()?;
        let call = Start {
            terms,
            lane,
            drawn,
            #[cfg(feature = "alloc")]
            ruling: None,
        };
        let guard = self.guard(Role::Start, &challenge, channel, lane)?;
        let place = self.record_of(&challenge, lane);
        let account = self.send_of_account(&challenge, account, &place);
        Ok(join(OnRecord::new(place, about, call, guard), account))
    }

    pub(super) fn resend(
        &mut self,
        challenge: Challenge<'_>,
        handle: Handle,
    ) -> Result<Joined<OnRecord<Resend>>, Error> {
        let about = self.about(Call::Resend, &challenge, None);
        if self.is_test(&challenge.recipient) {
            let issued = sandbox::resend(handle, challenge.purpose, self.now)?;
            return Ok(join(OnRecord::answered(issued, about), NO_ACCOUNT));
        }
        let account = self.account(&challenge);
        let permits = Channel::ALL.map(|channel| challenge.permit(&self.service.policy, channel));
        let drawn = self.drawn()?;
        let call = Resend {
            handle,
            purpose: challenge.purpose,
            account: mark(account),
            permits,
            channel: None,
            drawn,
            #[cfg(feature = "alloc")]
            ruling: None,
        };
        let guard = self.guard(Role::Resend, &challenge, usual_channel(&challenge), handle.lane())?;
        let place = self.record_of(&challenge, handle.lane());
        let account = self.send_of_account(&challenge, account, &place);
        Ok(join(OnRecord::new(place, about, call, guard), account))
    }

    #[inline(always)]
    pub(super) fn check(
        &mut self,
        challenge: Challenge<'_>,
        handle: Option<Handle>,
        entry: &str,
    ) -> Result<Joined<OnRecord<Check>>, Error> {
        let about = self.about(Call::Check, &challenge, None);
        let tenant = self.service.tenant;
        let account = self.account(&challenge);
        if self.is_test(&challenge.recipient) {
            let attempt = Attempt::new(handle.as_ref(), challenge.purpose, entry);
            let verified = sandbox::check(challenge.recipient.clone(), &attempt, self.now, tenant)?;
            #[cfg(feature = "totp")]
            let verified = verified.with_account(account);
            return Ok(join(OnRecord::answered(verified, about), NO_ACCOUNT));
        }
        let lane = handle.map_or_else(|| self.lane(&challenge), |handle| handle.lane());
        let (purpose, entry) = (challenge.purpose, Entry::new(entry));
        let recipient = challenge.recipient.clone();
        let call = Check {
            recipient,
            handle,
            purpose,
            entry,
            account: mark(account),
            #[cfg(feature = "totp")]
            tag: account,
            lane,
            tenant,
            channel: None,
        };
        let guard = self.follow_up(Role::Answer, &challenge);
        let place = self.record_of(&challenge, lane);
        let account = self.check_of_account(&challenge, account, &place);
        Ok(join(OnRecord::new(place, about, call, guard), account))
    }

    pub(super) fn cancel(&mut self, challenge: Challenge<'_>, handle: Handle) -> OnRecord<Upkeep> {
        let call = Upkeep { change: Change::Cancel(handle, challenge.purpose), channel: None };
        let about = self.about(Call::Cancel, &challenge, None);
        self.on_record(about, &challenge, handle.lane(), call, None)
    }

    pub(super) fn undelivered(&mut self, challenge: Challenge<'_>, handle: Handle) -> OnRecord<Upkeep> {
        let call = Upkeep { change: Change::Undelivered(handle, challenge.purpose), channel: None };
        let about = self.about(Call::Undelivered, &challenge, None);
        let guard = self.follow_up(Role::Undelivered, &challenge);
        self.on_record(about, &challenge, handle.lane(), call, guard)
    }

    pub(super) fn unlock(&mut self, challenge: Challenge<'_>) -> OnRecord<Upkeep> {
        let about = self.about(Call::Unlock, &challenge, None);
        let call = Upkeep { change: Change::Unlock, channel: None };
        self.on_record(about, &challenge, challenge.lane, call, None)
    }

    pub(super) fn status(&mut self, challenge: Challenge<'_>) -> OnRecord<Look> {
        let about = self.about(Call::Status, &challenge, None);
        self.on_record(about, &challenge, challenge.lane, Look, None)
    }
}

/// Returns the channel that most codes are sent by. The record tells which one applies.
fn usual_channel(challenge: &Challenge<'_>) -> Channel {
    if challenge.recipient.phone().is_some() { Channel::Sms } else { Channel::Email }
}

/// Without an allocator there is no guard.
#[cfg(not(feature = "alloc"))]
impl Begin<'_> {
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "as with a guard")]
    const fn guard(&self, _: Role, _: &Challenge<'_>, _: Channel, _: Lane) -> Result<GuardPart, Error> {
        Ok(None)
    }

    #[expect(clippy::unused_self, reason = "as with a guard")]
    const fn follow_up(&self, _: Role, _: &Challenge<'_>) -> GuardPart {
        None
    }
}

/// The guard's part.
#[cfg(feature = "alloc")]
impl Begin<'_> {
    /// Returns the guard's part of a send.
    #[inline(always)]
    fn guard(
        &self,
        role: Role,
        challenge: &Challenge<'_>,
        channel: Channel,
        lane: Lane,
    ) -> Result<GuardPart, Error> {
        match &self.service.guard {
            None => Ok(None),
            Some(guarding) => self.guarded_send(guarding, role, challenge, channel, lane),
        }
    }

    #[inline(never)]
    fn guarded_send(
        &self,
        guarding: &Guarding,
        role: Role,
        challenge: &Challenge<'_>,
        channel: Channel,
        lane: Lane,
    ) -> Result<GuardPart, Error> {
        let subject = self.subject(guarding, challenge, channel, lane)?;
        let call = GuardedCall::new(guarding, role, subject, self.is_local, self.now);
        Ok(Some(Box::new(call.with_policy(challenge.own_policy().cloned()))))
    }

    /// Returns the guard's part of an answer or a failed delivery.
    #[inline(always)]
    fn follow_up(&self, role: Role, challenge: &Challenge<'_>) -> GuardPart {
        let guarding = self.service.guard.as_ref()?;
        Some(self.guarded_follow_up(guarding, role, challenge))
    }

    #[inline(never)]
    fn guarded_follow_up(
        &self,
        guarding: &Guarding,
        role: Role,
        challenge: &Challenge<'_>,
    ) -> Box<GuardedCall> {
        let channel = usual_channel(challenge);
        let subject = Subject::new(&challenge.recipient, channel).with_tenant(self.service.tenant);
        Box::new(GuardedCall::new(guarding, role, subject, self.is_local, self.now))
    }

    fn subject(
        &self,
        guarding: &Guarding,
        challenge: &Challenge<'_>,
        channel: Channel,
        lane: Lane,
    ) -> Result<Subject, Error> {
        let ForGuard { keys, is_known, is_vouched } = &challenge.guarding;
        let tenant = self.service.tenant;
        let own = (!guarding.guard.has_shared_tallies()).then_some(&tenant);
        let tags = guarding.secret.tags(keys, own, channel).map_err(|_| Fault::TooManyHostKeys)?;
        Ok(Subject::new(&challenge.recipient, channel)
            .with_tenant(tenant)
            .with_tags(tags)
            .with_known(*is_known || lane.device().is_some())
            .with_vouched(*is_vouched))
    }

    pub(super) fn explain(&mut self, challenge: &Challenge<'_>, channel: Channel) -> Result<Explain, Error> {
        let about = self.about(Call::Explain, challenge, Some(channel));
        let guarding = self.service.guard.as_ref().ok_or_else(no_guard)?;
        let lane = self.lane(challenge);
        let subject = self.subject(guarding, challenge, channel, lane)?;
        let question = guarding.guard.question(&guarding.secret, &subject);
        let place = Place::new(self.service, &challenge.recipient, lane, self.now);
        let permit = challenge.permit(&self.service.policy, channel);
        let policy = challenge.own_policy().copied().unwrap_or(self.service.policy);
        Ok(Explain { place, about, permit, policy, question })
    }

    pub(super) fn import(&mut self, challenge: &Challenge<'_>) -> Result<Adjust, Error> {
        let about = self.about(Call::Import, challenge, None);
        let Guarding { guard, secret } = &**self.service.guard.as_ref().ok_or_else(no_guard)?;
        let subject =
            Subject::new(&challenge.recipient, usual_channel(challenge)).with_tenant(self.service.tenant);
        self.adjust(about, Vec::from([guard.import(secret, &subject, self.now)]))
    }

    pub(super) fn forgive(&mut self, channel: Channel, scope: Scope) -> Result<Adjust, Error> {
        let about = *self.about.insert(About::new(Call::Forgive).with_channel(channel));
        let Guarding { guard, secret } = &**self.service.guard.as_ref().ok_or_else(no_guard)?;
        let changes = guard.forgive(secret, Some(&self.service.tenant), channel, scope);
        if changes.is_empty() {
            return Err(Fault::NoTallyOfScope.into());
        }
        self.adjust(about, changes)
    }

    /// Changes tallies by a clock that is in range: they would not decay until the time it shows.
    fn adjust(&self, about: About, changes: Vec<crate::store::Change>) -> Result<Adjust, Error> {
        Ok(Adjust { about, changes, now: valid(self.now)? })
    }
}
