//! Why a command failed, and its exit code.

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use countersign::policy::PolicyError;

/// The reason a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input can't be read, or the output can't be written.
    Io(io::Error),
    /// The options describe an invalid policy.
    Policy(PolicyError),
}

impl Failure {
    /// Writes the error to standard error and returns the exit code: 1, or 2 if an option is
    /// invalid, as clap does. A closed output pipe counts as success, because the reader has read
    /// all it wants.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Io(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Self::Io(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
            Self::Policy(error) => {
                eprintln!("error: {error}");
                ExitCode::from(2)
            }
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Self {
        // `io::Error::from(csv::Error)` would lose the error kind.
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Io(error),
            other => Self::Io(io::Error::other(format!("{other:?}"))),
        }
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}
