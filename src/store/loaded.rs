//! Records as an engine returns them, held in place.

use core::fmt;

use super::{Revision, StoreError, StoreErrorKind};

/// The maximum length of a record, in bytes.
///
/// A passcode record has 107 bytes after its first send, and at most 268. The rest is reserved for
/// future kinds of records. An engine stores a record at its actual length. In memory, a
/// [`RecordBytes`] takes 520 bytes of stack for each record that a call holds.
pub const RECORD_BYTES: usize = 512;

/// The maximum number of records that one operation reads at once.
pub const BATCH_RECORDS: usize = 3;

/// The result of [`Store::load`](super::Store::load): a record's bytes, stored inline, and its revision.
#[derive(Clone)]
pub struct Loaded {
    record: RecordBytes,
    revision: Revision,
}

impl Loaded {
    /// The result for an absent record.
    pub const ABSENT: Self = Self { record: RecordBytes::EMPTY, revision: Revision::ABSENT };

    /// Creates a result from the engine's bytes.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::NotARecord`] if the bytes are longer than [`RECORD_BYTES`]: this crate did
    /// not write them.
    #[inline]
    pub fn new(record: &[u8], revision: Revision) -> Result<Self, StoreError> {
        // Built in one place, so that half a kilobyte is not moved.
        let mut loaded = Ok(Self { revision, ..Self::ABSENT });
        if let Ok(Self { record: held, .. }) = &mut loaded
            && !held.set(record)
        {
            loaded = Err(StoreError::not_a_record(revision));
        }
        loaded
    }

    /// Returns the record's bytes.
    #[must_use]
    pub fn record(&self) -> &[u8] {
        self.record.as_slice()
    }

    /// Returns the record's revision.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Loaded({} bytes, {:?})", self.record().len(), self.revision)
    }
}

/// An encoded record, stored inline, so that reading and writing one allocates nothing.
#[derive(Clone)]
pub struct RecordBytes {
    bytes: [u8; RECORD_BYTES],
    len: usize,
}

impl RecordBytes {
    /// The empty record: nothing is remembered.
    pub const EMPTY: Self = Self { bytes: [0; RECORD_BYTES], len: 0 };

    /// Copies the bytes, or returns `None` if they are longer than [`RECORD_BYTES`].
    #[must_use]
    #[inline]
    pub fn new(record: &[u8]) -> Option<Self> {
        let mut held = Self::EMPTY;
        held.set(record).then_some(held)
    }

    /// Replaces the contents. Returns whether the bytes fit.
    #[inline]
    fn set(&mut self, record: &[u8]) -> bool {
        match self.bytes.get_mut(..record.len()) {
            Some(place) => {
                place.copy_from_slice(record);
                self.len = record.len();
                true
            }
            None => false,
        }
    }

    /// Removes the contents.
    pub(crate) const fn clear(&mut self) {
        self.len = 0;
    }

    /// Appends the bytes. Returns whether they fit.
    #[inline]
    pub(crate) fn push<const N: usize>(&mut self, field: &[u8; N]) -> bool {
        match self.bytes.get_mut(self.len..self.len + N) {
            Some(place) => {
                place.copy_from_slice(field);
                self.len += N;
                true
            }
            None => false,
        }
    }

    /// Returns the bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl PartialEq for RecordBytes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for RecordBytes {}

impl fmt::Debug for RecordBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordBytes({} bytes)", self.len)
    }
}

/// The records returned by [`Store::load_all`](super::Store::load_all): up to [`BATCH_RECORDS`], stored inline.
#[derive(Clone, Debug)]
pub struct Batch {
    records: [Loaded; BATCH_RECORDS],
    len: usize,
}

impl Batch {
    /// Creates an empty batch.
    #[must_use]
    pub const fn new() -> Self {
        Self { records: [const { Loaded::ABSENT }; BATCH_RECORDS], len: 0 }
    }

    /// Appends a record.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::TooManyRecords`] if the batch has [`BATCH_RECORDS`] records already.
    pub fn push(&mut self, loaded: Loaded) -> Result<(), StoreError> {
        let place = self.records.get_mut(self.len).ok_or(StoreError::new(StoreErrorKind::TooManyRecords))?;
        *place = loaded;
        self.len += 1;
        Ok(())
    }

    /// Returns the records in the order in which they were pushed.
    #[must_use]
    pub fn as_slice(&self) -> &[Loaded] {
        &self.records[..self.len]
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}
