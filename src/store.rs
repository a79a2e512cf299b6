//! The contract between the verifier and a backend that keeps its records: one read and one
//! conditional write.

mod async_store;
mod error;
#[cfg(feature = "std")]
mod memory;

use core::fmt;
use core::time::Duration;

pub use async_store::AsyncStore;
pub use error::{StoreError, StoreErrorKind};
#[cfg(feature = "std")]
pub use memory::MemoryStore;

use crate::time::Timestamp;

/// A backend that keeps records: a mutex around a map, Redis, PostgreSQL, or any engine that offers
/// a conditional write.
///
/// The guarantees of the passcode state machine depend on three properties:
///
/// - [`compare_and_swap`](Self::compare_and_swap) is atomic, and a write that returned `Applied` is
///   kept until `keep.until()`. An engine that can lose acknowledged writes can refill attempt
///   budgets and revive codes.
/// - A revision is never reused for a key, not even after its record was dropped and created again.
/// - No record is dropped early to make room. A full store refuses new records
///   ([`StoreErrorKind::Full`]), because a dropped record would be a forgotten lock.
///
/// Records are opaque, at most [`RECORD_BYTES`] long, and contain neither numbers nor codes.
/// Writing an empty record deletes the key. Deleting an absent key returns `Applied`. Expired
/// records are dropped by the engine's clock or during other writes. Each call bounds its own wait.
///
/// The feature `testing` has a conformance kit that checks these properties. Asynchronous engines
/// implement [`AsyncStore`].
///
/// # Example
///
/// A store in a map, which keeps records for ever:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use countersign::store::{Keep, Loaded, RecordKey, Revision, StoreError, StoreErrorKind, Swap};
/// use countersign::{Channel, Keys, PhoneNumber, Store, Verifier};
///
/// #[derive(Default)]
/// struct Map(Mutex<Inner>);
///
/// #[derive(Default)]
/// struct Inner {
///     records: HashMap<RecordKey, (Vec<u8>, Revision)>,
///     last_revision: u64,
/// }
///
/// impl Store for Map {
///     fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
///         let inner = self.0.lock().map_err(|_| StoreErrorKind::Unavailable)?;
///         match inner.records.get(key) {
///             Some((record, revision)) => Loaded::new(record, *revision),
///             None => Ok(Loaded::ABSENT),
///         }
///     }
///
///     fn compare_and_swap(
///         &self,
///         key: &RecordKey,
///         expected: Revision,
///         record: &[u8],
///         _: Keep,
///     ) -> Result<Swap, StoreError> {
///         let mut inner = self.0.lock().map_err(|_| StoreErrorKind::Unavailable)?;
///         let current = inner.records.get(key).map_or(Revision::ABSENT, |(_, revision)| *revision);
///         if current != expected {
///             return Ok(Swap::Conflict);
///         }
///         if record.is_empty() {
///             inner.records.remove(key);
///         } else {
///             inner.last_revision += 1;
///             let revision = Revision::from_number(inner.last_revision);
///             inner.records.insert(*key, (record.to_vec(), revision));
///         }
///         Ok(Swap::Applied)
///     }
/// }
///
/// let verifier = Verifier::new(Keys::from_secret([7; 32])?, Map::default());
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let issued = verifier.start(number, Channel::Sms)?;
/// assert!(verifier.check(number, issued.handle(), issued.code().as_str()).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Store {
    /// Returns the current record of a key, with its revision. An absent record is
    /// [`Loaded::ABSENT`].
    ///
    /// # Errors
    ///
    /// If the engine does not answer. The operation then ends without a verdict.
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError>;

    /// Returns the records of several keys, at most [`BATCH_RECORDS`], in the order of the keys.
    ///
    /// Each record is as it was at some moment during the call; the moments may differ. The default
    /// implementation loads one record after the other. An engine overrides it to use one round
    /// trip.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load), for any of the keys; or if there are more than
    /// [`BATCH_RECORDS`] keys.
    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let mut batch = Batch::new();
        for key in keys {
            batch.push(self.load(key)?)?;
        }
        Ok(batch)
    }

    /// Replaces the record of a key if its revision is still `expected`. [`Revision::ABSENT`] means
    /// that there must be no record.
    ///
    /// # Errors
    ///
    /// If the engine certainly wrote nothing. If that is unknown because the reply was lost, the
    /// result is [`Swap::Unknown`] instead.
    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError>;
}

impl<S: Store + ?Sized> Store for &S {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        (**self).load(key)
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        (**self).load_all(keys)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        (**self).compare_and_swap(key, expected, record, keep)
    }
}

#[cfg(feature = "alloc")]
impl<S: Store + ?Sized> Store for alloc::sync::Arc<S> {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        (**self).load(key)
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        (**self).load_all(keys)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        (**self).compare_and_swap(key, expected, record, keep)
    }
}

/// The maximum length of a record, in bytes.
///
/// A passcode record has 107 bytes after its first send, and at most 268. The rest is reserved for
/// future kinds of records. An engine stores a record at its actual length. In memory, a
/// [`RecordBytes`] takes 520 bytes of stack for each record that a call holds.
pub const RECORD_BYTES: usize = 512;

/// The maximum number of records that one operation reads at once.
pub const BATCH_RECORDS: usize = 3;

/// The records returned by [`Store::load_all`]: up to [`BATCH_RECORDS`], stored inline.
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

/// How long a record must be kept, by the clock of the server that wrote it.
///
/// An engine with its own clock uses [`ttl`](Self::ttl), so that the two clocks need not agree. A
/// bounded engine may reserve room for records [of known devices](Self::is_for_known_device).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    now: Timestamp,
    until: Timestamp,
    for_known_device: bool,
}

impl Keep {
    /// Creates the retention of a record that is written at `now` and kept until `until`.
    #[must_use]
    pub const fn new(now: Timestamp, until: Timestamp) -> Self {
        Self { now, until, for_known_device: false }
    }

    /// Marks the record as belonging to a known device's lane, in which no stranger can write.
    #[must_use]
    pub const fn for_known_device(self) -> Self {
        Self { for_known_device: true, ..self }
    }

    /// Returns when the record was written.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns when the record may be dropped. [`Timestamp::MAX`] means never.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// Returns whether the record belongs to the lane of a device that has verified the recipient
    /// before.
    ///
    /// Strangers can flood a store with other records, but not with these. A bounded store may
    /// reserve room for them, as `MemoryStore` does. The mark has no other effect.
    #[must_use]
    pub const fn is_for_known_device(&self) -> bool {
        self.for_known_device
    }

    /// Returns how long the record must be kept, counted from the write; `None` means for ever.
    #[must_use]
    pub fn ttl(&self) -> Option<Duration> {
        (self.until < Timestamp::MAX).then(|| self.until.since(self.now))
    }
}

/// The result of [`Store::compare_and_swap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Swap {
    /// The record was written.
    Applied,
    /// The revision did not match; nothing was written.
    Conflict,
    /// The reply was lost. The record may or may not have been written.
    Unknown,
}

/// The result of [`Store::load`]: a record's bytes, stored inline, and its revision.
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

    #[test]
    fn ttl_is_the_time_left_from_the_write() {
        let minute = Duration::from_secs(60);
        let keep = Keep::new(NOW, NOW + minute);
        assert_eq!((keep.now(), keep.until(), keep.ttl()), (NOW, NOW + minute, Some(minute)));
        assert_eq!(Keep::new(NOW, NOW).ttl(), Some(Duration::ZERO));
        assert_eq!(Keep::new(NOW, Timestamp::EPOCH).ttl(), Some(Duration::ZERO));
        assert_eq!(Keep::new(NOW, Timestamp::MAX).ttl(), None, "for ever");
        let known = keep.for_known_device();
        assert!(known.is_for_known_device() && !keep.is_for_known_device());
        assert_eq!((known.now(), known.until()), (keep.now(), keep.until()));
    }

    #[test]
    fn revision_returns_the_engines_number() {
        for number in [2, 1 << 40, u64::MAX] {
            assert_eq!(Revision::from_number(number).number(), number);
        }
        assert_eq!(Revision::ABSENT.number(), 0);
    }

    #[test]
    fn rejects_oversized_records_but_keeps_their_revision() {
        let longest = Loaded::new(&[7; RECORD_BYTES], Revision::from_number(3)).unwrap();
        assert_eq!((longest.record(), longest.revision().number()), (&[7; RECORD_BYTES][..], 3));
        let error = Loaded::new(&[7; RECORD_BYTES + 1], Revision::from_number(3)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::NotARecord);
        assert_eq!(error.revision(), Some(Revision::from_number(3)));
        assert!(RecordBytes::new(&[7; RECORD_BYTES + 1]).is_none());
    }
}
