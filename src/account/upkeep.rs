//! Removing an authenticator, and the calls of operators.

#[cfg(test)]
mod tests;

use super::budget::Group;
use super::enrolment::{Spent, State, pending_for};
use super::record::{AccountRecord, AccountState};
use crate::clock::valid;
use crate::error::Fault;
use crate::limits::Lock;
use crate::otp::{Context, Step, Transition};
use crate::time::Timestamp;

impl AccountRecord {
    /// Removes the authenticator. Its failures remain until they are forgotten. Without an
    /// authenticator, nothing changes.
    ///
    /// If the same secret is enrolled again within a day, codes that were used before the removal
    /// stay used. The record remembers this of the last four secrets.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub fn remove(&self, context: &Context<'_>) -> Transition<(), AccountState> {
        let mut next = self.open(context)?;
        if self.value.totp.is_none() {
            return Ok(Step::Answer(Ok(())));
        }
        if let Some(removed) = next.value.totp.take()
            && let Some(last) = removed.last
            // A secret that this server cannot open must not keep anybody from removing it.
            && let Ok(secret) = removed.secret(context.key, context.keys)
        {
            let (at, settings) = (next.at, removed.settings);
            let spent = Spent::new(&secret, settings, last, at, context.key, context.keys);
            spent.note(&mut next.value.spent);
        }
        Step::write(next, Ok(()))
    }

    /// Clears all failures and locks, and sets the record time to this server's clock, so that a
    /// record written by a clock far ahead can be used again. The authenticator is kept.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is out of range.
    pub fn unlock(&self, context: &Context<'_>) -> Transition<(), AccountState> {
        let mut next = self.reset(context)?;
        next.value.budget.clear();
        Step::write(next, Ok(()))
    }

    /// Returns the marker that replaces a forgotten record. It contains only the operation and the
    /// time, and expires after ten minutes.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is out of range.
    pub fn forget(context: &Context<'_>) -> Result<Self, Fault> {
        Ok(Self::forgotten(context.operation, valid(context.now)?))
    }

    /// Returns the status of the account, as it is for this group.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is out of range.
    pub fn status(&self, context: &Context<'_>, group: Group) -> Result<AccountStatus, Fault> {
        let at = valid(context.now)?.max(self.at);
        let mut budget = self.value.budget.clone();
        budget.run_out(at);
        let totp = match self.value.totp.as_ref().map(|enrolment| enrolment.state) {
            Some(State::Active { since }) => TotpStatus::Active { since },
            Some(State::Pending { started, minutes })
                if self.epoch >= context.epoch && context.now < started + pending_for(minutes) =>
            {
                TotpStatus::Pending { until: started + pending_for(minutes) }
            }
            _ => TotpStatus::None,
        };
        Ok(AccountStatus { failures: budget.sum(), lock: budget.lock(group, at), totp })
    }
}

/// The status of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountStatus {
    /// Failures that count, of all factors and of both groups.
    pub failures: u16,
    /// The lock in force for the group that was asked for, if any.
    pub lock: Option<Lock>,
    /// The authenticator.
    pub totp: TotpStatus,
}

/// The status of an account's authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TotpStatus {
    /// There is none: none was enrolled, it was not confirmed in time, or it was removed.
    None,
    /// An enrolment waits for its first code. It counts as no factor.
    Pending {
        /// When it expires.
        until: Timestamp,
    },
    /// The authenticator is a factor.
    Active {
        /// When it was confirmed or imported.
        since: Timestamp,
    },
}
