//! What surrounds the fields of a record, whatever its kind.

use core::fmt;
use core::time::Duration;

use subtle::ConstantTimeEq;

use super::kind::{Kind, fits};
use super::layout::{Reader, Writer};
use crate::otp::{Keys, RecordError, Tag};
use crate::store::{Keep, RecordBytes, RecordKey};
use crate::time::Timestamp;

/// The version that is written, and the only one that is read: there was no release before it.
const VERSION: u8 = 1;

const FORGOTTEN: u8 = 0;
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

impl<K: Kind> Envelope<K> {
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
    /// | 1 | 1: a record; 0: it was forgotten |
    /// | 8 | operation that wrote it |
    /// | 6 | record time of the write; a forgotten record ends here |
    /// | 8 each | the two operations that wrote it before the last, newest first |
    /// | 4 | epoch |
    /// | … | the fields of its kind |
    /// | 16 | HMAC-SHA256 under the MAC key over the kind's domain, the record's key and all of the above, cut to 16 bytes |
    ///
    /// No bytes at all are the record of which nothing is remembered.
    ///
    /// # Errors
    ///
    /// If there is no room for a field, which no record of this crate leads to.
    #[inline]
    pub fn encode(&self, key: &RecordKey, keys: &Keys) -> Result<RecordBytes, RecordError> {
        const { fits::<K>() };
        let mut out = Writer::new();
        out.put([VERSION, if self.is_forgotten { FORGOTTEN } else { LIVE }]);
        out.put(self.operation.to_le_bytes());
        out.put_time(self.at);
        if !self.is_forgotten {
            self.earlier.iter().for_each(|operation| out.put(operation.to_le_bytes()));
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
    #[inline]
    pub fn decode(bytes: &[u8], key: &RecordKey, keys: &Keys) -> Result<Self, RecordError> {
        let Some(&version) = bytes.first() else { return Ok(Self::default()) };
        if version != VERSION {
            return Err(RecordError::UnknownVersion { version });
        }
        let (fields, mac) = bytes.split_last_chunk().ok_or(RecordError::Truncated { bytes: bytes.len() })?;
        if !bool::from(keys.record_mac(K::DOMAIN, key, fields).ct_eq(&Tag::from_bytes(*mac))) {
            return Err(RecordError::WrongMac);
        }
        let mut reader = Reader::new(fields);
        Self::read(&mut reader).filter(|_| reader.is_empty()).ok_or(RecordError::Malformed)
    }

    #[inline]
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let [_version, state] = from.take()?;
        let operation = u64::from_le_bytes(from.take()?);
        let at = from.take_time()?;
        match state {
            FORGOTTEN => return Some(Self::forgotten(operation, at)),
            LIVE => {}
            _ => return None,
        }
        let earlier = [u64::from_le_bytes(from.take()?), u64::from_le_bytes(from.take()?)];
        let epoch = u32::from_le_bytes(from.take()?);
        let value = K::take(at, from)?;
        Some(Self { operation, earlier, at, epoch, is_forgotten: false, value })
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
