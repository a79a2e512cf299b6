//! Tallies in this process's memory, in tables of a fixed size.

mod slot;
mod table;

use core::fmt;

use super::batch::check_len;
use super::{Change, Entries, Entry, EntryKind, NumberMemory, Sums, TallyKey};
use crate::store::StoreError;
use crate::time::Timestamp;
use table::Table;

/// Keeps tallies in memory: for a service of one process, for tests, for simulations.
///
/// Its size is fixed: entries take 32 bytes each, in sets of eight slots. A new entry whose set is
/// full takes the slot of an expired one or else of the one that matters least: the tally with the
/// least sums; the number that was never verified and has the least unanswered sends, and after
/// those the one whose verification is longest ago. Tallies and numbers have tables of their own,
/// so that a flood of blocks evicts no number. Only changes that add something make entries.
///
/// Memory that was never used is never touched: the operating system gives pages as they are
/// written.
pub struct MemoryTallies {
    sums: Table<Sums>,
    numbers: Table<NumberMemory>,
}

impl MemoryTallies {
    /// Room for 2²⁰ entries (32 MiB), half of them numbers.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1 << 19, 1 << 19)
    }

    /// Creates a table with room for this many tallies and numbers, rounded up to full sets.
    #[must_use]
    pub fn with_capacity(sums: usize, numbers: usize) -> Self {
        Self { sums: Table::new(sums), numbers: Table::new(numbers) }
    }

    /// How many entries there is room for: tallies, and numbers.
    #[must_use]
    pub fn capacity(&self) -> (usize, usize) {
        (self.sums.capacity(), self.numbers.capacity())
    }

    /// Returns the entries of the keys: see [`Tallies::read`](super::Tallies::read).
    ///
    /// # Errors
    ///
    /// If there are more than [`TALLIES_PER_CALL`](super::TALLIES_PER_CALL) keys.
    pub fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        check_len(keys.len())?;
        let mut entries = Entries::new();
        keys.iter().try_for_each(|key| entries.push(self.entry(key, now)))?;
        Ok(entries)
    }

    /// Applies each change to its own key: see [`Tallies::add`](super::Tallies::add).
    ///
    /// # Errors
    ///
    /// If there are more than [`TALLIES_PER_CALL`](super::TALLIES_PER_CALL) changes.
    pub fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        check_len(changes.len())?;
        for change in changes {
            match change.effect().kind() {
                EntryKind::Sums => self.sums.change(change, now),
                EntryKind::Number => self.numbers.change(change, now),
            }
        }
        Ok(())
    }

    fn entry(&self, key: &TallyKey, now: Timestamp) -> Entry {
        match key.kind() {
            EntryKind::Sums => Entry::Sums(self.sums.read(key, now)),
            EntryKind::Number => Entry::Number(self.numbers.read(key, now)),
        }
    }
}

impl Default for MemoryTallies {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryTallies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sums, numbers) = self.capacity();
        write!(f, "MemoryTallies(room for {sums} tallies and {numbers} numbers)")
    }
}

#[cfg(test)]
mod tests;
