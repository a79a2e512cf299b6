//! The keys of entries.

use core::fmt;

/// The key of an entry: 16 bytes of a keyed hash, which reveal only the kind of the entry.
///
/// The last bit is the kind. A bounded store keeps the two kinds apart by it, and an engine detects
/// damaged entries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TallyKey([u8; 16]);

/// The kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// The sums of a tally: [`Sums`](super::Sums).
    Sums,
    /// The memory of a recipient: [`NumberMemory`](super::NumberMemory).
    Number,
}

impl TallyKey {
    /// Creates a key from 16 bytes, the last bit of which is the kind.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Creates the key of an entry of this kind: sets or clears the last bit of the bytes.
    #[must_use]
    pub const fn new(kind: EntryKind, mut bytes: [u8; 16]) -> Self {
        bytes[15] = match kind {
            EntryKind::Sums => bytes[15] & !1,
            EntryKind::Number => bytes[15] | 1,
        };
        Self(bytes)
    }

    /// Returns the 16 bytes of the key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Returns the kind of the entry under this key.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        if self.0[15] & 1 == 0 { EntryKind::Sums } else { EntryKind::Number }
    }
}

impl fmt::Debug for TallyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TallyKey(")?;
        crate::hex::write(f, &self.0)?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bit_is_the_kind() {
        for kind in [EntryKind::Sums, EntryKind::Number] {
            for byte in [0, 1, 0xFE, 0xFF] {
                let key = TallyKey::new(kind, [byte; 16]);
                assert_eq!(key.kind(), kind);
                assert_eq!(TallyKey::from_bytes(*key.as_bytes()), key);
                assert_eq!(key.as_bytes()[..15], [byte; 15]);
            }
        }
    }
}
