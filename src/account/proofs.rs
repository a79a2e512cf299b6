//! Proofs of an account's other factors: its authenticator and its recovery codes.

use super::id::AccountTag;
use crate::Timestamp;
use crate::keys::TenantId;
use crate::totp::TimeStep;

/// Proof that a code of the account's authenticator was entered. Only a successful check creates
/// one.
///
/// ```compile_fail,E0451
/// # use countersign::account::VerifiedTotp;
/// # fn forge(real: VerifiedTotp) -> VerifiedTotp {
/// VerifiedTotp { drift: 0, ..real }       // its fields are private
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # use countersign::account::VerifiedTotp;
/// let new = VerifiedTotp::new;            // so is its constructor
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "this is the proof that the login may go on"]
pub struct VerifiedTotp {
    tenant: TenantId,
    account: AccountTag,
    at: Timestamp,
    step: TimeStep,
    drift: i8,
    confirmed_enrolment: bool,
}

impl VerifiedTotp {
    pub(crate) const fn new(tenant: TenantId, account: AccountTag, at: Timestamp, step: TimeStep) -> Self {
        Self { tenant, account, at, step, drift: 0, confirmed_enrolment: false }
    }

    pub(crate) const fn with_drift(self, drift: i8) -> Self {
        Self { drift, ..self }
    }

    pub(crate) const fn with_confirmed_enrolment(self, confirmed_enrolment: bool) -> Self {
        Self { confirmed_enrolment, ..self }
    }

    pub(crate) const fn account(&self) -> AccountTag {
        self.account
    }

    /// Returns the tenant in which the code was checked.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns when the code was checked.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the time step that the code belongs to. No code of this step or of an earlier one is
    /// accepted again.
    #[must_use]
    pub const fn step(&self) -> TimeStep {
        self.step
    }

    /// Returns how many steps the authenticator's clock is ahead (negative: behind).
    #[must_use]
    pub const fn drift(&self) -> i8 {
        self.drift
    }

    /// Returns whether this was the first code of a pending enrolment, which is now active.
    #[must_use]
    pub const fn confirmed_enrolment(&self) -> bool {
        self.confirmed_enrolment
    }
}

/// Proof that an unused recovery code of the account was entered. Only a successful check creates
/// one.
///
/// ```compile_fail,E0451
/// # use countersign::account::VerifiedRecovery;
/// # fn forge(real: VerifiedRecovery) -> VerifiedRecovery {
/// VerifiedRecovery { left: 9, ..real }    // its fields are private
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # use countersign::account::VerifiedRecovery;
/// let new = VerifiedRecovery::new;        // so is its constructor
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "this is the proof that the login may go on"]
pub struct VerifiedRecovery {
    tenant: TenantId,
    account: AccountTag,
    at: Timestamp,
    left: u8,
}

impl VerifiedRecovery {
    pub(crate) const fn new(tenant: TenantId, account: AccountTag, at: Timestamp, left: u8) -> Self {
        Self { tenant, account, at, left }
    }

    pub(crate) const fn account(&self) -> AccountTag {
        self.account
    }

    /// Returns the tenant in which the code was checked.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns when the code was checked.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns how many recovery codes are left. If there are few, ask the person to have new ones
    /// issued.
    #[must_use]
    pub const fn left(&self) -> u8 {
        self.left
    }
}
