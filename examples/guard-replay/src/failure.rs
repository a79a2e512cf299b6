//! Why a replay ends early.

use core::fmt;
use std::io::{self, ErrorKind};

/// Why a replay ends early.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The input can't be read, or the output can't be written.
    Io(io::Error),
    /// The first line of the input is not its header.
    Header,
    /// An option is invalid. The text says which and why.
    Option(String),
    /// The verifier can't be created.
    Setup(String),
}

impl Failure {
    /// Returns the exit code: 1, or 2 if an option is invalid, as clap does. A closed output pipe
    /// counts as success, because the reader has read all it wants.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Io(error) if error.kind() == ErrorKind::BrokenPipe => 0,
            Self::Io(_) | Self::Header | Self::Setup(_) => 1,
            Self::Option(_) => 2,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Header => {
                let header = String::from_utf8_lossy(crate::INPUT_HEADER);
                write!(f, "the first line of the input is not {header}")
            }
            Self::Option(message) | Self::Setup(message) => f.write_str(message),
        }
    }
}

impl core::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
