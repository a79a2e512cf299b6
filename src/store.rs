//! The contract between the machine and whatever keeps its records: one read and one conditional write.

mod async_store;
mod error;
#[cfg(feature = "std")]
mod memory;
mod tallies;

use core::fmt;
use core::time::Duration;

pub use async_store::AsyncStore;
pub use error::{StoreError, StoreErrorKind};
#[cfg(feature = "std")]
pub use memory::MemoryStore;
#[cfg(feature = "std")]
pub use tallies::MemoryTallies;
#[cfg(feature = "alloc")]
pub(crate) use tallies::half_lives;
pub use tallies::{
    Change, Changes, ENTRY_BYTES, Effect, Entries, Entry, EntryBytes, EntryError, EntryKind, HALF_LIFE,
    KEPT_FOR, KNOWN_FOR, NumberChange, NumberMemory, Standing, Sums, TALLIES_PER_CALL, Tallies, TallyKey,
};

use crate::time::Timestamp;

/// Keeps records: a mutexed map, Redis, PostgreSQL, anything that can do one conditional write.
///
/// The machine's promises rest on three properties of an implementation:
///
/// - [`compare_and_swap`](Self::compare_and_swap) is atomic, and what it answered `Applied` for is not forgotten before
///   `keep.until()`. An engine that can lose acknowledged writes can refill budgets of tries and revive codes.
/// - A revision never comes again for a key, not even after its record was dropped and made anew.
/// - No record is dropped before its time to make room: a full store refuses new ones
///   ([`StoreErrorKind::Full`]), for a dropped record is a forgotten lock.
///
/// Records are opaque, at most [`RECORD_BYTES`] long, and hold neither numbers nor codes. An empty record is to be
/// forgotten at once; where there is none it is `Applied` all the same. What is due is dropped: by the engine's clock, or as others are written.
/// Each call bounds its own wait.
///
/// The feature `testing` has a conformance kit, which checks all of that. An engine that is awaited implements [`AsyncStore`].
pub trait Store {
    /// The record of a key as it is now, with its revision.
    ///
    /// # Errors
    ///
    /// If the engine does not answer. The operation then ends without a verdict.
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError>;

    /// The records of several keys, at most [`BATCH_RECORDS`], in the order of the keys. Each is as it was
    /// at some moment of the call; they need not be of one moment. By default one after the other; an
    /// engine does it in one round trip.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load), for any of them.
    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let mut batch = Batch::new();
        for key in keys {
            batch.push(self.load(key)?)?;
        }
        Ok(batch)
    }

    /// Replaces the record of a key if its revision is still `expected` ([`Revision::ABSENT`]: if there is none).
    ///
    /// # Errors
    ///
    /// If the engine is known not to have written anything. Where that is not known (the reply was lost), the answer
    /// is [`Swap::Unknown`].
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

/// No record is longer than this.
///
/// A passcode record has 107 bytes after its first send and 268 at most; the rest is room for the kinds
/// to come. An engine stores a record at its own length, so the bound costs nothing there; in the process
/// a [`RecordBytes`] takes 520 bytes of the stack for each record that a call holds.
pub const RECORD_BYTES: usize = 512;

/// No operation reads more records than this at once.
pub const BATCH_RECORDS: usize = 3;

/// What [`Store::load_all`] answers: up to [`BATCH_RECORDS`] records, held in place.
#[derive(Clone, Debug)]
pub struct Batch {
    records: [Loaded; BATCH_RECORDS],
    len: usize,
}

impl Batch {
    /// No records yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { records: [const { Loaded::ABSENT }; BATCH_RECORDS], len: 0 }
    }

    /// One record more.
    ///
    /// # Errors
    ///
    /// If there are [`BATCH_RECORDS`] already.
    pub fn push(&mut self, loaded: Loaded) -> Result<(), StoreError> {
        let place = self.records.get_mut(self.len).ok_or(StoreError::new(StoreErrorKind::TooManyRecords))?;
        *place = loaded;
        self.len += 1;
        Ok(())
    }

    /// The records, in the order in which they were pushed.
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

/// Where a record is kept: a keyed hash of tenant, recipient and lane, from which none of them can be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey([u8; 16]);

impl RecordKey {
    /// From its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its 16 bytes.
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

/// Which state of a record was read. Opaque to the machine, and never the same twice for one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u64);

impl Revision {
    /// There is no record.
    pub const ABSENT: Self = Self(0);

    /// From the engine's number, which is not 0.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The engine's number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// How long a record has to be kept, by the clock of the machine that wrote it.
///
/// An engine with a clock of its own takes [`ttl`](Self::ttl), so that the two clocks need not agree.
/// A bounded engine may keep room for records [of known devices](Self::is_for_known_device).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    now: Timestamp,
    until: Timestamp,
    for_known_device: bool,
}

impl Keep {
    /// From `now` to `until`.
    #[must_use]
    pub const fn new(now: Timestamp, until: Timestamp) -> Self {
        Self { now, until, for_known_device: false }
    }

    /// The same for a record in the lane of a known device, which no stranger can have written.
    #[must_use]
    pub const fn for_known_device(self) -> Self {
        Self { for_known_device: true, ..self }
    }

    /// When the record was written.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// When the record may be dropped; [`Timestamp::MAX`] is never.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// Whether the record is in the lane of a device that has proved the recipient before. Strangers can
    /// flood a store with records, but with none of these: a bounded store may keep room for them, as
    /// `MemoryStore` does. It changes nothing else.
    #[must_use]
    pub const fn is_for_known_device(&self) -> bool {
        self.for_known_device
    }

    /// How long it has to be kept from now on; none is for ever.
    #[must_use]
    pub fn ttl(&self) -> Option<Duration> {
        (self.until < Timestamp::MAX).then(|| self.until.since(self.now))
    }
}

/// What [`Store::compare_and_swap`] answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Swap {
    /// The record is written.
    Applied,
    /// The revision was another; nothing is written.
    Conflict,
    /// The reply was lost: the record may or may not be written.
    Unknown,
}

/// What [`Store::load`] answers: the bytes of a record, held in place, and their revision.
#[derive(Clone)]
pub struct Loaded {
    record: RecordBytes,
    revision: Revision,
}

impl Loaded {
    /// There is no record.
    pub const ABSENT: Self = Self { record: RecordBytes::EMPTY, revision: Revision::ABSENT };

    /// A record as the engine has it.
    ///
    /// # Errors
    ///
    /// If it is longer than [`RECORD_BYTES`]: then it is none of ours.
    #[inline]
    pub fn new(record: &[u8], revision: Revision) -> Result<Self, StoreError> {
        // One value from the beginning to the end, so that half a kilobyte is not moved.
        let mut loaded = Ok(Self { revision, ..Self::ABSENT });
        if let Ok(Self { record: held, .. }) = &mut loaded
            && !held.set(record)
        {
            loaded = Err(StoreError::not_a_record(revision));
        }
        loaded
    }

    /// The bytes.
    #[must_use]
    pub fn record(&self) -> &[u8] {
        self.record.as_slice()
    }

    /// Their revision.
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

/// An encoded record, held in place so that reading and writing one allocates nothing.
#[derive(Clone)]
pub struct RecordBytes {
    bytes: [u8; RECORD_BYTES],
    len: usize,
}

impl RecordBytes {
    /// No bytes: there is nothing to remember.
    pub const EMPTY: Self = Self { bytes: [0; RECORD_BYTES], len: 0 };

    /// These bytes, if they are no more than [`RECORD_BYTES`].
    #[must_use]
    #[inline]
    pub fn new(record: &[u8]) -> Option<Self> {
        let mut held = Self::EMPTY;
        held.set(record).then_some(held)
    }

    /// These bytes in place of the others; whether there is room.
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

    /// Makes it empty.
    pub(crate) const fn clear(&mut self) {
        self.len = 0;
    }

    /// These bytes behind the others; whether there was room.
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

    /// The bytes.
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
    fn an_engine_with_a_clock_of_its_own_is_told_for_how_long() {
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
    fn an_engines_number_comes_back_from_the_revision() {
        for number in [2, 1 << 40, u64::MAX] {
            assert_eq!(Revision::from_number(number).number(), number);
        }
        assert_eq!(Revision::ABSENT.number(), 0);
    }

    #[test]
    fn what_is_longer_than_any_record_is_none_and_can_still_be_forgotten() {
        let longest = Loaded::new(&[7; RECORD_BYTES], Revision::from_number(3)).unwrap();
        assert_eq!((longest.record(), longest.revision().number()), (&[7; RECORD_BYTES][..], 3));
        let error = Loaded::new(&[7; RECORD_BYTES + 1], Revision::from_number(3)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::NotARecord);
        assert_eq!(error.revision(), Some(Revision::from_number(3)));
        assert!(RecordBytes::new(&[7; RECORD_BYTES + 1]).is_none());
    }
}
