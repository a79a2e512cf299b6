//! Where a record is kept, and which state of it was read.

use core::fmt;

/// The key of a record: a keyed hash of tenant, recipient and lane, which reveals none of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey([u8; 16]);

impl RecordKey {
    /// Creates a key from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the key's 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(")?;
        crate::hex::write(f, &self.0)?;
        f.write_str(")")
    }
}

/// The revision of a record: identifies one state of it. Never the same twice for one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u64);

impl Revision {
    /// The revision of an absent record.
    pub const ABSENT: Self = Self(0);

    /// Creates a revision from the engine's number, which must not be 0.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// Returns the engine's number, or 0 for [`ABSENT`](Self::ABSENT).
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}
