//! Charging an account for the comparisons of passcodes and recovery codes.
//!
//! Their codes are in records of their own. A call charges the account first, and then compares; a
//! crash in between leaves a failure and no verdict. A success is settled afterwards.

#[cfg(test)]
mod tests;

use super::budget::{Budget, ChargeId, Group};
use super::factor::Factor;
use super::record::AccountRecord;
use crate::clock;
use crate::error::{Fault, Refusal};
use crate::limits::Lock;
use crate::otp::Context;
use crate::time::Timestamp;

/// A charge, and the record that contains it.
#[derive(Debug)]
#[must_use]
pub(crate) struct Charged {
    /// The next record, to be written before the comparison.
    pub(crate) next: AccountRecord,
    /// Names the charge when it is settled or refunded.
    pub(crate) id: ChargeId,
    /// How many more failures lead to a lock.
    pub(crate) tries_left: u8,
    /// The lock that the charge caused, if any.
    pub(crate) lock: Option<Lock>,
}

impl AccountRecord {
    /// Returns the lock of this group as a refusal, if it is locked.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub(crate) fn why_locked(&self, context: &Context<'_>, group: Group) -> Result<Option<Refusal>, Fault> {
        let at = clock::record_time(self.at, context.now)?;
        Ok(self.value.budget.lock_refusal(group, at))
    }

    /// Counts a failure of this factor before its comparison. The group must not be
    /// [locked](Self::why_locked).
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub(crate) fn charge(
        &self,
        context: &Context<'_>,
        group: Group,
        factor: Factor,
    ) -> Result<Charged, Fault> {
        let mut next = self.open(context)?;
        let (at, budget) = (next.at, &mut next.value.budget);
        let id = budget.charge(group, factor, context.operation as u32, at, context.limits);
        let (tries_left, lock) = (budget.tries_left(group, at, context.limits), budget.lock(group, at));
        Ok(Charged { next, id, tries_left, lock })
    }

    /// Returns whether the record contains this charge, even if it was settled since. Otherwise the
    /// record was forgotten or the engine lost the write, and no verdict may be read.
    ///
    /// It knows the last 64 charges of each factor.
    pub(crate) fn has_charged(&self, charge: ChargeId) -> bool {
        self.value.budget.knows(charge)
    }

    /// Clears the factor's failures up to this charge, after its comparison succeeded, and undoes
    /// the lock that the charge caused. Failures that were charged after it remain.
    ///
    /// Returns the next record, or `None` if nothing has to be written: it was settled before, an
    /// operator cleared the failures, or the record was forgotten.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub(crate) fn settle(&self, context: &Context<'_>, charge: ChargeId) -> Result<Option<Self>, Fault> {
        self.adjust(context, |budget| budget.settle(charge))
    }

    /// Takes back a charge whose comparison did not take place, and the lock that it caused. As
    /// [`settle`](Self::settle) otherwise.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub(crate) fn refund(&self, context: &Context<'_>, charge: ChargeId) -> Result<Option<Self>, Fault> {
        self.adjust(context, |budget| budget.refund(charge))
    }

    fn adjust(&self, context: &Context<'_>, change: impl FnOnce(&mut Budget)) -> Result<Option<Self>, Fault> {
        let mut next = self.open(context)?;
        let before = next.value.budget.clone();
        change(&mut next.value.budget);
        Ok((next.value.budget != before).then_some(next))
    }
}

impl Budget {
    /// Returns the lock in force as a refusal.
    pub(super) fn lock_refusal(&self, group: Group, at: Timestamp) -> Option<Refusal> {
        self.lock(group, at).map(|lock| match lock {
            Lock::Until(until) => Refusal::Locked { until },
            Lock::Closed => Refusal::Closed,
        })
    }
}
