//! Whether a person has proved to be there.

use serde::{Deserialize, Serialize};

/// Whether a person has ever proved to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Yes, or the host does not ask.
    Active,
    /// Not yet.
    Pending,
}
