//! Errors of generating data.

use core::fmt;
use std::{io, path::PathBuf};

use crate::{pattern::PatternError, region::RegionError};

/// An error of generating data: what is wrong, where, and what was expected.
#[derive(Debug)]
pub enum Error {
    /// A territory of the metadata has an id that is not a region code.
    Region {
        /// The territory, such as `GB (+44)`.
        territory: String,
        /// What is wrong with its id.
        problem: RegionError,
    },
    /// A pattern of the metadata is malformed or unsupported.
    Pattern {
        /// The territory, such as `GB (+44)`.
        territory: String,
        /// The name of the pattern.
        what: String,
        /// The pattern.
        text: String,
        /// What is wrong with it.
        problem: PatternError,
    },
    /// A metadata file is malformed.
    Metadata {
        /// The file.
        file: PathBuf,
        /// What is wrong and where.
        problem: String,
    },
    /// A row of a file is invalid.
    Row {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// A command of a refresh failed.
    Command {
        /// The command.
        command: String,
        /// What is wrong.
        problem: String,
    },
    /// A file could not be read or written.
    File {
        /// The file.
        file: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region { territory, problem } => write!(f, "metadata of {territory}: {problem}"),
            Self::Pattern { territory, what, text, problem } => {
                write!(f, "metadata of {territory}, {what}, pattern {text:?}, {problem}")
            }
            Self::Metadata { file, problem } => write!(f, "{}: {problem}", file.display()),
            Self::Row { file, line, problem } => write!(f, "{}:{line}: {problem}", file.display()),
            Self::Command { command, problem } => write!(f, "`{command}` {problem}"),
            Self::File { file, cause } => write!(f, "{}: {cause}", file.display()),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Region { problem, .. } => Some(problem),
            Self::Pattern { problem, .. } => Some(problem),
            Self::File { cause, .. } => Some(cause),
            Self::Metadata { .. } | Self::Row { .. } | Self::Command { .. } => None,
        }
    }
}
