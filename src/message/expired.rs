//! The error of rendering an expired code.

use core::fmt;

/// The code has expired, so a message about it would be wrong. Resend the code, or start a new
/// challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeExpired;

impl fmt::Display for CodeExpired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the code has expired and cannot be sent; resend it to issue a new one")
    }
}

impl core::error::Error for CodeExpired {}
