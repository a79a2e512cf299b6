//! Calls on an account. Marked as undefined are the root secret (and with it every key, tag and
//! MAC), the secret of the authenticator, the random bytes of codes and nonces, and the entries.

use core::error::Error;
use core::time::Duration;

use countersign::account::{RecoveryFormat, TotpTerms};
use countersign::totp::{TotpSecret, TotpSettings};
use countersign::{
    Account, Challenge, Channel, Error as Failure, Handle, Keys, MemoryStore, PhoneNumber, Refusal,
    Timestamp, Verifier,
};
use countersign_evidence::memcheck::{conceal, reveal_value};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

use super::{Border, Concealed, conceal_text};

const SECRET: [u8; 20] = *b"totp-secret-of-ada-l";

/// A service and an account, whose authenticator waits for its first code.
struct Service {
    verifier: Verifier<Border>,
    account: Account,
    rng: Concealed,
    now: Timestamp,
}

impl Service {
    fn new() -> Result<Self, Box<dyn Error>> {
        let mut root = *b"root-secret-that-nobody-may-see!";
        conceal(&mut root);
        let verifier = Verifier::new(Keys::from_secret(root)?, Border(MemoryStore::new()));
        let account = Account::new("user-test-7")?;
        let rng = Concealed(ChaCha8Rng::seed_from_u64(1));
        let mut service = Self { verifier, account, rng, now: Timestamp::from_unix_seconds(1_800_000_000) };
        let mut secret = SECRET;
        conceal(&mut secret);
        let terms = TotpTerms::new().with_secret(TotpSecret::from_bytes(&secret)?);
        let at = service.verifier.at(service.now, &mut service.rng);
        let calls = at.account(&service.account);
        let _ = calls.enrol_totp(&calls.may_enrol_by_own_session(), terms)?;
        Ok(service)
    }

    /// Returns the code that the app shows.
    fn shown(&self) -> Result<String, Box<dyn Error>> {
        let settings = TotpSettings::DEFAULT;
        Ok(settings.code(&TotpSecret::from_bytes(&SECRET)?, settings.step(self.now)).as_str().to_owned())
    }

    fn check_totp(&mut self, mut entry: String) -> Result<(), Failure> {
        conceal_text(&mut entry);
        let at = self.verifier.at(self.now, &mut self.rng);
        public(at.account(&self.account).check_totp(&entry)).map(drop)
    }

    fn check_recovery_code(&mut self, mut entry: String) -> Result<(), Failure> {
        conceal_text(&mut entry);
        let at = self.verifier.at(self.now, &mut self.rng);
        public(at.account(&self.account).check_recovery_code(&entry)).map(drop)
    }

    fn check_passcode(
        &mut self,
        challenge: &Challenge<'_>,
        handle: Handle,
        entry: &str,
    ) -> Result<(), Failure> {
        let mut entry = entry.to_owned();
        conceal_text(&mut entry);
        public(self.verifier.at(self.now, &mut self.rng).check(challenge, handle, &entry)).map(drop)
    }
}

/// Returns an answer that is no longer withheld: it is public.
fn public<T>(mut answer: Result<T, Failure>) -> Result<T, Failure> {
    reveal_value(&mut answer);
    answer
}

fn expect(answer: Result<(), Failure>, is_expected: fn(Refusal) -> bool) -> Result<(), Box<dyn Error>> {
    match answer {
        Err(Failure::Refused(refusal)) if is_expected(refusal) => Ok(()),
        answer => Err(format!("unexpected: {answer:?}").into()),
    }
}

const fn is_wrong(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::WrongCode { .. })
}

const fn is_used(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::AlreadyUsed)
}

/// Enters the first code, the same again, a wrong one, and the next.
pub(super) fn check_totp() -> Result<(), Box<dyn Error>> {
    let mut service = Service::new()?;
    service.check_totp(service.shown()?)?;
    expect(service.check_totp(service.shown()?), is_used)?;
    service.now = service.now + Duration::from_secs(30);
    expect(service.check_totp("000 000".to_owned()), is_wrong)?;
    Ok(service.check_totp(service.shown()?)?)
}

/// Issues recovery codes, and enters a wrong code, one of them, and the same again.
pub(super) fn check_recovery_codes() -> Result<(), Box<dyn Error>> {
    let mut service = Service::new()?;
    service.check_totp(service.shown()?)?;
    let at = service.verifier.at(service.now, &mut service.rng);
    let calls = at.account(&service.account);
    let codes = calls.issue_recovery_codes(&calls.may_enrol_by_own_session(), RecoveryFormat::DEFAULT)?;
    let code = codes.iter().nth(3).unwrap_or_default().to_owned();
    expect(service.check_recovery_code("aaaa-aaaa-aaaa".to_owned()), is_wrong)?;
    service.check_recovery_code(code.clone())?;
    expect(service.check_recovery_code(code), is_used)
}

/// Starts a challenge of the account, and enters a wrong code and the right one.
pub(super) fn check_passcodes() -> Result<(), Box<dyn Error>> {
    let mut service = Service::new()?;
    let number: PhoneNumber = "+12025550162".parse()?;
    let account = service.account.clone();
    let challenge = Challenge::new(number).with_account(&account);
    let issued = service.verifier.at(service.now, &mut service.rng).start(&challenge, Channel::Sms)?;
    expect(service.check_passcode(&challenge, issued.handle(), "000000"), is_wrong)?;
    Ok(service.check_passcode(&challenge, issued.handle(), issued.code().as_str())?)
}
