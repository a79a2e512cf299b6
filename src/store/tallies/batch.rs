//! The entries of one call, without allocation.

use super::{Entry, EntryKind, TALLIES_PER_CALL, TallyKey};
use crate::store::{StoreError, StoreErrorKind};

/// The result of [`Tallies::read`](super::Tallies::read): up to [`TALLIES_PER_CALL`] entries, in
/// the order of the keys.
#[derive(Clone, Debug)]
pub struct Entries {
    entries: [Entry; TALLIES_PER_CALL],
    len: usize,
}

impl Entries {
    /// Returns a list without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: [const { Entry::empty(EntryKind::Sums) }; TALLIES_PER_CALL], len: 0 }
    }

    /// Returns empty entries for these keys.
    ///
    /// # Errors
    ///
    /// If there are more than [`TALLIES_PER_CALL`].
    pub fn absent(keys: &[TallyKey]) -> Result<Self, StoreError> {
        let mut entries = Self::new();
        keys.iter().try_for_each(|key| entries.push(Entry::empty(key.kind())))?;
        Ok(entries)
    }

    /// Appends an entry.
    ///
    /// # Errors
    ///
    /// If there are [`TALLIES_PER_CALL`] already.
    pub fn push(&mut self, entry: Entry) -> Result<(), StoreError> {
        let place = self.entries.get_mut(self.len).ok_or(StoreError::new(StoreErrorKind::TooManyTallies))?;
        *place = entry;
        self.len += 1;
        Ok(())
    }

    /// Returns the entries, in the order of the keys.
    #[must_use]
    pub fn as_slice(&self) -> &[Entry] {
        &self.entries[..self.len]
    }
}

impl Default for Entries {
    fn default() -> Self {
        Self::new()
    }
}

/// Checks that a call has no more keys than any operation needs.
#[cfg(feature = "std")]
pub(super) const fn check_len(len: usize) -> Result<(), StoreError> {
    if len <= TALLIES_PER_CALL { Ok(()) } else { Err(StoreError::new(StoreErrorKind::TooManyTallies)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_at_most_24_keys() {
        let key = TallyKey::new(EntryKind::Number, [7; 16]);
        let entries = Entries::absent(&[key; TALLIES_PER_CALL]).unwrap();
        assert_eq!(entries.as_slice(), [Entry::empty(EntryKind::Number); TALLIES_PER_CALL]);
        let error = Entries::absent(&[key; TALLIES_PER_CALL + 1]).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::TooManyTallies);
    }
}
