//! Why a command failed, and its exit code.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use countersign::policy::PolicyError;

/// The exit codes, for `--help`.
pub(crate) const EXIT_CODES: &str = "Exit codes:
  0  Success, or the reader closed the output. Lines that are not phone numbers are
     not failures.
  1  The input or a file can't be read, a numbering plan is malformed, the output can't be
     written, or an argument of `number` is not a phone number.
  2  An option or a policy file is invalid.";

/// The reason a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input can't be read, or the output can't be written.
    Io(io::Error),
    /// A file can't be read, or a numbering plan is malformed. The text names the file.
    File(String),
    /// An option or a policy file is invalid. The text says which, and what would be right.
    Invalid(String),
    /// Some arguments are not phone numbers; each was reported.
    NotNumbers,
}

impl Failure {
    /// Describes why a file can't be read.
    pub(crate) fn of_file(path: &Path, error: &io::Error) -> Self {
        Self::File(format!("{}: {error}", path.display()))
    }

    /// Describes what is wrong in a line of a file.
    pub(crate) fn at_line(path: &Path, line: u64, problem: impl Display) -> Self {
        Self::File(format!("{}:{line}: {problem}", path.display()))
    }

    /// Writes the error to standard error and returns the exit code: 1, or 2 if an option is
    /// invalid, as clap does. A closed output pipe counts as success, because the reader has read
    /// all it wants.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Io(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Self::Io(error) => {
                report_error(error);
                ExitCode::FAILURE
            }
            Self::File(error) => {
                report_error(error);
                ExitCode::FAILURE
            }
            Self::Invalid(error) => {
                report_error(error);
                ExitCode::from(2)
            }
            Self::NotNumbers => ExitCode::FAILURE,
        }
    }
}

/// Writes an error to standard error. If that can't be written, the exit code still tells.
pub(crate) fn report_error(error: impl Display) {
    // One write, so that other programs' messages can't end up in the middle. `eprintln!` would
    // panic if it fails.
    let _ = io::stderr().write_all(format!("error: {error}\n").as_bytes());
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
        Self::Invalid(error.to_string())
    }
}
