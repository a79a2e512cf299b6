//! A code that is too late to be sent.

use core::fmt;

/// The code of a message has expired: a message would promise what no longer holds. Resend the code,
/// or start again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeExpired;

impl fmt::Display for CodeExpired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the code has expired, so that there is no message for it; resend it")
    }
}

impl core::error::Error for CodeExpired {}
