//! Fields one after the other.

use crate::otp::record_error::RecordError;
use crate::store::{RECORD_BYTES, RecordBytes};
use crate::time::Timestamp;

/// Times take this many bytes.
const TIME: usize = 6;

/// Writes fields, and notices when there is no room for one.
pub(super) struct Writer {
    bytes: [u8; RECORD_BYTES],
    len: usize,
    is_full: bool,
}

impl Writer {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; RECORD_BYTES], len: 0, is_full: false }
    }

    pub(super) fn put<const N: usize>(&mut self, field: [u8; N]) {
        match self.bytes.get_mut(self.len..self.len + N) {
            Some(place) => {
                place.copy_from_slice(&field);
                self.len += N;
            }
            None => self.is_full = true,
        }
    }

    pub(super) fn put_time(&mut self, time: Timestamp) {
        let [bytes @ .., _, _] = time.unix_millis().to_le_bytes();
        self.put::<TIME>(bytes);
    }

    pub(super) fn written(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// The record.
    ///
    /// # Errors
    ///
    /// If a field found no room: a shorter record would say something else.
    pub(super) fn finish(self) -> Result<RecordBytes, RecordError> {
        if self.is_full {
            return Err(RecordError::TooLong);
        }
        RecordBytes::new(self.written()).ok_or(RecordError::TooLong)
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

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_without_room_is_an_error_and_never_a_shorter_record() {
        let mut writer = Writer::new();
        (0..RECORD_BYTES / 16).for_each(|_| writer.put([7; 16]));
        assert_eq!(writer.written().len(), RECORD_BYTES);
        writer.put([7; 1]);
        assert_eq!(writer.finish(), Err(RecordError::TooLong));
    }
}
