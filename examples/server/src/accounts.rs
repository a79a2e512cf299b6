//! The verifier's accounts: one for each user, with one failure budget over all factors.

use countersign::Account;

use crate::failure::{Failure, Kind};

/// Returns the account of a user.
///
/// # Errors
///
/// None for ids of this server, which are short enough for an account.
pub fn account(user_id: &str) -> Result<Account, Failure> {
    Account::new(user_id).map_err(|_| Failure::of(Kind::Internal))
}
