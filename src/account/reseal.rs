//! Encrypting an authenticator's secret under another key.

use super::record::{AccountRecord, AccountState};
use super::sealed::Sealed;
use crate::error::Refusal;
use crate::otp::{Context, Drawn, Step, Transition};

impl AccountRecord {
    /// Encrypts the secret of the authenticator, pending or active, under the current tag key.
    /// Returns whether that was necessary.
    ///
    /// # Errors
    ///
    /// [`ClockWentBack`] or [`ClockOutOfRange`] if the clock is wrong, [`UnknownKey`] if this
    /// server does not have the key under which the secret is sealed.
    ///
    /// [`ClockWentBack`]: crate::error::Fault::ClockWentBack
    /// [`ClockOutOfRange`]: crate::error::Fault::ClockOutOfRange
    /// [`UnknownKey`]: crate::error::Fault::UnknownKey
    pub fn reseal(&self, context: &Context<'_>, drawn: &Drawn) -> Transition<bool, AccountState> {
        let mut next = self.open(context)?;
        let Some(enrolment) = &mut next.value.totp else { return Step::refuse(Refusal::NotEnrolled) };
        if enrolment.sealed.key == context.keys.current() {
            return Ok(Step::Answer(Ok(false)));
        }
        let secret = enrolment.secret(context.key, context.keys)?;
        let binding = enrolment.binding(context.key);
        enrolment.sealed = Sealed::seal(&secret, context.keys, drawn.nonce(), &binding)?;
        Step::write(next, Ok(true))
    }
}
