//! The record of an account.

mod fields;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use super::budget::Budget;
use super::enrolment::{Enrolment, Spent, State, pending_for};
use super::id::EnrolmentId;
use crate::clock::{self, CLOCK_TOLERANCE, valid};
use crate::error::Fault;
use crate::kernel::{Envelope, Reader, RecordKind, Writer};
use crate::limits::DAY;
use crate::otp::Context;
use crate::time::Timestamp;

/// The record of an account: its failures and locks over all factors, and its authenticator. One
/// swap changes all of it or nothing, so that a TOTP check is one swap.
///
/// The record contains neither the account's id nor a code, and the authenticator's secret is
/// encrypted. It changes only by its transitions ([`enrol`](AccountRecord::enrol),
/// [`check_totp`](AccountRecord::check_totp) …), which are pure: time and randomness are arguments.
pub type AccountRecord = Envelope<AccountState>;

/// The fields of an [`AccountRecord`].
#[derive(Clone, Default)]
pub struct AccountState {
    pub(super) budget: Budget,
    pub(super) totp: Option<Enrolment>,
    pub(super) spent: Vec<Spent>,
}

impl RecordKind for AccountState {
    const DOMAIN: u8 = 2;
    const LONGEST: usize = fields::LONGEST;

    fn put(&self, _at: Timestamp, out: &mut Writer<'_>) {
        fields::put(self, out);
    }

    fn fill(&mut self, _at: Timestamp, from: &mut Reader<'_>) -> Option<()> {
        fields::fill(self, from)
    }

    fn keep_until(&self, at: Timestamp) -> Timestamp {
        let totp = self.totp.as_ref().map_or(Timestamp::EPOCH, |enrolment| match enrolment.state {
            State::Active { .. } => Timestamp::MAX,
            // It expires by its server's clock. After any write it is pending no longer than at
            // first.
            State::Pending { minutes, .. } => at + pending_for(minutes) + DAY,
        });
        let spent = self.spent.iter().map(|spent| spent.at + DAY).max().unwrap_or_default();
        totp.max(spent).max(self.budget.keep_until())
    }
}

impl AccountRecord {
    /// Returns the record before any change, with the operation, epoch and record time of this
    /// call.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`], or [`Fault::ClockWentBack`] if the clock is more than a day
    /// behind the record.
    pub(super) fn open(&self, context: &Context<'_>) -> Result<Self, Fault> {
        let at = clock::record_time(self.at, context.now)?;
        Ok(self.clone().stamped(context, at))
    }

    /// As [`open`](Self::open), but sets the record time to this server's clock, even if that is
    /// behind. An enrolment that was started in this clock's future is dropped.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is out of range.
    pub(super) fn reset(&self, context: &Context<'_>) -> Result<Self, Fault> {
        let now = valid(context.now)?;
        let mut reset = self.clone();
        let is_of_future = |enrolment: &Enrolment| match enrolment.state {
            State::Pending { started, .. } => started.since(now) > CLOCK_TOLERANCE,
            State::Active { .. } => false,
        };
        reset.value.totp.take_if(|enrolment| is_of_future(enrolment));
        reset.value.spent.iter_mut().for_each(|spent| spent.at = spent.at.min(now));
        Ok(reset.stamped(context, now))
    }

    /// Returns the authenticator whose codes can be checked: the active one, or a pending one that
    /// has not expired.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] if it is pending and the clock is behind that of the enrolling
    /// server.
    pub(super) fn live(&self, context: &Context<'_>) -> Result<Option<&Enrolment>, Fault> {
        match &self.value.totp {
            Some(enrolment) if enrolment.is_active() => Ok(Some(enrolment)),
            Some(pending) if self.epoch >= context.epoch => {
                Ok(pending.is_live(context.now)?.then_some(pending))
            }
            _ => Ok(None),
        }
    }

    /// Returns the enrolment, active, pending or expired.
    pub(crate) fn enrolment(&self) -> Option<EnrolmentId> {
        self.value.totp.as_ref().map(|enrolment| enrolment.id)
    }

    /// Returns the active enrolment, to which recovery codes must be bound to be accepted.
    pub(crate) fn active_enrolment(&self) -> Option<EnrolmentId> {
        self.value.totp.as_ref().filter(|enrolment| enrolment.is_active()).map(|enrolment| enrolment.id)
    }

    /// Returns the enrolment to which new recovery codes are bound: the active one, or a pending
    /// one that has not expired.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] if it is pending and the clock is behind that of the enrolling
    /// server.
    pub(crate) fn any_enrolment(&self, context: &Context<'_>) -> Result<Option<EnrolmentId>, Fault> {
        Ok(self.live(context)?.map(|enrolment| enrolment.id))
    }

    /// A new epoch ends a pending enrolment, because a restored backup may have revived one that
    /// was replaced. An active authenticator and all failures remain.
    fn stamped(mut self, context: &Context<'_>, at: Timestamp) -> Self {
        if self.epoch < context.epoch {
            self.value.totp.take_if(|enrolment| !enrolment.is_active());
            self.epoch = context.epoch;
        }
        self.value.budget.run_out(at);
        self.value.spent.retain(|spent| at < spent.at + DAY);
        let earlier = self.earlier_after();
        Self { operation: context.operation, earlier, at, is_forgotten: false, ..self }
    }
}

impl fmt::Debug for AccountState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountState")
            .field("failures", &self.budget.sum())
            .field("has_totp", &self.active_totp())
            .finish_non_exhaustive()
    }
}

impl AccountState {
    fn active_totp(&self) -> bool {
        self.totp.as_ref().is_some_and(Enrolment::is_active)
    }
}
