//! A test number and a code that always work, for test environments. Requires the feature
//! `sandbox`.

use super::Issued;
use crate::Verified;
use crate::error::Error;
use crate::keys::TenantId;
use crate::otp::{Attempt, CodeFormat, Match, NewCode, Terms};
use crate::service::Service;
use crate::{Channel, Code, Handle, Purpose, Reason, Recipient, Refusal, Timestamp};

#[cfg(feature = "sandbox")]
const TEST_NUMBER: u64 = 10_000_000_000;
const TEST_CODE: &str = "000000";

/// Returns whether this verifier treats the recipient as the test number.
#[cfg(feature = "sandbox")]
pub(super) fn is_for(service: &Service, recipient: &Recipient) -> bool {
    service.sandbox && recipient.phone().is_some_and(|number| number.digits() == TEST_NUMBER)
}

#[cfg(not(feature = "sandbox"))]
pub(super) const fn is_for(_: &Service, _: &Recipient) -> bool {
    false
}

pub(super) fn start(recipient: &Recipient, terms: &Terms, now: Timestamp) -> Result<Issued, Error> {
    if !recipient.is_reached_by(terms.channel) {
        return Err(Reason::NotATelephoneChannel.into());
    }
    let handle = handle(terms.channel, terms.purpose);
    issue(handle, terms.channel, now)
}

pub(super) fn resend(handle: Handle, purpose: Purpose, now: Timestamp) -> Result<Issued, Error> {
    let (channel, _) = read(handle).filter(|&(_, of)| of == purpose).ok_or(Refusal::UnknownHandle)?;
    issue(handle, channel, now)
}

pub(super) fn check(
    recipient: Recipient,
    attempt: &Attempt<'_>,
    now: Timestamp,
    tenant: TenantId,
) -> Result<Verified, Error> {
    let shown = attempt.handle.map_or(Some((Channel::Sms, attempt.purpose)), |handle| read(*handle));
    let (channel, purpose) = shown.filter(|&(_, p)| p == attempt.purpose).ok_or(Refusal::UnknownHandle)?;
    let code = Code::entered(attempt.entry, CodeFormat::DEFAULT).ok_or(Refusal::MalformedCode)?;
    if code.as_str() != TEST_CODE {
        return Err(Refusal::WrongCode { tries_left: u8::MAX, lock: None }.into());
    }
    Ok(Verified::from_tests(recipient, Match { purpose, channel, at: now }, tenant))
}

fn issue(handle: Handle, channel: Channel, now: Timestamp) -> Result<Issued, Error> {
    let code = Code::entered(TEST_CODE, CodeFormat::DEFAULT).ok_or(Refusal::MalformedCode)?;
    let expires_at = now + crate::Lifetime::DEFAULT.as_duration();
    Ok(Issued::for_tests(NewCode { handle, code, channel, expires_at }))
}

/// The sandbox stores nothing, so the handle encodes the channel and the purpose.
fn handle(channel: Channel, purpose: Purpose) -> Handle {
    let mut bytes = [0; 16];
    bytes[5] = channel.number();
    bytes[6..].copy_from_slice(purpose.as_bytes());
    Handle::from_bytes(bytes)
}

fn read(handle: Handle) -> Option<(Channel, Purpose)> {
    let [0, 0, 0, 0, 0, channel, purpose @ ..] = *handle.as_bytes() else { return None };
    Some((Channel::from_number(channel)?, Purpose::from_bytes(purpose)?))
}

#[cfg(test)]
#[cfg(all(feature = "std", feature = "sandbox"))]
mod tests {
    use super::*;
    use crate::{Keys, MemoryStore, PhoneNumber, Policy, Verifier};
    use alloc::sync::Arc;

    fn plain() -> Verifier<Arc<MemoryStore>> {
        let policy = Policy::default().allow_unallocated(Channel::Sms, true).unwrap();
        Verifier::new(Keys::from_secret([7; 32]).unwrap(), Arc::new(MemoryStore::new())).with_policy(policy)
    }

    fn number() -> PhoneNumber {
        "+10000000000".parse().unwrap()
    }

    fn refusal<T: core::fmt::Debug>(result: Result<T, Error>) -> Refusal {
        result.unwrap_err().refusal().unwrap()
    }

    #[test]
    fn accepts_only_the_test_code_for_the_test_number() {
        let sandbox = plain().with_sandbox_for_tests();
        for channel in [Channel::Sms, Channel::WhatsApp] {
            let issued = sandbox.start(number(), channel).unwrap();
            let check = |entry| sandbox.check(number(), issued.handle(), entry);
            assert!(matches!(refusal(check("000001")), Refusal::WrongCode { .. }));
            assert_eq!(refusal(check("00000")), Refusal::MalformedCode);
            let verified = check("000000").unwrap();
            assert_eq!((verified.channel(), verified.is_from_tests()), (channel, true));
        }
        assert!(matches!(
            sandbox.start(number(), Channel::Email),
            Err(Error::Denied(Reason::NotATelephoneChannel))
        ));
        let foreign = Handle::from_bytes([9; 16]);
        assert_eq!(refusal(sandbox.check(number(), foreign, "000000")), Refusal::UnknownHandle);
        assert_eq!(refusal(sandbox.resend(number(), foreign)), Refusal::UnknownHandle);
        assert!(sandbox.store.is_empty());
    }

    #[test]
    fn rejects_the_test_code_for_other_numbers() {
        let sandbox = plain().with_sandbox_for_tests();
        let number: PhoneNumber = "+12025550162".parse().unwrap();
        let issued = sandbox.start(number, Channel::Sms).unwrap();
        if issued.code().as_str() != "000000" {
            assert!(matches!(
                refusal(sandbox.check(number, issued.handle(), "000000")),
                Refusal::WrongCode { .. }
            ));
        }
        let verified = sandbox.check(number, issued.handle(), issued.code().as_str()).unwrap();
        assert!(!issued.is_for_tests() && !verified.is_from_tests());
    }

    #[test]
    fn rejects_the_test_number_without_the_sandbox() {
        let verifier = plain();
        let issued = verifier.start(number(), Channel::Sms).unwrap();
        assert!(!issued.is_for_tests());
        let checked = verifier.check_without_handle(number(), "00000");
        assert_eq!(refusal(checked), Refusal::MalformedCode);

        let cloned = verifier.with_sandbox_for_tests().clone();
        assert!(cloned.start(number(), Channel::Sms).unwrap().is_for_tests());
    }
}
