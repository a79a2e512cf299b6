//! Writes standard output in large pieces.

use std::io::{self, StdoutLock, Write};

use crate::lines::Batch;

/// The size from which the buffer is written, in bytes.
const PIECE: usize = 1 << 17;

/// Standard output with a buffer of whole lines.
pub(crate) struct Output {
    pub(crate) buffer: Vec<u8>,
    stdout: StdoutLock<'static>,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { buffer: Vec::with_capacity(2 * PIECE), stdout: io::stdout().lock() }
    }

    /// Writes the buffer if it is large, or if the next read may block.
    ///
    /// # Errors
    ///
    /// If standard output can't be written.
    pub(crate) fn write_after(&mut self, batch: &Batch<'_>) -> io::Result<()> {
        if batch.is_last_of_read || self.buffer.len() >= PIECE { self.write() } else { Ok(()) }
    }

    /// Writes the buffer.
    ///
    /// # Errors
    ///
    /// If standard output can't be written.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        self.stdout.write_all(&self.buffer)?;
        self.buffer.clear();
        self.stdout.flush()
    }
}
