//! Checking a code of an authenticator.

#[cfg(test)]
mod tests;

use super::budget::Group;
use super::enrolment::State;
use super::factor::Factor;
use super::record::{AccountRecord, AccountState};
use super::sealed::Sealed;
use crate::error::Refusal;
use crate::otp::{Context, Drawn, Step, Transition};
use crate::time::Timestamp;
use crate::totp::{TimeStep, TotpCheck, TotpVerdict, TypedTotp, Window};

/// An attempt to pass the check of an authenticator.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TotpAttempt<'a> {
    /// Who attempts.
    pub group: Group,
    /// How far the app's clock may be off.
    pub window: Window,
    /// What the person typed.
    pub entry: &'a TypedTotp,
}

impl<'a> TotpAttempt<'a> {
    /// Creates an attempt of the common group, with the default window.
    #[must_use]
    pub const fn new(entry: &'a TypedTotp) -> Self {
        Self { group: Group::Common, window: Window::DEFAULT, entry }
    }

    /// Sets who attempts.
    #[must_use]
    pub const fn with_group(self, group: Group) -> Self {
        Self { group, ..self }
    }

    /// Sets the window.
    #[must_use]
    pub const fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }
}

/// A code of an authenticator that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TotpMatch {
    /// The step of the code.
    pub step: TimeStep,
    /// How many steps the app's clock is ahead (negative: behind).
    pub drift: i8,
    /// When the code was checked.
    pub at: Timestamp,
    /// Whether it was the first code, which confirmed a pending enrolment.
    pub confirmed_enrolment: bool,
}

impl AccountRecord {
    /// Checks a code of the authenticator.
    ///
    /// Succeeds if and only if there is an active authenticator, or a pending one that has not
    /// expired, the group is not locked, and the entry is the code of a step within the window that
    /// is later than the last accepted one. That step is then the last accepted one, the
    /// authenticator is active, and the group's failures with authenticators are cleared.
    ///
    /// Only a wrong code counts as a failure. Any other refusal changes nothing.
    ///
    /// The code's time is that of this server's clock, not record time.
    ///
    /// # Errors
    ///
    /// [`ClockWentBack`] or [`ClockOutOfRange`] if the clock is wrong, [`UnknownKey`] if this
    /// server does not have the key under which the secret is sealed.
    ///
    /// [`ClockWentBack`]: crate::error::Fault::ClockWentBack
    /// [`ClockOutOfRange`]: crate::error::Fault::ClockOutOfRange
    /// [`UnknownKey`]: crate::error::Fault::UnknownKey
    pub fn check_totp(
        &self,
        context: &Context<'_>,
        attempt: &TotpAttempt<'_>,
        drawn: &Drawn,
    ) -> Transition<TotpMatch, AccountState> {
        let TotpAttempt { group, window, entry } = *attempt;
        let mut next = self.open(context)?;
        if next.live(context)?.is_none() {
            next.value.totp = None;
        }
        let Some(enrolment) = &mut next.value.totp else { return Step::refuse(Refusal::NotEnrolled) };
        let (at, budget) = (next.at, &mut next.value.budget);
        if let Some(refusal) = budget.lock_refusal(group, at) {
            return Step::refuse(refusal);
        }

        let (key, keys, settings) = (context.key, context.keys, enrolment.settings);
        let secret = enrolment.secret(key, keys)?;
        let check = TotpCheck::new(&secret, settings, settings.step(context.now))
            .with_window(window)
            .with_last_accepted(enrolment.last);
        let (step, drift) = match check.check_typed(entry) {
            TotpVerdict::Right { step, drift } => (step, drift),
            TotpVerdict::Malformed => return Step::refuse(Refusal::MalformedCode),
            TotpVerdict::AlreadyUsed => return Step::refuse(Refusal::AlreadyUsed),
            TotpVerdict::Wrong => {
                budget.charge(group, Factor::Totp, context.operation as u32, at, context.limits);
                let tries_left = budget.tries_left(group, at, context.limits);
                let lock = budget.lock(group, at);
                return Step::write(next, Err(Refusal::WrongCode { tries_left, lock }));
            }
        };
        budget.succeed(group, Factor::Totp);
        let confirmed_enrolment = !enrolment.is_active();
        if confirmed_enrolment {
            enrolment.state = State::Active { since: context.now };
        }
        enrolment.last = Some(step);
        if enrolment.sealed.key != keys.current() {
            enrolment.sealed = Sealed::seal(&secret, keys, drawn.nonce(), &enrolment.binding(key))?;
        }
        Step::write(next, Ok(TotpMatch { step, drift, at: context.now, confirmed_enrolment }))
    }
}
