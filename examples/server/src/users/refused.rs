//! Refusals of claims.

/// Why a recipient can't be claimed or sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No user has it.
    NotFound,
    /// Another user has it.
    Taken,
    /// The user does not exist.
    NoUser,
    /// The user has too many unverified recipients.
    TooMany,
}
