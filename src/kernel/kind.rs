//! A kind of record.

use super::layout::{Reader, Writer};
use crate::store::RECORD_BYTES;
use crate::time::Timestamp;

/// The fields of one kind of record. All that surrounds them is the [`Envelope`](super::Envelope)'s.
pub trait RecordKind: Clone + Default {
    /// Goes into the MAC, so that a record of one kind is no record of another. Never reused.
    const DOMAIN: u8;

    /// No record of this kind has more bytes of its own.
    const LONGEST: usize;

    /// Writes the fields. Times may be written relative to `at`, the record time of the write.
    fn put(&self, at: Timestamp, out: &mut Writer<'_>);

    /// Reads the fields into a default value; `None` if they make no sense.
    fn fill(&mut self, at: Timestamp, from: &mut Reader<'_>) -> Option<()>;

    /// Until when, in record time, anything in it counts; [`Timestamp::MAX`] is for ever.
    fn keep_until(&self, at: Timestamp) -> Timestamp;
}

/// What the envelope adds: version, state, operation, record time, two earlier operations, epoch, MAC.
pub(super) const ENVELOPE_BYTES: usize = 1 + 1 + 8 + 6 + 2 * 8 + 4 + 16;

/// Fails to compile for a kind that does not fit.
pub(super) const fn fits<K: RecordKind>() {
    assert!(ENVELOPE_BYTES + K::LONGEST <= RECORD_BYTES, "a record of this kind can be too long");
}
