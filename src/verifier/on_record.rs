//! The plan of a call on one passcode record.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;

use super::calls::RecordCall;
#[cfg(feature = "alloc")]
use super::guarded::{Follow, GuardedCall};
use crate::error::{Error, Fault};
use crate::events::About;
#[cfg(feature = "alloc")]
use crate::guard::Ruling;
use crate::kernel::{Next, Plan, Seen, Then, Write};
use crate::keys::Lane;
use crate::otp::{Context, Record, Step};
use crate::service::Service;
#[cfg(feature = "alloc")]
use crate::store::{Change, TallyKey};
use crate::store::{Keep, Loaded, RecordBytes, RecordKey, Revision};
use crate::{Recipient, Timestamp};

/// Where a record is stored, and the time of the call.
pub(super) struct Place {
    pub(super) key: RecordKey,
    is_device: bool,
    pub(super) now: Timestamp,
}

impl Place {
    pub(super) fn new(service: &Service, recipient: &Recipient, lane: Lane, now: Timestamp) -> Self {
        Self { key: service.locate(recipient, lane), is_device: lane.device().is_some(), now }
    }

    pub(super) fn context<'a>(&'a self, service: &'a Service, operation: u64) -> Context<'a> {
        let Service { keys, limits, epoch, .. } = service;
        Context { key: &self.key, keys, limits, epoch: *epoch, now: self.now, operation }
    }

    pub(super) fn read(&self, service: &Service, loaded: &Loaded) -> Result<Record, Fault> {
        Ok(Record::decode(loaded.record(), &self.key, &service.keys)?)
    }

    /// Encodes the next record and returns the swap that replaces the expected revision.
    #[inline(always)]
    pub(super) fn write(
        &self,
        service: &Service,
        expected: Revision,
        next: &Record,
        record: &mut RecordBytes,
    ) -> Result<Write, Fault> {
        next.encode_into(record, &self.key, &service.keys)?;
        Ok(Write { slot: 0, expected, keep: self.keep(next) })
    }

    /// Returns how long the store keeps the record, and whether it belongs to a known device.
    fn keep(&self, record: &Record) -> Keep {
        let keep = record.keep();
        if self.is_device { keep.for_known_device() } else { keep }
    }
}

/// A call on one record, or one that is answered without a record.
pub(super) struct OnRecord<C: RecordCall> {
    about: About,
    call: Ready<C>,
    #[cfg_attr(not(feature = "alloc"), expect(dead_code, reason = "there is no guard"))]
    guard: GuardPart,
}

/// The guard's part of a call, if there is a guard.
#[cfg(feature = "alloc")]
pub(super) type GuardPart = Option<Box<GuardedCall>>;
/// Without an allocator there is none.
#[cfg(not(feature = "alloc"))]
pub(super) type GuardPart = Option<core::convert::Infallible>;

enum Ready<C: RecordCall> {
    Call { place: Place, call: C },
    Answered(Option<C::Output>),
}

impl<C: RecordCall> OnRecord<C> {
    #[inline(always)]
    pub(super) const fn new(place: Place, about: About, call: C, guard: GuardPart) -> Self {
        Self { about, call: Ready::Call { place, call }, guard }
    }

    pub(super) const fn answered(answer: C::Output, about: About) -> Self {
        Self { about, call: Ready::Answered(Some(answer)), guard: None }
    }
}

impl<C: RecordCall> Plan for OnRecord<C> {
    type Output = C::Output;

    fn about(&self) -> About {
        match &self.call {
            Ready::Call { call, .. } => About { channel: call.channel(), ..self.about },
            Ready::Answered(_) => self.about,
        }
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        match &self.call {
            Ready::Call { place, .. } => core::slice::from_ref(&place.key),
            Ready::Answered(_) => &[],
        }
    }

    #[cfg(feature = "alloc")]
    #[inline(always)]
    fn tallies(&self, _stage: u8) -> &[TallyKey] {
        self.guard.as_ref().map_or(&[], |guard| guard.keys())
    }

    #[cfg(feature = "alloc")]
    fn now(&self) -> Timestamp {
        self.guard.as_ref().map_or(Timestamp::EPOCH, |guard| guard.now())
    }

    #[cfg(feature = "alloc")]
    #[inline(always)]
    fn changes(&self) -> &[Change] {
        self.guard.as_ref().map_or(&[], |guard| guard.changes())
    }

    #[cfg(feature = "alloc")]
    fn decides_without_tallies(&self, service: &Service) -> bool {
        self.guard.as_ref().is_some_and(|guard| guard.decides_without_tallies(service))
    }

    #[cfg(feature = "alloc")]
    fn ruling(&self) -> Option<&Ruling> {
        self.guard.as_ref()?.ruling().map(|ruling| &**ruling)
    }

    #[inline(always)]
    fn next(
        &mut self,
        service: &Service,
        _stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<C::Output>, Error> {
        let (place, call) = match &mut self.call {
            Ready::Call { place, call } => (place, call),
            Ready::Answered(answer) => return Ok(Next::Done(answer.take().ok_or(Fault::OutOfTurn)?)),
        };
        #[cfg(feature = "alloc")]
        self.guard.iter_mut().for_each(|guard| guard.reset());
        let loaded = seen.get(0);
        let mut stored = Record::fresh();
        stored.fill(loaded.record(), &place.key, &service.keys).map_err(Fault::from)?;
        match call.decide(&stored, &place.context(service, operation))? {
            Step::Answer(answer) => Ok(Next::Done(call.output(answer?))),
            #[cfg_attr(not(feature = "alloc"), expect(unused_mut, reason = "only the guard changes it"))]
            Step::Write { mut next, withheld } => {
                #[cfg(feature = "alloc")]
                if let Some(guard) = self.guard.as_deref_mut().filter(|_| withheld.is_success()) {
                    match guard.follow(service, seen.tallies(), &mut next)? {
                        Follow::ReadAgain => return Ok(Next::ReadAgain),
                        Follow::Write => {
                            guard.ruling().into_iter().for_each(|own| call.set_ruling(own.clone()))
                        }
                    }
                }
                let write = place.write(service, loaded.revision(), &next, record)?;
                Ok(Next::Write(write, Then::Reveal(withheld.map(|raw| call.output(raw)))))
            }
        }
    }

    fn is_written(
        &self,
        service: &Service,
        _stage: u8,
        _slot: usize,
        loaded: &Loaded,
        operation: u64,
    ) -> Result<bool, Fault> {
        match &self.call {
            Ready::Call { place, .. } => Ok(place.read(service, loaded)?.was_written_by(operation)),
            Ready::Answered(_) => Ok(false),
        }
    }
}

#[cfg(feature = "totp")]
impl<C: RecordCall> super::account::OfFactor for OnRecord<C> {
    const FACTOR: crate::account::Factor = crate::account::Factor::Passcode;
}
