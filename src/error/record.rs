//! What can be wrong with stored bytes.

use core::fmt;

/// Why stored bytes are no record. The operation ends without a verdict, and the bytes stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// Written by a version of this crate that is newer than this one, or by something else.
    UnknownVersion {
        /// What stands where the version should.
        version: u8,
    },
    /// Too short to end in a MAC.
    Truncated {
        /// How long it is.
        bytes: usize,
    },
    /// Cut off, altered, moved here from another key, or written under another secret.
    WrongMac,
    /// A record to be written has no room for all of its fields: a fault of this crate. Nothing is written.
    TooLong,
    /// The MAC is right, yet the fields make no sense: a fault of the crate that wrote it.
    Malformed,
}

impl RecordError {
    /// The error in snake case.
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
                write!(f, "stored record: version {version} is not known here; expected 1")
            }
            Self::Truncated { bytes } => write!(f, "stored record: {bytes} bytes are too few; it was cut off"),
            Self::WrongMac => f.write_str(
                "stored record: the MAC does not match; it was altered or moved, or this server has another secret",
            ),
            Self::TooLong => f.write_str("record: its fields take more room than a record has"),
            Self::Malformed => f.write_str("stored record: its fields make no sense"),
        }
    }
}

impl core::error::Error for RecordError {}
