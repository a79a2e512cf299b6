//! An account with all factors, whose codes every client knows.

use countersign::account::{Factor, RecoveryFormat};
use countersign::store::Store;
use countersign::totp::{TimeStep, TotpSecret, TotpSettings};
use countersign::verifier::Moment;
use countersign::{Account, Challenge, Channel, Error, Handle, PhoneNumber, Timestamp};
use countersign_tests::rng::Seeded;

use crate::SetupError;
use crate::call::{Entry, Outcome, done, proven};
use crate::state::Budgeted;

/// A recovery code that was not issued, unless with a probability of one in 10¹⁷.
const WRONG_RECOVERY: &str = "aaaa-aaaa-aaaa";

/// An account, and one code of each factor.
#[derive(Clone)]
pub(crate) struct Holder {
    account: Account,
    secret: TotpSecret,
    recovery: Box<str>,
    number: PhoneNumber,
    handle: Handle,
    passcode: Box<str>,
}

impl Holder {
    /// Enrols the account's factors, and sends it a passcode.
    pub(crate) fn new<S: Store>(at: &Moment<'_, S, Seeded>) -> Result<Self, SetupError> {
        let (account, number) = (Account::new("user-test-7")?, "+12025550163".parse()?);
        let secret = TotpSecret::from_bytes(&[9; 20])?;
        let calls = at.account(&account);
        calls.import_totp(secret.clone(), TotpSettings::DEFAULT)?;
        let format = RecoveryFormat::DEFAULT.with_codes(2)?;
        let codes = calls.issue_recovery_codes(&calls.may_enrol_by_own_session(), format)?;
        let recovery = codes.iter().next().unwrap_or_default().into();
        let issued = at.start(Challenge::new(number).with_account(&account), Channel::Sms)?;
        let (handle, passcode) = (issued.handle(), issued.code().as_str().into());
        Ok(Self { account, secret, recovery, number, handle, passcode })
    }

    /// Enters the code of a factor, or a wrong one.
    pub(crate) fn prove<S: Store>(
        &self,
        at: &Moment<'_, S, Seeded>,
        clock: Timestamp,
        factor: Factor,
        entry: Entry,
    ) -> Outcome {
        let (calls, is_right) = (at.account(&self.account), entry == Entry::Right);
        let result = match factor {
            Factor::Totp => calls.check_totp(&self.totp(clock, is_right)).map(drop),
            Factor::RecoveryCode if is_right => calls.check_recovery_code(&self.recovery).map(drop),
            Factor::RecoveryCode => calls.check_recovery_code(WRONG_RECOVERY).map(drop),
            Factor::Passcode => {
                let challenge = Challenge::new(self.number).with_account(&self.account);
                let code = if is_right { self.passcode.to_string() } else { other_than(&[&*self.passcode]) };
                at.check(challenge, self.handle, &code).map(drop)
            }
        };
        proven(factor, result)
    }

    /// Removes the authenticator.
    pub(crate) fn remove<S: Store>(&self, at: &Moment<'_, S, Seeded>) -> Outcome {
        done(at.account(&self.account).remove_totp())
    }

    /// Enrols the same secret again.
    pub(crate) fn import<S: Store>(&self, at: &Moment<'_, S, Seeded>) -> Outcome {
        done(at.account(&self.account).import_totp(self.secret.clone(), TotpSettings::DEFAULT))
    }

    /// Returns the failures and the lock.
    pub(crate) fn seen<S: Store>(&self, at: &Moment<'_, S, Seeded>) -> Result<Budgeted, Error> {
        let status = at.account(&self.account).status()?;
        Ok(Budgeted { failures: status.failures, locked: status.lock.is_some() })
    }

    fn totp(&self, clock: Timestamp, is_right: bool) -> String {
        let settings = TotpSettings::DEFAULT;
        let step = settings.step(clock).number();
        let code = |step| settings.code(&self.secret, TimeStep::new(step)).as_str().to_owned();
        let near: Vec<String> = (step - 1..=step + 1).map(code).collect();
        if is_right { code(step) } else { other_than(&near) }
    }
}

/// Returns a code of six digits that is none of these.
fn other_than(codes: &[impl AsRef<str>]) -> String {
    let taken = |guess: &String| codes.iter().any(|code| code.as_ref() == guess);
    (0..).map(|guess| format!("{guess:06}")).find(|guess| !taken(guess)).unwrap_or_default()
}
