//! The proofs that a login consists of.

use super::login::OpenedBy;
use crate::Verified;
use crate::account::{VerifiedRecovery, VerifiedTotp};

/// The factor that opens a login.
///
/// ```
/// use countersign::Verified;
/// use countersign::mfa::FirstFactor;
///
/// fn first(passcode: Option<&Verified>) -> FirstFactor<'_> {
///     passcode.map_or(FirstFactor::other(), FirstFactor::passcode)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct FirstFactor<'a>(pub(super) Option<&'a Verified>);

impl<'a> FirstFactor<'a> {
    /// A passcode, sent for a challenge of this account
    /// ([`Challenge::with_account`](crate::Challenge::with_account)).
    ///
    /// The login is opened by the channel that delivered it: [`OpenedBy::Email`], or
    /// [`OpenedBy::Sms`] for every telephone channel, because a text message reaches the same
    /// phone.
    pub const fn passcode(verified: &'a Verified) -> Self {
        Self(Some(verified))
    }

    /// A factor that the host checked itself, such as a password or a link sent by email. It must
    /// not be one of the person's second factors.
    pub const fn other() -> Self {
        Self(None)
    }

    pub(super) fn opened_by(self) -> OpenedBy {
        match self.0.map(|verified| verified.recipient().phone().is_some()) {
            None => OpenedBy::Other,
            Some(true) => OpenedBy::Sms,
            Some(false) => OpenedBy::Email,
        }
    }
}

/// The proof of a second factor.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Proof<'a> {
    /// A passcode by SMS, sent to the member's registered number for a challenge of this account.
    Passcode(&'a Verified),
    /// A code of the account's authenticator.
    Totp(&'a VerifiedTotp),
    /// A recovery code, which stands in for the authenticator.
    Recovery(&'a VerifiedRecovery),
}

impl<'a> From<&'a Verified> for Proof<'a> {
    fn from(proof: &'a Verified) -> Self {
        Self::Passcode(proof)
    }
}

impl<'a> From<&'a VerifiedTotp> for Proof<'a> {
    fn from(proof: &'a VerifiedTotp) -> Self {
        Self::Totp(proof)
    }
}

impl<'a> From<&'a VerifiedRecovery> for Proof<'a> {
    fn from(proof: &'a VerifiedRecovery) -> Self {
        Self::Recovery(proof)
    }
}
