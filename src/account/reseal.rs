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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyId;
    use crate::account::testing::{Host, NOW, code, rotated};
    use crate::error::Fault;

    fn reseal(host: &mut Host) -> Result<Result<bool, Refusal>, Fault> {
        host.run(NOW, |record, context, drawn| record.reseal(context, drawn))
    }

    #[test]
    fn an_old_key_can_be_retired_afterwards() {
        for is_pending in [false, true] {
            let mut host = if is_pending { Host::new() } else { Host::enrolled() };
            if is_pending {
                host.enrol(NOW).unwrap();
            }
            assert_eq!(reseal(&mut host), Ok(Ok(false)));
            host.keys = rotated(host.keys);
            assert_eq!(reseal(&mut host), Ok(Ok(true)));
            host.keys = host.keys.retire(KeyId::new(0)).unwrap();
            assert_eq!(reseal(&mut host), Ok(Ok(false)));
            assert!(host.check(NOW, code(NOW).as_str()).is_ok());
        }
    }

    #[test]
    fn needs_an_authenticator_and_its_key() {
        assert_eq!(reseal(&mut Host::new()), Ok(Err(Refusal::NotEnrolled)));
        let mut host = Host::enrolled();
        host.keys = rotated(host.keys).retire(KeyId::new(0)).unwrap();
        assert_eq!(reseal(&mut host), Err(Fault::UnknownKey(KeyId::new(0))));
    }
}
