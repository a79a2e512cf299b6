//! The trait for kinds of records.

use super::layout::{Reader, Writer};
use crate::store::RECORD_BYTES;
use crate::time::Timestamp;

/// The fields of one kind of record. The [`Envelope`](super::Envelope) handles everything around
/// them.
pub trait RecordKind: Clone + Default {
    /// Part of the MAC, so that a record of one kind is not accepted as another. Never reused.
    const DOMAIN: u8;

    /// The maximum length of this kind's fields, in bytes.
    const LONGEST: usize;

    /// Writes the fields. Times may be written relative to `at`, the record time of the write.
    fn put(&self, at: Timestamp, out: &mut Writer<'_>);

    /// Reads the fields into a default value. Returns `None` if they are not valid.
    fn fill(&mut self, at: Timestamp, from: &mut Reader<'_>) -> Option<()>;

    /// Returns until when the record matters, in record time. [`Timestamp::MAX`] means for ever.
    fn keep_until(&self, at: Timestamp) -> Timestamp;
}

/// The length of the envelope: version, state, operation, record time, two earlier operations,
/// epoch, MAC.
pub(super) const ENVELOPE_BYTES: usize = 1 + 1 + 8 + 6 + 2 * 8 + 4 + 16;

/// Fails to compile for a kind whose records can exceed the limit.
pub(super) const fn fits<K: RecordKind>() {
    assert!(ENVELOPE_BYTES + K::LONGEST <= RECORD_BYTES, "a record of this kind can be too long");
}
