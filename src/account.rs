//! Accounts: one failure budget over all factors, authenticator apps, and recovery codes.

mod budget;
mod charges;
mod charging;
mod check;
mod enrol;
mod enrolment;
mod factor;
mod id;
mod proofs;
mod record;
mod recovery;
mod reseal;
mod sealed;
#[cfg(test)]
mod testing;
mod upkeep;

pub use budget::Group;
pub use check::{TotpAttempt, TotpMatch};
pub use enrol::{EnrolledTotp, TotpOffer, TotpTerms, TotpTermsError};
pub use factor::Factor;
pub use id::{Account, AccountError};
pub use record::{AccountRecord, AccountState};
pub use upkeep::{AccountStatus, TotpStatus};

pub(crate) use budget::ChargeId;
pub(crate) use charging::Charged;
pub(crate) use id::{AccountTag, EnrolmentId};
pub use proofs::{VerifiedRecovery, VerifiedTotp};
pub(crate) use recovery::{DrawnCodes, RecoveryEntry};
pub use recovery::{RecoveryCodes, RecoveryFormat, RecoveryFormatError, RecoveryRecord, RecoverySet};
