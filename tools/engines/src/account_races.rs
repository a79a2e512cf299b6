//! Many threads that enter codes of one account, half of them on each of two servers.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use countersign::account::{AccountError, RecoveryFormat};
use countersign::totp::{SecretError, TimeStep, TotpSecret, TotpSettings};
use countersign::{Account, Error, Refusal, Store, Timestamp, Verifier};

/// Failures that lock an account.
pub const LIMIT: usize = 10;

/// The threads of a race.
const THREADS: usize = 30;

/// What callers were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Codes that were accepted.
    pub passed: usize,
    /// Codes that were rejected as wrong.
    pub wrong: usize,
    /// Refusals without a verdict: the code was used before, or the account is locked.
    pub refused: usize,
    /// Calls that failed with an error.
    pub failed: usize,
}

/// A server's check of an entry.
pub type Check<'a> = &'a (dyn Fn(&str) -> Result<(), Error> + Sync);

/// Enters each entry once, concurrently, on both servers in turn. Contended calls are repeated, so
/// that no verdict is lost.
#[must_use]
pub fn race(servers: [Check<'_>; 2], entries: &[String]) -> Told {
    let (next, barrier) = (AtomicUsize::new(0), Barrier::new(THREADS));
    let counts: [AtomicUsize; 4] = Default::default();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(entry) = entries.get(place) else { break };
                    let outcome = decided(servers[place % 2], entry);
                    counts[outcome].fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let [passed, wrong, refused, failed] = counts.map(AtomicUsize::into_inner);
    Told { passed, wrong, refused, failed }
}

/// Returns the place of the outcome in [`Told`].
fn decided(check: Check<'_>, entry: &str) -> usize {
    loop {
        match check(entry) {
            Ok(()) => return 0,
            Err(Error::Refused(Refusal::WrongCode { .. })) => return 1,
            Err(Error::Refused(_)) => return 2,
            Err(Error::Contended) => thread::yield_now(),
            Err(error) => {
                eprintln!("account race: {error}: {:?}", std::error::Error::source(&error));
                return 3;
            }
        }
    }
}

/// An account with an active authenticator, and its recovery codes.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The account.
    pub account: Account,
    /// The recovery codes.
    pub codes: Vec<String>,
    secret: TotpSecret,
}

/// Why there is no owner.
pub type OwnerError = Box<dyn std::error::Error + Send + Sync>;

impl Owner {
    /// Enrols the authenticator, and has recovery codes issued.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub fn enrolled<S: Store>(verifier: &Verifier<S>) -> Result<Self, OwnerError> {
        let account = Account::new("user-test-7").map_err(|error: AccountError| error)?;
        let secret = TotpSecret::from_bytes(&[9; 20]).map_err(|error: SecretError| error)?;
        let calls = verifier.account(&account);
        calls.import_totp(secret.clone(), TotpSettings::DEFAULT)?;
        let permit = calls.may_enrol_by_own_session();
        let codes = calls.issue_recovery_codes(&permit, RecoveryFormat::DEFAULT)?;
        let codes = codes.iter().map(str::to_owned).collect();
        Ok(Self { account, codes, secret })
    }

    /// Returns the authenticator's present code.
    #[must_use]
    pub fn totp(&self) -> String {
        let settings = TotpSettings::DEFAULT;
        settings.code(&self.secret, settings.step(Timestamp::now())).as_str().to_owned()
    }

    /// Returns wrong codes, which are not shown within the next minutes.
    #[must_use]
    pub fn wrong_totps(&self, count: usize) -> Vec<String> {
        let settings = TotpSettings::DEFAULT;
        let now = settings.step(Timestamp::now()).number();
        let code = |step| settings.code(&self.secret, TimeStep::new(step)).as_str().to_owned();
        let shown: Vec<String> = (now - 2..now + 20).map(code).collect();
        let guesses = (0..).map(|guess| format!("{guess:06}"));
        guesses.filter(|guess| !shown.contains(guess)).take(count).collect()
    }
}
