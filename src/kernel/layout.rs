//! Reading and writing fields one after the other.

use crate::error::RecordError;
use crate::store::RecordBytes;
use crate::time::Timestamp;

/// Length of a time, in bytes.
const TIME: usize = 6;

/// Writes the fields of a record, and remembers if one did not fit.
pub struct Writer<'a> {
    record: &'a mut RecordBytes,
    is_full: bool,
}

impl<'a> Writer<'a> {
    /// Creates a writer that replaces the contents of `record`.
    pub(super) const fn new(record: &'a mut RecordBytes) -> Self {
        record.clear();
        Self { record, is_full: false }
    }

    /// Writes a field of fixed width.
    #[inline]
    pub fn put<const N: usize>(&mut self, field: [u8; N]) {
        self.is_full |= !self.record.push(&field);
    }

    /// Writes a time: milliseconds of Unix time in 6 bytes, little-endian.
    #[inline]
    pub fn put_time(&mut self, time: Timestamp) {
        let [bytes @ .., _, _] = time.unix_millis().to_le_bytes();
        self.put::<TIME>(bytes);
    }

    pub(super) fn written(&self) -> &[u8] {
        self.record.as_slice()
    }

    /// Completes the record.
    ///
    /// # Errors
    ///
    /// [`RecordError::TooLong`] if a field did not fit: a shorter record would have another
    /// meaning.
    pub(super) const fn finish(self) -> Result<(), RecordError> {
        if self.is_full { Err(RecordError::TooLong) } else { Ok(()) }
    }
}

/// Reads the fields of a record until there are no more bytes.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Reads a field of fixed width, or returns `None` if there are fewer bytes left.
    #[inline]
    pub fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*field)
    }

    /// Reads a time of 6 bytes, as written by [`Writer::put_time`], or returns `None` if there are
    /// fewer bytes left.
    #[inline]
    pub fn take_time(&mut self) -> Option<Timestamp> {
        let [a, b, c, d, e, f] = self.take::<TIME>()?;
        Some(Timestamp::from_unix_millis(u64::from_le_bytes([a, b, c, d, e, f, 0, 0])))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

impl core::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Writer({} bytes)", self.written().len())
    }
}

impl core::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Reader({} bytes left)", self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RECORD_BYTES;

    #[test]
    fn rejects_fields_that_do_not_fit() {
        let mut record = RecordBytes::EMPTY;
        let mut writer = Writer::new(&mut record);
        (0..RECORD_BYTES / 16).for_each(|_| writer.put([7; 16]));
        assert_eq!(writer.written().len(), RECORD_BYTES);
        writer.put([7; 1]);
        assert_eq!(writer.finish(), Err(RecordError::TooLong));
    }
}
