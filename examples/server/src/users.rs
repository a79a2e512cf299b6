//! Users, and the ownership of phone numbers and email addresses.
//!
//! There are three kinds of documents: users; the claims on each phone number and email address,
//! under the [rules]; and for each `method_id` the recipient that it stands for. Each changes
//! atomically. Of two users who verify a number concurrently, one gets it, and several servers on
//! one engine behave as one.

mod claim;
mod create;
mod directory;
pub mod endpoints;
mod marks;
mod method;
mod names;
mod proof;
mod refused;
pub mod rules;
mod status;
mod totp;
mod user;

pub use claim::{Admitted, Given};
pub use directory::Users;
pub use method::Method;
pub use names::written;
pub(crate) use names::{new_id, user_key};
pub use proof::Proved;
pub use refused::Refused;
pub use rules::{By, Call, Claim, Claims, Ruling};
pub use status::Status;
pub use totp::Totp;
pub use user::{Contact, MAX_UNVERIFIED, Profile, User};

#[cfg(test)]
mod invariants;
#[cfg(test)]
mod tests;
