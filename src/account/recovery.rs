//! Recovery codes, which stand in for a lost authenticator.
//!
//! A set of codes is issued with the enrolment of an authenticator and is valid only with it. Each
//! code works once. The set's record contains no code, but a MAC of each code's slow hash
//! ([`RecoverySet`]).

mod check;
mod codes;
mod entry;
mod format;
mod set;
mod slow_hash;

pub(crate) use codes::DrawnCodes;
pub use codes::RecoveryCodes;
pub(crate) use entry::RecoveryEntry;
pub use format::{RecoveryFormat, RecoveryFormatError};
pub use set::{RecoveryRecord, RecoverySet};
