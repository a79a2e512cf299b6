//! Fields one after the other.

use crate::store::{RECORD_BYTES, RecordBytes};
use crate::time::Timestamp;

/// Times take this many bytes.
const TIME: usize = 6;

/// Earlier operations take this many.
const OPERATION: usize = 5;

/// Writes fields. The sum of all fields fits by construction ([`LONGEST`] is checked below), so nothing is cut.
pub(super) struct Writer {
    bytes: [u8; RECORD_BYTES],
    len: usize,
}

/// The longest record: 42 bytes, 24 sends, a challenge with two retired tags, two earlier operations, the seal.
const LONGEST: usize = 42 + 4 * crate::limits::MOST_SENDS + 59 + 2 * 16 + 2 * OPERATION + 16;
const _: () = assert!(LONGEST <= RECORD_BYTES);

impl Writer {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; RECORD_BYTES], len: 0 }
    }

    pub(super) fn put<const N: usize>(&mut self, field: [u8; N]) {
        if let Some(place) = self.bytes.get_mut(self.len..self.len + N) {
            place.copy_from_slice(&field);
            self.len += N;
        }
    }

    pub(super) fn put_time(&mut self, time: Timestamp) {
        let [bytes @ .., _, _] = time.unix_millis().to_le_bytes();
        self.put::<TIME>(bytes);
    }

    pub(super) fn put_operation(&mut self, operation: u64) {
        let [bytes @ .., _, _, _] = operation.to_le_bytes();
        self.put::<OPERATION>(bytes);
    }

    pub(super) fn written(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub(super) fn finish(self) -> RecordBytes {
        RecordBytes::new(self.written()).unwrap_or(RecordBytes::EMPTY)
    }
}

/// Reads fields until there are no more bytes.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*field)
    }

    pub(super) fn take_time(&mut self) -> Option<Timestamp> {
        let [a, b, c, d, e, f] = self.take::<TIME>()?;
        Some(Timestamp::from_unix_millis(u64::from_le_bytes([a, b, c, d, e, f, 0, 0])))
    }

    pub(super) fn take_operation(&mut self) -> Option<u64> {
        let [a, b, c, d, e] = self.take::<OPERATION>()?;
        Some(u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}
