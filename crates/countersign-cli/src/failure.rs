//! Why a command fails, and the exit code that says so.

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use countersign::policy::PolicyError;

/// What stops a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input can't be read, or the output can't be written.
    Io(io::Error),
    /// An option asks for a policy that there can't be.
    Policy(PolicyError),
}

impl Failure {
    /// Writes the failure to standard error, and returns its exit code: 1, or 2 where an option is not valid, as clap
    /// does. A reader that closes our output has seen enough; that is a success.
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
        // As an `io::Error` it would no longer say of what kind it is.
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
