//! The status of a user.

use serde::{Deserialize, Serialize};

/// The status of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A recipient was verified, or the host did not ask for `pending`.
    Active,
    /// No recipient was verified yet.
    Pending,
}
