//! What surrounds the fields of a record, whatever its kind.

use core::fmt;
use core::time::Duration;

use subtle::ConstantTimeEq;

use super::kind::{RecordKind, fits};
use super::layout::{Reader, Writer};
use crate::error::RecordError;
use crate::keys::{Keys, Tag};
use crate::store::{Keep, RecordBytes, RecordKey};
use crate::time::Timestamp;

/// The version that is written, and the only one that is read: there was no release before it.
const VERSION: u8 = 1;

/// The state of a record that was forgotten.
const FORGOTTEN: u8 = 0;
/// The state of any other, and one more for each earlier operation that it names.
const LIVE: u8 = 1;

/// No record is kept for less. A write that is on its way finds its revision replaced for this long;
/// only where there is no record at all does it find none, and could revive what was dropped.
const SHORTEST: Duration = Duration::from_secs(600);

/// A record: the fields of its kind, who wrote them and when.
#[derive(Clone, Default)]
pub struct Envelope<K> {
    /// The operation that wrote it.
    pub(crate) operation: u64,
    /// The operations of the two writes before the last, newest first.
    pub(crate) earlier: [u64; 2],
    /// Record time of the last write.
    pub(crate) at: Timestamp,
    pub(crate) epoch: u32,
    /// The record was forgotten. It stands for no record at all, but has a revision: a write that was on
    /// its way as it was forgotten cannot land on it.
    pub(crate) is_forgotten: bool,
    pub(crate) value: K,
}

impl<K: RecordKind> Envelope<K> {
    /// The record of which nothing is remembered.
    #[must_use]
    pub fn fresh() -> Self {
        Self::default()
    }

    /// The operation that wrote it last.
    #[must_use]
    pub const fn operation(&self) -> u64 {
        self.operation
    }

    /// The fields of its kind.
    pub const fn value(&self) -> &K {
        &self.value
    }

    /// Record time of the last write.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The record as this operation writes it after this one: with these fields, at this record time.
    #[must_use]
    pub fn after(&self, operation: u64, at: Timestamp, value: K) -> Self {
        Self { operation, earlier: self.earlier_after(), at, is_forgotten: false, value, ..*self }
    }

    /// What stands in place of a forgotten record: who forgot it and when, and no more.
    pub(crate) fn forgotten(operation: u64, at: Timestamp) -> Self {
        Self { operation, at, is_forgotten: true, ..Self::default() }
    }

    /// Whether this operation wrote it, last or as one of the two before the last. So a driver whose
    /// reply was lost learns what became of its write, even where others wrote after it.
    #[must_use]
    pub fn was_written_by(&self, operation: u64) -> bool {
        operation != 0 && (self.operation == operation || self.earlier.contains(&operation))
    }

    /// Whether three or more writes stand between the record that this operation wrote, 0 for the fresh one,
    /// and this one. Then a write that was to follow that record may be among those of which this
    /// one no longer tells; else [`was_written_by`](Self::was_written_by) tells exactly.
    #[must_use]
    pub fn is_beyond(&self, operation: u64) -> bool {
        !self.earlier.contains(&0) && !self.was_written_by(operation)
    }

    /// The two earlier operations, as they are after one more write.
    pub(crate) const fn earlier_after(&self) -> [u64; 2] {
        [self.operation, self.earlier[0]]
    }

    /// How long a store has to keep it: as long as anything in it counts, and at least ten minutes.
    #[must_use]
    pub fn keep(&self) -> Keep {
        Keep::new(self.at, self.value.keep_until(self.at).max(self.at + SHORTEST))
    }

    /// The record as bytes, with a MAC for its place.
    ///
    /// Version 1, integers little-endian, times in milliseconds of Unix time on 6 bytes:
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 1 | version, 1 |
    /// | 1 | 0: it was forgotten; else 1 more than the earlier operations that follow |
    /// | 8 | operation that wrote it |
    /// | 6 | record time of the write; a forgotten record ends here |
    /// | 8 each | the operations that wrote it before the last, newest first, at most two |
    /// | 4 | epoch |
    /// | … | the fields of its kind |
    /// | 16 | HMAC-SHA256 under the MAC key over the kind's domain, the record's key and all of the above, cut to 16 bytes |
    ///
    /// No bytes at all are the record of which nothing is remembered.
    ///
    /// # Errors
    ///
    /// If there is no room for a field, which no record of this crate leads to.
    pub fn encode(&self, key: &RecordKey, keys: &Keys) -> Result<RecordBytes, RecordError> {
        let mut record = RecordBytes::EMPTY;
        self.encode_into(&mut record, key, keys)?;
        Ok(record)
    }

    /// As [`encode`](Self::encode), into a place that is there already.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode); what the place holds then is no record.
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

    /// The record that stands at `key`.
    ///
    /// # Errors
    ///
    /// If it is not, to the bit, what a holder of these keys wrote there for this kind.
    pub fn decode(bytes: &[u8], key: &RecordKey, keys: &Keys) -> Result<Self, RecordError> {
        let mut record = Self::default();
        record.fill(bytes, key, keys)?;
        Ok(record)
    }

    /// As [`decode`](Self::decode), into a fresh record.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode); what is there then is no record.
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
            // A record has one spelling.
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
