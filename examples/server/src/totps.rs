//! `POST /v1/totps…` and `DELETE /v1/users/totps/{totp_id}`: authenticator apps and recovery codes.
//!
//! The verifier holds the secret, which codes are used up, and whether the app was confirmed. The
//! user's document holds the ids, and the recovery codes if they are to be shown again.

mod authenticate;
mod create;
mod delete;
mod name;
pub mod qr;
mod recovery_codes;

pub use authenticate::{AuthenticateTotp, Recover, authenticate, recover};
pub use create::{CreateTotp, create};
pub use delete::delete;
pub use recovery_codes::{OfUser, recovery_codes};
