//! Accounts in memory: authenticators, recovery codes and passcodes, at the times that the lines
//! name.

use countersign::account::{AccountStatus, RecoveryFormat, TotpTerms};
use countersign::limits::Lock;
use countersign::rng::SystemRng;
use countersign::{
    Account, Challenge, Channel, Error, Handle, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier,
};

use crate::fields::{Failure, number, secret};

/// The state of one run, which ends with it.
pub(crate) struct Machine(Verifier<MemoryStore>);

impl Machine {
    pub(crate) fn new() -> Result<Self, countersign::keys::KeyError> {
        // Nothing outlives the process, so the secret need not be one.
        Ok(Self(Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new())))
    }

    /// TIME ACCOUNT COMMAND … → the answer, or `refused` and a name.
    pub(crate) fn answer(&self, fields: &[&str]) -> Result<String, Failure> {
        let [time, account, command @ ..] = fields else { return Err(Failure("field_count")) };
        let seconds = number(time, "invalid_time")?;
        let millis = seconds.checked_mul(1000).ok_or(Failure("clock_out_of_range"))?;
        let account = Account::new(account).map_err(|_| Failure("invalid_account"))?;
        match self.call(Timestamp::from_unix_millis(millis), &account, command) {
            Ok(answer) => Ok(answer),
            Err(Stopped::Unreadable(failure)) => Err(failure),
            Err(Stopped::By(error)) => refusal(&error),
        }
    }

    fn call(&self, now: Timestamp, account: &Account, command: &[&str]) -> Result<String, Stopped> {
        let mut rng = SystemRng;
        let verifier = self.0.at(now, &mut rng);
        let calls = verifier.account(account);
        Ok(match *command {
            ["enrol", ref terms @ ..] => {
                let enrolled = calls.enrol_totp(&calls.may_enrol_by_own_session(), self::terms(terms)?)?;
                format!("enrolled\t{}", enrolled.secret().to_base32().as_str())
            }
            ["check", entry] => format!("verified\t{}", calls.check_totp(entry)?.step().number()),
            ["codes"] => {
                let permit = calls.may_enrol_by_own_session();
                let codes = calls.issue_recovery_codes(&permit, RecoveryFormat::DEFAULT)?;
                codes.iter().fold("codes".to_owned(), |line, code| line + "\t" + code)
            }
            ["left"] => format!("left\t{}", calls.recovery_codes_left()?),
            ["recover", entry] => format!("verified\t{}", calls.check_recovery_code(entry)?.left()),
            ["start", number] => {
                let challenge = Challenge::new(phone(number)?).with_account(account);
                let issued = verifier.start(challenge, Channel::Sms)?;
                format!("issued\t{}\t{}", issued.handle(), issued.code().as_str())
            }
            ["pass", number, handle, entry] => {
                let handle: Handle = handle.parse().map_err(|_| Failure("invalid_handle"))?;
                let challenge = Challenge::new(phone(number)?).with_account(account);
                let _verified = verifier.check(challenge, handle, entry)?;
                "verified".to_owned()
            }
            ["remove"] => calls.remove_totp().map(|()| "done".to_owned())?,
            ["unlock"] => calls.unlock().map(|()| "done".to_owned())?,
            ["status"] => status(&calls.status()?),
            [] => return Err(Failure("field_count").into()),
            [name, ..] if COMMANDS.contains(&name) => return Err(Failure("field_count").into()),
            _ => return Err(Failure("invalid_command").into()),
        })
    }
}

const COMMANDS: [&str; 9] =
    ["check", "codes", "left", "pass", "recover", "remove", "start", "status", "unlock"];

/// Why a call has no answer.
enum Stopped {
    Unreadable(Failure),
    By(Error),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Unreadable(failure)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::By(error)
    }
}

/// [MINUTES [SECRET]]
fn terms(fields: &[&str]) -> Result<TotpTerms, Failure> {
    let terms = TotpTerms::new();
    let (minutes, text) = match *fields {
        [] => return Ok(terms),
        [minutes] => (minutes, None),
        [minutes, text] => (minutes, Some(text)),
        _ => return Err(Failure("field_count")),
    };
    let minutes = number(minutes, "invalid_minutes")?;
    let terms = terms.with_minutes(minutes).map_err(|_| Failure("invalid_minutes"))?;
    Ok(match text {
        None => terms,
        Some(text) => terms.with_secret(secret(text)?),
    })
}

fn phone(text: &str) -> Result<PhoneNumber, Failure> {
    text.parse().map_err(|_| Failure("invalid_number"))
}

fn status(status: &AccountStatus) -> String {
    let failures = status.failures;
    match status.lock {
        None => format!("open\t{failures}"),
        Some(Lock::Until(until)) => {
            // In whole seconds, the first at which the lock has ended.
            format!("locked\t{failures}\t{}", until.unix_millis().div_ceil(1000))
        }
        Some(Lock::Closed) => format!("closed\t{failures}"),
    }
}

fn refusal(error: &Error) -> Result<String, Failure> {
    match error {
        Error::Refused(refusal) => Ok(format!("refused\t{}", refusal.as_str())),
        Error::Denied(reason) => Ok(format!("refused\t{}", reason.as_str())),
        Error::Fault(fault) => Err(Failure(fault.as_str())),
        Error::Contended => Err(Failure("contended")),
        _ => Err(Failure("store")),
    }
}
