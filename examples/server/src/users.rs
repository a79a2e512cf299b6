//! Users, and whose a number or an address is.
//!
//! Three kinds of documents: a user; for each number and address the claims on it, under the
//! [rules]; for each `method_id` the number or address that it stands for. Each changes in one
//! step, so that of two users who prove a number at once one gets it, and servers on one engine
//! behave as one.

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
mod user;

pub use claim::Given;
pub use directory::Users;
pub use method::Method;
pub use names::written;
pub(crate) use names::{new_id, user_key};
pub use proof::Proved;
pub use refused::Refused;
pub use rules::{By, Call, Claim, Claims, Ruling};
pub use status::Status;
pub use user::{Contact, MOST_UNVERIFIED, Profile, User};

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
