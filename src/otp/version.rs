//! Versions of stored records.

/// The version of stored records. All of them are read; one is written.
///
/// A fleet of servers is upgraded in two steps, so that old and new ones understand each other at every moment: first every server gets
/// the new release and [writes](crate::Verifier::record_version) the version before, then each of them writes the latest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RecordVersion {
    /// Remembers the last operation only: where others wrote after a write whose reply was lost, its driver can't tell
    /// what became of it.
    V1,
    /// Remembers the last three operations.
    #[default]
    V2,
}

impl RecordVersion {
    /// The number that stands first in a record.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }

    pub(super) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::V1),
            2 => Some(Self::V2),
            _ => None,
        }
    }
}
