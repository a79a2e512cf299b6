//! Accounts: one failure budget over all factors, authenticator apps, and recovery codes.

mod factor;
mod id;
mod proofs;
mod recovery;

pub use factor::Factor;
pub use id::{Account, AccountError};
pub(crate) use id::{AccountTag, EnrolmentId};
pub use proofs::{VerifiedRecovery, VerifiedTotp};
pub(crate) use recovery::{DrawnCodes, RecoveryEntry, RecoveryStep};
pub use recovery::{RecoveryCodes, RecoveryFormat, RecoveryFormatError, RecoveryRecord, RecoverySet};
