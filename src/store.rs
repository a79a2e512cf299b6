//! The contract between the verifier and a backend that keeps its records: one read and one
//! conditional write.

mod async_store;
mod error;
#[cfg(feature = "alloc")]
mod guarded;
mod keep;
mod key;
mod loaded;
#[cfg(feature = "std")]
mod memory;
mod tallies;
mod timeouts;

pub use async_store::AsyncStore;
pub use error::{StoreError, StoreErrorKind};
#[cfg(feature = "alloc")]
pub use guarded::Guarded;
pub use keep::Keep;
pub use key::{RecordKey, Revision};
pub use loaded::{BATCH_RECORDS, Batch, Loaded, RECORD_BYTES, RecordBytes};
#[cfg(feature = "std")]
pub use memory::MemoryStore;
#[cfg(feature = "std")]
pub use tallies::MemoryTallies;
#[cfg(feature = "alloc")]
pub(crate) use tallies::half_lives;
pub use tallies::{
    AsyncTallies, Change, ENTRY_BYTES, Effect, Entries, Entry, EntryBytes, EntryError, EntryKind, HALF_LIFE,
    KEPT_FOR, KNOWN_FOR, NumberChange, NumberMemory, ReadBoth, Standing, Sums, TALLIES_PER_CALL, Tallies,
    TallyKey,
};
pub use timeouts::Timeouts;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use core::time::Duration;

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
