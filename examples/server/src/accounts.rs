//! The verifier's accounts, one for each user: authenticator app, recovery codes, and the failures
//! of all factors.

use countersign::account::{
    AccountStatus, EnrolledTotp, RecoveryCodes, RecoveryFormat, TotpTerms, VerifiedRecovery, VerifiedTotp,
};
use countersign::mfa::MayEnrol;
use countersign::{Account, Error, Timestamp, Verifier};

use crate::app::App;
use crate::engine::Engine;
use crate::failure::{Failure, Kind};

/// Returns the account of a user.
///
/// # Errors
///
/// None for ids of this server, which are short enough for an account.
pub fn account(user_id: &str) -> Result<Account, Failure> {
    Account::new(user_id).map_err(|_| Failure::of(Kind::Internal))
}

/// The calls on accounts. See [`AccountCalls`](countersign::verifier::AccountCalls).
#[derive(Debug)]
pub struct Accounts(Verifier<Engine>);

/// Calls the verifier for an account.
macro_rules! call {
    ($accounts:ident, $account:ident, $now:ident, $call:ident($($argument:expr),*)) => {{
        let mut rng = App::rng();
        let moment = $accounts.0.at($now, &mut rng).asynchronously();
        // A statement of its own: `AccountCalls` can't be kept while waiting.
        let call = moment.account($account).$call($($argument),*);
        call.await
    }};
}

impl Accounts {
    /// Creates the calls.
    #[must_use]
    pub const fn new(verifier: Verifier<Engine>) -> Self {
        Self(verifier)
    }

    /// Begins the enrolment of an authenticator app.
    ///
    /// The caller has the project's secret: it is the host's own service, which has checked its
    /// session with the person. So the permission is the one for a host's own session.
    ///
    /// # Errors
    ///
    /// As for the verifier's `enrol_totp`.
    pub async fn enrol(
        &self,
        account: &Account,
        terms: TotpTerms,
        now: Timestamp,
    ) -> Result<EnrolledTotp, Error> {
        let permit = self.0.account(account).may_enrol_by_own_session();
        call!(self, account, now, enrol_totp(&permit, terms))
    }

    /// Issues recovery codes for this enrolment, and for no other that has replaced it.
    ///
    /// # Errors
    ///
    /// As for the verifier's `issue_recovery_codes`.
    pub async fn issue_codes(
        &self,
        account: &Account,
        enrolled: &EnrolledTotp,
        now: Timestamp,
    ) -> Result<RecoveryCodes, Error> {
        let permit = MayEnrol::from(enrolled);
        call!(self, account, now, issue_recovery_codes(&permit, RecoveryFormat::DEFAULT))
    }

    /// Checks a code of the authenticator app.
    ///
    /// # Errors
    ///
    /// As for the verifier's `check_totp`.
    pub async fn check_totp(
        &self,
        account: &Account,
        code: &str,
        now: Timestamp,
    ) -> Result<VerifiedTotp, Error> {
        call!(self, account, now, check_totp(code))
    }

    /// Removes the authenticator app with its recovery codes.
    ///
    /// # Errors
    ///
    /// As for the verifier's `remove_totp`.
    pub async fn remove_totp(&self, account: &Account, now: Timestamp) -> Result<(), Error> {
        call!(self, account, now, remove_totp())
    }

    /// Checks a recovery code.
    ///
    /// # Errors
    ///
    /// As for the verifier's `check_recovery_code`.
    pub async fn check_recovery_code(
        &self,
        account: &Account,
        code: &str,
        now: Timestamp,
    ) -> Result<VerifiedRecovery, Error> {
        call!(self, account, now, check_recovery_code(code))
    }

    /// Returns the failures, the lock and the authenticator app.
    ///
    /// # Errors
    ///
    /// As for the verifier's `status` of an account.
    pub async fn status(&self, account: &Account, now: Timestamp) -> Result<AccountStatus, Error> {
        call!(self, account, now, status())
    }

    /// Clears the failures and the lock.
    ///
    /// # Errors
    ///
    /// As for the verifier's `unlock` of an account.
    pub async fn unlock(&self, account: &Account, now: Timestamp) -> Result<(), Error> {
        call!(self, account, now, unlock())
    }
}
