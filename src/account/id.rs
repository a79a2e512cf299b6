//! The account that a call is about.

use core::fmt;

use alloc::boxed::Box;

use crate::DeviceToken;
use crate::keys::{Keys, TenantId};
use crate::store::RecordKey;

/// The longest id of an account, in bytes.
const LONGEST: usize = 64;

/// An account: an id of the host's own, and what the client presents with it.
///
/// The id has 1 to 64 bytes, such as a user id of the host's database. It must not change and must
/// not be given to another person. It is not stored: records are found by a keyed hash of it.
///
/// ```
/// use countersign::Account;
///
/// let account = Account::new("user-test-7")?;
/// assert!(Account::new("").is_err());
/// # let _ = account;
/// # Ok::<(), countersign::account::AccountError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Account {
    id: Box<[u8]>,
    token: Option<DeviceToken>,
}

impl Account {
    /// Creates an account from the host's id.
    ///
    /// # Errors
    ///
    /// [`AccountError`] if the id has not 1 to 64 bytes.
    pub fn new(id: impl AsRef<[u8]>) -> Result<Self, AccountError> {
        let id = id.as_ref();
        if id.is_empty() || id.len() > LONGEST {
            return Err(AccountError { bytes: id.len() });
        }
        Ok(Self { id: id.into(), token: None })
    }

    /// Sets the token that the device presents. If it is a valid token of this account, failures
    /// are counted apart from those of strangers, whose locks then do not apply.
    ///
    /// A forged, foreign or expired token has no effect.
    pub fn with_device(self, token: impl Into<Option<DeviceToken>>) -> Self {
        Self { token: token.into(), ..self }
    }

    pub(crate) const fn token(&self) -> Option<&DeviceToken> {
        self.token.as_ref()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(..)")
    }
}

/// The error of an account id that has not 1 to 64 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountError {
    bytes: usize,
}

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account id of {} bytes: expected 1 to {LONGEST}", self.bytes)
    }
}

impl core::error::Error for AccountError {}

/// Names an account of a tenant in proofs and tokens: the key of its record, a keyed hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct AccountTag(pub(crate) RecordKey);

impl AccountTag {
    /// Returns the tag of an account: the key of its record.
    pub(crate) fn of(account: &Account, keys: &Keys, tenant: &TenantId) -> Self {
        Self(keys.locate_account(tenant, b'a', &account.id))
    }
}

impl Account {
    /// Returns the key of the account's recovery codes.
    pub(crate) fn recovery_key(&self, keys: &Keys, tenant: &TenantId) -> RecordKey {
        keys.locate_account(tenant, b'r', &self.id)
    }
}

impl fmt::Debug for AccountTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountTag(..)")
    }
}

/// Names one enrolment of an authenticator, so that recovery codes are bound to it: 8 random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EnrolmentId(pub(crate) [u8; 8]);
