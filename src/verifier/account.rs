//! The calls on an account: its authenticator, its recovery codes and its failure budget.

mod begin;
mod charged;
mod erase;
mod on_account;
mod part;
mod place;
mod recovery;
mod totp;

use core::borrow::Borrow;
use core::fmt;

pub(super) use charged::{Charged, OfFactor};
pub(super) use part::{AccountPart, Part};

use super::Verifier;
use super::begin::Begin;
use crate::account::{
    Account, AccountStatus, AccountTag, EnrolledTotp, RecoveryCodes, RecoveryFormat, TotpTerms,
    VerifiedRecovery, VerifiedTotp,
};
use crate::error::{Error, Fault};
use crate::execute::{Execute, Planned, Source};
use crate::mfa::{FirstFactor, LoginError, LoginRules, LoginStep, LoginToken, MayEnrol, Proof, SessionGrant};
use crate::otp::KnownDevice;
use crate::service::Service;
use crate::totp::{TotpSecret, TotpSettings};
use crate::{DeviceToken, Timestamp};
use erase::What;

/// The calls on an account. Returned by [`Verifier::account`].
///
/// Failures are counted for each factor: passcodes of challenges that
/// [belong to the account](crate::Challenge::with_account), the authenticator, and recovery codes.
/// A success clears the failures of its own factor only, so that whoever holds one factor cannot
/// guess another for ever. The account is locked by their sum, as in [`Limits`](crate::Limits).
///
/// Their return type depends on the [execution mode](crate::execute), as for the calls of a
/// [`Verifier`].
pub struct AccountCalls<'a, S, X, C> {
    verifier: &'a Verifier<S, X, C>,
    account: &'a Account,
}

impl<S, X, C: Borrow<Service>> Verifier<S, X, C> {
    /// Returns the calls on an account.
    ///
    /// ```
    /// use countersign::account::TotpTerms;
    /// use countersign::mfa::MayEnrol;
    /// use countersign::{Account, Keys, MemoryStore, Timestamp, Verifier};
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let account = Account::new("user-test-7")?;
    /// let calls = verifier.account(&account);
    ///
    /// // The person is logged in with all factors that the account has.
    /// let enrolled = calls.enrol_totp(&calls.may_enrol_by_own_session(), TotpTerms::new())?;
    /// let settings = enrolled.settings();
    ///
    /// // The app shows a code, and the person types it.
    /// let code = settings.code(enrolled.secret(), settings.step(Timestamp::now()));
    /// assert!(calls.check_totp(code.as_str())?.confirmed_enrolment());
    /// assert!(calls.check_totp(code.as_str()).is_err(), "a code is accepted once");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn account<'a>(&'a self, account: &'a Account) -> AccountCalls<'a, S, X, C> {
        AccountCalls { verifier: self, account }
    }
}

/// Calls that need no store.
impl<S, X: Source, C: Borrow<Service>> AccountCalls<'_, S, X, C> {
    /// Decides what a login opens whose first factor succeeded: a session, or a step that must come
    /// before it. The decision is that of [`Login::decide`](crate::mfa::Login::decide).
    ///
    /// # Errors
    ///
    /// [`LoginError`] if the first factor is not of this account, or the rules allow no decision.
    ///
    /// # Example
    ///
    /// ```
    /// use countersign::mfa::{FirstFactor, LoginRules, LoginStep};
    /// use countersign::{Account, Challenge, Channel, Keys, MemoryStore, PhoneNumber, Verifier};
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let account = Account::new("user-test-7")?;
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let challenge = Challenge::new(number).with_account(&account);
    /// let issued = verifier.start(&challenge, Channel::Sms)?;
    /// let verified = verifier.check(&challenge, issued.handle(), issued.code().as_str())?;
    ///
    /// let first = FirstFactor::passcode(&verified);
    /// match verifier.account(&account).open_login(first, &LoginRules::default())? {
    ///     LoginStep::Session(_grant) => println!("no second factor is required"),
    ///     LoginStep::SecondFactor { methods, .. } => println!("prove one of {methods}"),
    ///     _ => println!("ask an administrator"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_login(&self, first: FirstFactor, rules: &LoginRules) -> Result<LoginStep, LoginError> {
        self.with_time(|service, now| crate::mfa::open(service, &self.tag(), first, rules, now))
    }

    /// Decides again, with what was proven since the login was opened. `token` is the one of the
    /// last step.
    ///
    /// # Errors
    ///
    /// [`LoginError`] if the token or a proof is not of this account or too old, or the rules allow
    /// no decision.
    pub fn continue_login(
        &self,
        token: &LoginToken,
        proofs: &[Proof],
        rules: &LoginRules,
    ) -> Result<LoginStep, LoginError> {
        self.with_time(|service, now| crate::mfa::proceed(service, &self.tag(), token, proofs, rules, now))
    }

    /// Returns the permission to enrol a factor, for a host that has checked a session of its own.
    ///
    /// The core cannot check this. Whoever may enrol a second factor can log in with it, so the
    /// session must have been opened with every factor that the account has. During a login, use
    /// the permission of [`LoginStep::Enrol`] or of a [`SessionGrant`].
    pub fn may_enrol_by_own_session(&self) -> MayEnrol {
        MayEnrol::new(self.tag())
    }

    /// Creates a token for the device that has just opened a session.
    ///
    /// Later calls [with the token](Account::with_device) count their failures apart from those of
    /// strangers, whose locks then do not stop the owner. All devices of an account share one
    /// budget, and the limit of 100 failures covers strangers and devices together.
    ///
    /// # Errors
    ///
    /// - [`Fault::ForeignProof`] if the grant is of another account or tenant.
    /// - [`Fault::Entropy`] if the generator fails.
    pub fn device_token(&self, grant: &SessionGrant) -> Result<DeviceToken, Error> {
        let (service, tag) = (self.verifier.service(), self.tag());
        if !grant.is_of(service.tenant, tag) {
            return Err(Fault::ForeignProof.into());
        }
        let own = self.account.token().and_then(|token| self.known_device(token));
        let token = self
            .verifier
            .how
            .with(|now, rng| service.keys.device_token(&tag.0, own.map(|device| device.id), now, rng));
        Ok(token.map_err(Fault::from)?)
    }

    /// Returns the device that a token belongs to, if the token is valid: see
    /// [`Verifier::known_device`].
    #[must_use]
    pub fn known_device(&self, token: &DeviceToken) -> Option<KnownDevice> {
        let age = self.verifier.service().limits.device_token_age();
        self.with_time(|service, now| service.keys.known_device(&self.tag().0, token, now, age))
    }

    fn tag(&self) -> AccountTag {
        let Service { keys, tenant, .. } = self.verifier.service();
        AccountTag::of(self.account, keys, tenant)
    }

    fn with_time<T>(&self, call: impl FnOnce(&Service, Timestamp) -> T) -> T {
        self.verifier.how.with(|now, _| call(self.verifier.service(), now))
    }
}

/// The calls that use the store.
impl<'a, S, X: Execute<S>, C: Borrow<Service>> AccountCalls<'a, S, X, C> {
    /// Begins the enrolment of an authenticator. It is pending until its first correct code, and
    /// replaces another pending one.
    ///
    /// # Errors
    ///
    /// - [`Refusal::AlreadyEnrolled`](crate::Refusal::AlreadyEnrolled) if the account has an active
    ///   authenticator.
    /// - [`Fault::ForeignProof`] if the permission is of another account.
    /// - [`Error::Fault`], [`Error::Store`] or [`Error::Contended`] if the service could not
    ///   decide.
    pub fn enrol_totp(&self, permit: &MayEnrol, terms: TotpTerms) -> X::Outcome<'a, EnrolledTotp> {
        self.run(|begin| begin.enrol_totp(self.account, permit, terms))
    }

    /// Stores an authenticator that another system has confirmed. It is active at once.
    ///
    /// # Errors
    ///
    /// As for [`enrol_totp`](Self::enrol_totp). A pending enrolment is replaced.
    pub fn import_totp(&self, secret: TotpSecret, settings: TotpSettings) -> X::Outcome<'a, ()> {
        self.run(|begin| begin.import_totp(self.account, secret, settings))
    }

    /// Checks a code of the authenticator, in constant time. A code is accepted once, and none of
    /// an earlier step after it. The first correct code confirms a pending enrolment.
    ///
    /// # Errors
    ///
    /// - [`Refusal::NotEnrolled`](crate::Refusal::NotEnrolled) without an authenticator, or if its
    ///   enrolment expired.
    /// - [`Refusal::Locked`](crate::Refusal::Locked) or [`Refusal::Closed`](crate::Refusal::Closed)
    ///   if the account is locked.
    /// - [`Refusal::MalformedCode`](crate::Refusal::MalformedCode) or
    ///   [`Refusal::AlreadyUsed`](crate::Refusal::AlreadyUsed), which do not count as failures.
    /// - [`Refusal::WrongCode`](crate::Refusal::WrongCode), which does. It tells how many attempts
    ///   are left before the account is locked.
    /// - [`Error::Fault`], [`Error::Store`] or [`Error::Contended`] if the service could not
    ///   decide.
    pub fn check_totp(&self, entry: &str) -> X::Outcome<'a, VerifiedTotp> {
        self.run(|begin| begin.check_totp(self.account, entry))
    }

    /// Encrypts the authenticator's secret under the current tag key, and returns whether that was
    /// necessary. A correct code does it, too.
    ///
    /// Call it for every account before you [retire](crate::Keys::retire) a key. The secrets that
    /// were encrypted under that key cannot be read afterwards.
    ///
    /// ```
    /// use countersign::totp::{TotpSecret, TotpSettings};
    /// use countersign::{Account, KeyId, Keys, MemoryStore, Verifier};
    ///
    /// # let (root, next) = ([7; 32], [8; 32]);
    /// let (store, account) = (MemoryStore::new(), Account::new("user-test-7")?);
    /// let verifier = Verifier::new(Keys::from_secret(root)?, &store);
    /// let secret: TotpSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".parse()?;
    /// verifier.account(&account).import_totp(secret, TotpSettings::DEFAULT)?;
    ///
    /// let keys = Keys::from_secret(root)?.accept(KeyId::new(1), next)?.tag_with(KeyId::new(1))?;
    /// let verifier = Verifier::new(keys, &store);
    /// assert!(verifier.account(&account).reseal_totp()?);
    /// assert!(!verifier.account(&account).reseal_totp()?, "once");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Refusal::NotEnrolled`](crate::Refusal::NotEnrolled) without an authenticator.
    /// - [`Fault::UnknownKey`] if the key was retired already.
    /// - [`Error::Fault`], [`Error::Store`] or [`Error::Contended`] if the service could not
    ///   answer.
    pub fn reseal_totp(&self) -> X::Outcome<'a, bool> {
        self.run(|begin| begin.reseal_totp(self.account))
    }

    /// Removes the authenticator, pending or active, and its recovery codes. The failures are kept.
    /// Without an authenticator it does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Fault`], [`Error::Store`] or [`Error::Contended`] if the service could not answer.
    pub fn remove_totp(&self) -> X::Outcome<'a, ()> {
        self.run(|begin| Ok(begin.erase(self.account, What::Totp)))
    }

    /// Issues recovery codes for the account's enrolment, pending or active. Earlier codes are no
    /// longer valid. The codes work only after the enrolment is confirmed, and until the
    /// authenticator is removed.
    ///
    /// # Errors
    ///
    /// - [`Refusal::NotEnrolled`](crate::Refusal::NotEnrolled) without an enrolment, or without the
    ///   one that the permission is for.
    /// - [`Fault::ForeignProof`] if the permission is of another account, or of a login that is not
    ///   complete. In such a login, use `MayEnrol::from(&enrolled)`, which is valid for the
    ///   enrolment that it began.
    /// - [`Error::Fault`], [`Error::Store`] or [`Error::Contended`] if the service could not
    ///   decide.
    pub fn issue_recovery_codes(
        &self,
        permit: &MayEnrol,
        format: RecoveryFormat,
    ) -> X::Outcome<'a, RecoveryCodes> {
        self.run(|begin| begin.issue_recovery_codes(self.account, permit, format))
    }

    /// Checks a recovery code, in constant time. Each code works once. Case, spaces and dashes do
    /// not matter.
    ///
    /// # Errors
    ///
    /// As for [`check_totp`](Self::check_totp). Also
    /// [`Refusal::NotEnrolled`](crate::Refusal::NotEnrolled) while the enrolment is not confirmed.
    pub fn check_recovery_code(&self, entry: &str) -> X::Outcome<'a, VerifiedRecovery> {
        self.run(|begin| Ok(begin.check_recovery_code(self.account, entry)))
    }

    /// Returns how many recovery codes are left.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotEnrolled`](crate::Refusal::NotEnrolled) without an enrolment; otherwise as for
    /// [`status`](Self::status).
    pub fn recovery_codes_left(&self) -> X::Outcome<'a, u8> {
        self.run(|begin| Ok(begin.recovery_codes_left(self.account)))
    }

    /// Returns the account's failures, lock and authenticator, for operators.
    ///
    /// # Errors
    ///
    /// [`Error::Fault`], [`Error::Store`] or [`Error::Contended`] if the service could not answer.
    pub fn status(&self) -> X::Outcome<'a, AccountStatus> {
        self.run(|begin| Ok(begin.account_status(self.account)))
    }

    /// Clears all failures and locks of the account, for operators. It also sets the record's time
    /// to this server's clock: see [`Verifier::unlock`].
    ///
    /// Recipients have locks of their own, which remain.
    ///
    /// # Errors
    ///
    /// As for [`status`](Self::status).
    pub fn unlock(&self) -> X::Outcome<'a, ()> {
        self.run(|begin| Ok(begin.unlock_account(self.account)))
    }

    /// Erases the account's records, for operators: authenticator, recovery codes, failures and
    /// locks, even if the records cannot be read.
    ///
    /// For ten minutes the store keeps a marker that something was forgotten: see
    /// [`Verifier::forget`]. Recipients have records of their own, which remain.
    ///
    /// # Errors
    ///
    /// As for [`Verifier::forget`].
    pub fn forget(&self) -> X::Outcome<'a, ()> {
        self.run(|begin| Ok(begin.erase(self.account, What::Account)))
    }

    fn run<P: Planned>(
        &self,
        plan: impl FnOnce(&mut Begin<'_>) -> Result<P, Error>,
    ) -> X::Outcome<'a, P::Output> {
        self.verifier.run(plan)
    }
}

impl<S, X, C: Borrow<Service>> fmt::Debug for AccountCalls<'_, S, X, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountCalls").field("verifier", self.verifier).finish_non_exhaustive()
    }
}
