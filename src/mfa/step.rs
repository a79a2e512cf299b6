//! The steps of a login.

use core::fmt;

use super::decision::MfaError;
use super::grant::{MayEnrol, SessionGrant};
use super::login::{Member, Organisation};
use super::method::{Method, Methods};
use super::token::LoginToken;
use crate::error::Fault;
use crate::{PhoneNumber, Purpose};

/// The rules of a login: the settings of the organisation and of the member, as the host has them
/// on record.
///
/// They must be read again for each step. [`Member::registered`] in particular must contain every
/// factor that the person has: where it lacks one, someone who holds only the first factor may
/// enrol another.
///
/// ```
/// use countersign::mfa::{LoginRules, Member, MfaPolicy, Organisation};
///
/// let organisation = Organisation { policy: MfaPolicy::RequiredForAll, ..Organisation::default() };
/// let rules = LoginRules { organisation, member: Member::default(), ..LoginRules::default() };
/// assert_eq!(rules.purpose.as_str(), "login");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginRules {
    /// The organisation.
    pub organisation: Organisation,
    /// The member.
    pub member: Member,
    /// The member's registered number. A passcode that was sent to another number does not prove
    /// `sms_otp`.
    pub phone: Option<PhoneNumber>,
    /// The purpose that all passcodes of the login must have, [`Purpose::LOGIN`] by default. The
    /// token between the factors is bound to it.
    pub purpose: Purpose,
}

/// The next step of a login.
#[derive(Debug)]
#[must_use]
pub enum LoginStep {
    /// The login is complete.
    Session(SessionGrant),
    /// One of these methods must be proven first.
    SecondFactor {
        /// The methods that are registered and allowed.
        methods: Methods,
        /// The one to offer first.
        default: Method,
        /// The token to continue with.
        token: LoginToken,
    },
    /// One of these methods must be proven before another can be enrolled: they are registered, but
    /// no longer allowed.
    Prove {
        /// The registered methods.
        methods: Methods,
        /// The token to continue with.
        token: LoginToken,
    },
    /// One of these methods must be enrolled, and then proven.
    Enrol {
        /// The allowed methods.
        methods: Methods,
        /// The token to continue with.
        token: LoginToken,
        /// The permit to enrol an authenticator, if `totp` is one of the methods.
        permit: Option<MayEnrol>,
    },
    /// No method can be used or enrolled: only an administrator can help.
    Stuck,
}

/// Errors of a login's steps. None of them is caused by a wrong code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginError {
    /// The settings allow no decision.
    Policy(MfaError),
    /// The token is not one of this account's logins, or its key is no longer accepted.
    InvalidToken,
    /// The login was opened more than ten minutes ago, or in this clock's future.
    ExpiredToken,
    /// A proof is of another account or tenant, or a passcode of no account.
    ForeignProof,
    /// A proof is more than ten minutes old, or of this clock's future.
    StaleProof,
    /// A passcode has another purpose than the login.
    WrongPurpose,
    /// A passcode was sent to another number than the member's registered one.
    WrongNumber,
    /// A passcode was sent by another channel than SMS, which is no second factor.
    NotASecondFactor,
    /// This server's clock cannot be used.
    Fault(Fault),
}

impl LoginError {
    /// Returns the error in snake case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Policy(error) => error.as_str(),
            Self::InvalidToken => "invalid_login_token",
            Self::ExpiredToken => "expired_login_token",
            Self::ForeignProof => "foreign_proof",
            Self::StaleProof => "stale_proof",
            Self::WrongPurpose => "wrong_purpose",
            Self::WrongNumber => "wrong_number",
            Self::NotASecondFactor => "not_a_second_factor",
            Self::Fault(fault) => fault.as_str(),
        }
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(error) => error.fmt(f),
            Self::InvalidToken => f.write_str("the token is not of a login of this account; log in again"),
            Self::ExpiredToken => f.write_str("the login took more than ten minutes; log in again"),
            Self::ForeignProof => {
                f.write_str("the proof is of another account; start challenges with the account")
            }
            Self::StaleProof => f.write_str("the proof is more than ten minutes old; check a new code"),
            Self::WrongPurpose => f.write_str("the passcode has another purpose than the login"),
            Self::WrongNumber => {
                f.write_str("the passcode was not sent to the member's registered phone number")
            }
            Self::NotASecondFactor => f.write_str("as a second factor, a passcode must be sent by SMS"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for LoginError {}

impl From<MfaError> for LoginError {
    fn from(error: MfaError) -> Self {
        Self::Policy(error)
    }
}

impl From<Fault> for LoginError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
