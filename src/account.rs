//! Accounts: one failure budget over all factors, authenticator apps, and recovery codes.

mod factor;
mod id;

pub use factor::Factor;
pub use id::{Account, AccountError};
pub(crate) use id::{AccountTag, EnrolmentId};
