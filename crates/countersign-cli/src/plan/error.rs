//! Errors of reading and comparing plans.

use core::fmt::Display;
use std::io;
use std::path::Path;

use crate::failure::Failure;

/// Returns the failure of a plan that can't be read or contradicts itself.
pub(super) fn malformed(file: &Path, line: u64, problem: impl Display) -> Failure {
    let message = format!("{}:{line}: {problem}", file.display());
    Failure::from(io::Error::new(io::ErrorKind::InvalidData, message))
}

/// Returns the failure of a file that can't be read.
pub(super) fn unreadable(file: &Path, error: &io::Error) -> Failure {
    Failure::from(io::Error::new(error.kind(), format!("{}: {error}", file.display())))
}
