//! The encoding of entries, for engines.
//!
//! | bytes | sums | number |
//! |---|---|---|
//! | 0 | version 1 | version 1 |
//! | 1 | kind 1 | kind 2 |
//! | 2..8 | `at` | `at` |
//! | 8..16, 16..24 | unanswered, answered (IEEE 754 doubles) | |
//! | 8..14, 14..20 | | first and last verification, 0 for none |
//! | 20 | | unanswered sends since |
//! | 21, 22 | | sends of the current bucket, of the one before |
//! | 23..26, 26..29, 29..32 | | outstanding, owed by channel, in steps of 2⁻¹⁸ |
//!
//! Times are milliseconds of Unix time. Integers and doubles are little-endian.

use core::fmt;

use super::number::Fixed;
use super::{Entry, EntryKind, NumberMemory, Sums};
use crate::store::{StoreError, StoreErrorKind};
use crate::time::Timestamp;

const VERSION: u8 = 1;
const SUMS: u8 = 1;
const NUMBER: u8 = 2;

/// The maximum length of an encoded entry.
pub const ENTRY_BYTES: usize = 32;

/// An encoded entry, without allocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EntryBytes {
    bytes: [u8; ENTRY_BYTES],
    len: usize,
}

impl EntryBytes {
    /// Returns the bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn new() -> Self {
        Self { bytes: [0; ENTRY_BYTES], len: 0 }
    }

    fn put<const N: usize>(&mut self, field: [u8; N]) {
        if let Some(place) = self.bytes.get_mut(self.len..self.len + N) {
            place.copy_from_slice(&field);
            self.len += N;
        }
    }

    fn put_time(&mut self, time: Timestamp) {
        let [bytes @ .., _, _] = time.unix_millis().to_le_bytes();
        self.put::<6>(bytes);
    }
}

impl AsRef<[u8]> for EntryBytes {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl fmt::Debug for EntryBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryBytes({} bytes)", self.len)
    }
}

/// Why stored bytes are not a valid entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryError {
    /// The version is unknown.
    Version(u8),
    /// The kind is unknown, or not that of the key.
    Kind,
    /// The length is wrong.
    Length,
    /// A sum is infinite or NaN.
    NotFinite,
    /// A sum is negative or too large, or the first verification is later than the last.
    OutOfRange,
}

impl EntryError {
    /// Returns the error in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Version(_) => "tally_version",
            Self::Kind => "tally_kind",
            Self::Length => "tally_length",
            Self::NotFinite => "tally_not_finite",
            Self::OutOfRange => "tally_out_of_range",
        }
    }
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "a stored tally has the unknown version {version}"),
            Self::Kind => f.write_str("a stored tally's kind does not match its key"),
            Self::Length => f.write_str("a stored tally has the wrong length"),
            Self::NotFinite => f.write_str("a sum of a stored tally is infinite or NaN"),
            Self::OutOfRange => f.write_str("a value of a stored tally is out of range"),
        }
    }
}

impl core::error::Error for EntryError {}

impl From<EntryError> for StoreError {
    fn from(error: EntryError) -> Self {
        Self::not_a_tally(error)
    }
}

impl From<EntryError> for StoreErrorKind {
    fn from(_: EntryError) -> Self {
        Self::NotATally
    }
}

impl Entry {
    /// Encodes the entry.
    #[must_use]
    pub fn to_bytes(&self) -> EntryBytes {
        let mut bytes = EntryBytes::new();
        match self {
            Self::Sums(sums) => {
                bytes.put([VERSION, SUMS]);
                bytes.put_time(sums.at());
                bytes.put(sums.unanswered().to_le_bytes());
                bytes.put(sums.answered().to_le_bytes());
            }
            Self::Number(memory) => {
                bytes.put([VERSION, NUMBER]);
                [memory.at, memory.first, memory.last].into_iter().for_each(|time| bytes.put_time(time));
                bytes.put([memory.unanswered, memory.sends[0], memory.sends[1]]);
                let [sms, whatsapp] = memory.owed;
                for count in [memory.outstanding, sms, whatsapp] {
                    let [low, middle, high, _] = count.steps().to_le_bytes();
                    bytes.put([low, middle, high]);
                }
            }
        }
        bytes
    }

    /// Decodes an entry under a key of this kind.
    ///
    /// # Errors
    ///
    /// If the bytes are not a valid entry of this kind.
    pub fn from_bytes(kind: EntryKind, bytes: &[u8]) -> Result<Self, EntryError> {
        let mut fields = Fields { rest: bytes };
        let [version] = fields.take()?;
        if version != VERSION {
            return Err(EntryError::Version(version));
        }
        let entry = match (fields.take()?, kind) {
            ([SUMS], EntryKind::Sums) => Self::Sums(fields.sums()?),
            ([NUMBER], EntryKind::Number) => Self::Number(fields.number()?),
            _ => return Err(EntryError::Kind),
        };
        if fields.rest.is_empty() { Ok(entry) } else { Err(EntryError::Length) }
    }
}

struct Fields<'a> {
    rest: &'a [u8],
}

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], EntryError> {
        let (field, rest) = self.rest.split_first_chunk().ok_or(EntryError::Length)?;
        self.rest = rest;
        Ok(*field)
    }

    fn time(&mut self) -> Result<Timestamp, EntryError> {
        let [a, b, c, d, e, f] = self.take()?;
        Ok(Timestamp::from_unix_millis(u64::from_le_bytes([a, b, c, d, e, f, 0, 0])))
    }

    fn sums(&mut self) -> Result<Sums, EntryError> {
        let at = self.time()?;
        Sums::new(f64::from_le_bytes(self.take()?), f64::from_le_bytes(self.take()?), at)
    }

    fn fixed(&mut self) -> Result<Fixed, EntryError> {
        let [low, middle, high] = self.take()?;
        Fixed::of_steps(u32::from_le_bytes([low, middle, high, 0])).ok_or(EntryError::OutOfRange)
    }

    fn number(&mut self) -> Result<NumberMemory, EntryError> {
        let (at, first, last) = (self.time()?, self.time()?, self.time()?);
        let [unanswered, current, before] = self.take()?;
        let (outstanding, owed) = (self.fixed()?, [self.fixed()?, self.fixed()?]);
        if first > last || last > at {
            return Err(EntryError::OutOfRange);
        }
        Ok(NumberMemory { at, first, last, unanswered, sends: [current, before], outstanding, owed })
    }
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use crate::store::NumberChange;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    const NOW: Timestamp = Timestamp::from_unix_millis(0x0102_0304_0506);

    fn sums() -> Entry {
        Entry::Sums(Sums::new(1.5, 0.25, NOW).unwrap())
    }

    fn number() -> Entry {
        let mut memory = NumberMemory::EMPTY;
        memory.apply(NumberChange::verified(NOW), NOW);
        memory.apply(NumberChange::sent([0, 1]), NOW + core::time::Duration::from_millis(1));
        memory.apply(NumberChange::sent([1, 0]), NOW);
        Entry::Number(memory)
    }

    #[test]
    fn encodes_the_documented_layout() {
        let mut expected = Vec::from([1, 1, 6, 5, 4, 3, 2, 1]);
        expected.extend(1.5_f64.to_le_bytes());
        expected.extend(0.25_f64.to_le_bytes());
        assert_eq!(sums().to_bytes().as_slice(), expected);
        let expected =
            [1, 2, 7, 5, 4, 3, 2, 1, 6, 5, 4, 3, 2, 1, 6, 5, 4, 3, 2, 1, 2, 2, 0, 0, 0, 8, 0, 0, 4, 0, 0, 4];
        assert_eq!(number().to_bytes().as_slice(), expected);
    }

    #[test]
    fn entries_round_trip() {
        for entry in [sums(), number(), Entry::empty(EntryKind::Sums), Entry::empty(EntryKind::Number)] {
            assert_eq!(Entry::from_bytes(entry.kind(), entry.to_bytes().as_slice()), Ok(entry));
        }
    }

    #[test]
    fn rejects_damaged_bytes() {
        let from = |kind, bytes: &[u8]| Entry::from_bytes(kind, bytes).unwrap_err();
        for entry in [sums(), number()] {
            let bytes = entry.to_bytes();
            let bytes = bytes.as_slice();
            for len in 0..bytes.len() {
                assert_eq!(from(entry.kind(), &bytes[..len]), EntryError::Length, "{len}");
            }
            assert_eq!(from(entry.kind(), &[bytes, &[0]].concat()), EntryError::Length);
            assert_eq!(from(entry.kind(), &[&[9], &bytes[1..]].concat()), EntryError::Version(9));
            assert_eq!(from(entry.kind(), &[&[1, 9], &bytes[2..]].concat()), EntryError::Kind);
        }
        assert_eq!(from(EntryKind::Number, sums().to_bytes().as_slice()), EntryError::Kind);
        let with = |unanswered: f64| {
            let bytes = sums().to_bytes();
            let bytes = bytes.as_slice();
            from(EntryKind::Sums, &[&bytes[..8], &unanswered.to_le_bytes(), &bytes[16..]].concat())
        };
        assert_eq!(with(f64::NAN), EntryError::NotFinite);
        assert_eq!(with(f64::INFINITY), EntryError::NotFinite);
        assert_eq!(with(-1.0), EntryError::OutOfRange);
        let mut bytes = Vec::from(number().to_bytes().as_slice());
        bytes[8] = 7;
        assert_eq!(from(EntryKind::Number, &bytes), EntryError::OutOfRange, "first after last");
    }

    #[test]
    fn becomes_the_cause_of_a_store_error() {
        use core::error::Error as _;
        let error = StoreError::from(EntryError::NotFinite);
        assert_eq!(error.kind(), StoreErrorKind::NotATally);
        assert_eq!(error.source().unwrap().to_string(), EntryError::NotFinite.to_string());
    }
}
