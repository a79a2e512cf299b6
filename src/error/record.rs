//! Errors of stored records.

use core::fmt;

/// Why stored bytes are not a record. The operation ends without a verdict, and the bytes are not
/// changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// The record was written by a newer version of this crate, or by other software.
    UnknownVersion {
        /// The value of the version byte.
        version: u8,
    },
    /// The bytes are too few to contain a MAC.
    Truncated {
        /// Length of the stored value, in bytes.
        bytes: usize,
    },
    /// The MAC does not match: the record was truncated, altered, moved from another key, or
    /// written with another secret.
    WrongMac,
    /// A record to be written is longer than allowed, which is a bug in this crate. Nothing was
    /// written.
    TooLong,
    /// The MAC matches but the fields are not valid, which is a bug in the software that wrote the
    /// record.
    Malformed,
}

impl RecordError {
    /// Returns the error in snake case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownVersion { .. } => "record_version_unknown",
            Self::Truncated { .. } => "record_truncated",
            Self::WrongMac => "record_mac_wrong",
            Self::TooLong => "record_too_long",
            Self::Malformed => "record_malformed",
        }
    }

    pub(super) const fn number(&self) -> u16 {
        match self {
            Self::UnknownVersion { .. } => 320,
            Self::Truncated { .. } => 321,
            Self::WrongMac => 322,
            Self::TooLong => 323,
            Self::Malformed => 324,
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVersion { version } => {
                write!(f, "stored record: unknown version {version}; expected 1")
            }
            Self::Truncated { bytes } => write!(f, "stored record: truncated to {bytes} bytes"),
            Self::WrongMac => f.write_str(
                "stored record: the MAC does not match; it was altered or moved, or this server has another root secret",
            ),
            Self::TooLong => f.write_str("record to be written: the fields do not fit into 512 bytes"),
            Self::Malformed => f.write_str("stored record: the fields are not valid"),
        }
    }
}

impl core::error::Error for RecordError {}
