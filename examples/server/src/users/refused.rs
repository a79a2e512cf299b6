//! Why a number or an address can't be given to a user.

/// Why a number or an address can't be given to a user, or nothing sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nobody has it.
    NotFound,
    /// Another user has it.
    Taken,
    /// There is no such user.
    NoUser,
    /// The user has too many that are not verified.
    TooMany,
}
