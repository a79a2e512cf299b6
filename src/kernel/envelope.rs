//! The envelope of a record: everything around the fields of its kind.

use core::fmt;
use core::time::Duration;

use subtle::ConstantTimeEq;

use super::kind::{RecordKind, fits};
use super::layout::{Reader, Writer};
use crate::error::RecordError;
use crate::keys::{Keys, Tag};
use crate::store::{Keep, RecordBytes, RecordKey};
use crate::time::Timestamp;

/// The only version that is written and read: there was no release before it.
const VERSION: u8 = 1;

/// The state byte of a record that was forgotten.
const FORGOTTEN: u8 = 0;
/// The state byte of any other record, plus one for each earlier operation it names.
const LIVE: u8 = 1;

/// The minimum retention of a record.
///
/// For this long, a write in flight finds its revision replaced. It could only revive a dropped
/// record where no record exists.
const SHORTEST: Duration = Duration::from_secs(600);

/// A record: the fields of its kind, the operation that wrote it, and the time of the write.
#[derive(Clone, Default)]
pub struct Envelope<K> {
    /// The operation that wrote the record last.
    pub(crate) operation: u64,
    /// The operations of the two writes before the last, newest first.
    pub(crate) earlier: [u64; 2],
    /// Record time of the last write.
    pub(crate) at: Timestamp,
    pub(crate) epoch: u32,
    /// The record was forgotten. It counts as no record but has a revision, so that a write that
    /// was in flight at the time cannot be applied.
    pub(crate) is_forgotten: bool,
    pub(crate) value: K,
}

impl<K: RecordKind> Envelope<K> {
    /// Creates the empty record, in which nothing is remembered.
    #[must_use]
    pub fn fresh() -> Self {
        Self::default()
    }

    /// Returns the operation that wrote the record last.
    #[must_use]
    pub const fn operation(&self) -> u64 {
        self.operation
    }

    /// Returns the fields of the record's kind.
    pub const fn value(&self) -> &K {
        &self.value
    }

    /// Returns the record time of the last write.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the next record: written by this operation, at this record time, with these fields.
    #[must_use]
    pub fn after(&self, operation: u64, at: Timestamp, value: K) -> Self {
        Self { operation, earlier: self.earlier_after(), at, is_forgotten: false, value, ..*self }
    }

    /// Creates the marker that replaces a forgotten record: the operation and the time, and nothing
    /// else.
    pub(crate) fn forgotten(operation: u64, at: Timestamp) -> Self {
        Self { operation, at, is_forgotten: true, ..Self::default() }
    }

    /// Returns whether this operation wrote the record, as the last write or one of the two before
    /// it. After a lost reply, a driver thus learns whether its write was applied, even if others
    /// wrote after it.
    #[must_use]
    pub fn was_written_by(&self, operation: u64) -> bool {
        operation != 0 && (self.operation == operation || self.earlier.contains(&operation))
    }

    /// Returns whether three or more writes separate this record from the one written by
    /// `operation` (0 for the fresh record). A write that followed that record may then no longer
    /// be named here. Otherwise [`was_written_by`](Self::was_written_by) is exact.
    #[must_use]
    pub fn is_beyond(&self, operation: u64) -> bool {
        !self.earlier.contains(&0) && !self.was_written_by(operation)
    }

    /// Returns the two earlier operations after one more write.
    pub(crate) const fn earlier_after(&self) -> [u64; 2] {
        [self.operation, self.earlier[0]]
    }

    /// Returns how long a store must keep the record: as long as any part of it matters, and at
    /// least ten minutes.
    #[must_use]
    pub fn keep(&self) -> Keep {
        Keep::new(self.at, self.value.keep_until(self.at).max(self.at + SHORTEST))
    }

    /// Encodes the record, with a MAC that binds it to its key.
    ///
    /// Version 1. Integers are little-endian; times are milliseconds of Unix time in 6 bytes.
    ///
    /// | bytes | field |
    /// |---|---|
    /// | 1 | version, 1 |
    /// | 1 | state: 0 if forgotten, else 1 plus the number of earlier operations |
    /// | 8 | operation that wrote the record |
    /// | 6 | record time of the write; a forgotten record ends here |
    /// | 8 each | earlier operations, newest first, at most two |
    /// | 4 | epoch |
    /// | … | fields of the kind |
    /// | 16 | MAC |
    ///
    /// The MAC is HMAC-SHA256 under the record MAC key, over the kind's domain byte, the record's
    /// key and all of the above, truncated to 16 bytes.
    ///
    /// The empty byte string decodes to the empty record.
    ///
    /// # Errors
    ///
    /// [`RecordError::TooLong`] if the fields do not fit, which does not occur for records of this
    /// crate.
    pub fn encode(&self, key: &RecordKey, keys: &Keys) -> Result<RecordBytes, RecordError> {
        let mut record = RecordBytes::EMPTY;
        self.encode_into(&mut record, key, keys)?;
        Ok(record)
    }

    /// Encodes the record into a given buffer: see [`encode`](Self::encode).
    ///
    /// # Errors
    ///
    /// As for [`encode`](Self::encode). The buffer then does not contain a valid record.
    #[inline]
    pub fn encode_into(
        &self,
        record: &mut RecordBytes,
        key: &RecordKey,
        keys: &Keys,
    ) -> Result<(), RecordError> {
        const { fits::<K>() };
        let mut out = Writer::new(record);
        let earlier = self.earlier.split(|&operation| operation == 0).next().unwrap_or_default();
        let state = LIVE + earlier.len() as u8;
        out.put([VERSION, if self.is_forgotten { FORGOTTEN } else { state }]);
        out.put(self.operation.to_le_bytes());
        out.put_time(self.at);
        if !self.is_forgotten {
            earlier.iter().for_each(|operation| out.put(operation.to_le_bytes()));
            out.put(self.epoch.to_le_bytes());
            self.value.put(self.at, &mut out);
        }
        let mac = keys.record_mac(K::DOMAIN, key, out.written());
        out.put(mac.to_bytes());
        out.finish()
    }

    /// Decodes the record stored under `key`.
    ///
    /// # Errors
    ///
    /// If the bytes are not exactly what a holder of these keys wrote under `key` for this kind.
    pub fn decode(bytes: &[u8], key: &RecordKey, keys: &Keys) -> Result<Self, RecordError> {
        let mut record = Self::default();
        record.fill(bytes, key, keys)?;
        Ok(record)
    }

    /// Decodes into a fresh record: see [`decode`](Self::decode).
    ///
    /// # Errors
    ///
    /// As for [`decode`](Self::decode). `self` is then not a valid record.
    #[inline]
    pub(crate) fn fill(&mut self, bytes: &[u8], key: &RecordKey, keys: &Keys) -> Result<(), RecordError> {
        let Some(&version) = bytes.first() else { return Ok(()) };
        if version != VERSION {
            return Err(RecordError::UnknownVersion { version });
        }
        let (fields, mac) = bytes.split_last_chunk().ok_or(RecordError::Truncated { bytes: bytes.len() })?;
        if !bool::from(keys.record_mac(K::DOMAIN, key, fields).ct_eq(&Tag::from_bytes(*mac))) {
            return Err(RecordError::WrongMac);
        }
        let mut reader = Reader::new(fields);
        self.read(&mut reader).filter(|()| reader.is_empty()).ok_or(RecordError::Malformed)
    }

    #[inline]
    fn read(&mut self, from: &mut Reader<'_>) -> Option<()> {
        let [_version, state] = from.take()?;
        self.operation = u64::from_le_bytes(from.take()?);
        self.at = from.take_time()?;
        let Some(earlier) = state.checked_sub(LIVE) else {
            self.is_forgotten = true;
            return Some(());
        };
        for operation in self.earlier.get_mut(..usize::from(earlier))? {
            *operation = u64::from_le_bytes(from.take()?);
            // The encoding is canonical: an absent operation takes no bytes.
            (*operation != 0).then_some(())?;
        }
        self.epoch = u32::from_le_bytes(from.take()?);
        self.value.fill(self.at, from)
    }
}

impl<K> fmt::Debug for Envelope<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("at", &self.at)
            .field("epoch", &self.epoch)
            .field("is_forgotten", &self.is_forgotten)
            .finish_non_exhaustive()
    }
}
