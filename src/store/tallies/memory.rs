//! Tallies in this process's memory, in tables of fixed size.

mod slot;
mod table;

use core::fmt;

use super::batch::check_len;
use super::{Change, Entries, Entry, EntryKind, NumberMemory, Sums, TallyKey};
use crate::store::StoreError;
use crate::time::Timestamp;
use table::{Found, Table};

/// The number of keys that are looked up together. A decision on a stranger reads seven.
const AT_ONCE: usize = 8;

/// Tallies in memory: for single-process services, tests and simulations.
///
/// The size is fixed. Entries take 32 bytes each, in sets of eight slots. When its set is full, a
/// new entry evicts an expired one, or else the least important: the tally with the smallest sums;
/// the number with the fewest unanswered sends that was never verified, or if all were, the one that
/// was verified longest ago. Tallies and numbers have separate tables, so that a flood of blocks
/// evicts no number. Only changes that add something create entries.
///
/// Unused memory is never touched: the operating system allocates pages when they are first written.
pub struct MemoryTallies {
    sums: Table<Sums>,
    numbers: Table<NumberMemory>,
}

impl MemoryTallies {
    /// Creates tables with room for 2²⁰ entries (32 MiB), half of them numbers.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1 << 19, 1 << 19)
    }

    /// Creates tables with room for this many tallies and numbers, rounded up to full sets.
    #[must_use]
    pub fn with_capacity(sums: usize, numbers: usize) -> Self {
        Self { sums: Table::new(sums), numbers: Table::new(numbers) }
    }

    /// Returns how many tallies and numbers there is room for.
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
        for keys in keys.chunks(AT_ONCE) {
            // Looks for all keys before it reads an entry, so that it waits for memory once.
            let mut found = [Found::NOWHERE; AT_ONCE];
            for (found, key) in found.iter_mut().zip(keys) {
                *found = self.find(key);
            }
            for (found, key) in found.iter().zip(keys) {
                entries.push(self.entry(key, found, now))?;
            }
        }
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

    fn find(&self, key: &TallyKey) -> Found {
        match key.kind() {
            EntryKind::Sums => self.sums.find(key),
            EntryKind::Number => self.numbers.find(key),
        }
    }

    fn entry(&self, key: &TallyKey, found: &Found, now: Timestamp) -> Entry {
        match key.kind() {
            EntryKind::Sums => Entry::Sums(self.sums.read(key, found, now)),
            EntryKind::Number => Entry::Number(self.numbers.read(key, found, now)),
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
