//! Reads lines of input in large pieces, with bounded memory.

use std::io::{self, ErrorKind, Read};

/// The longest line that is kept whole, in bytes without its ending. It exceeds any phone number;
/// longer lines are truncated.
const MAX_LINE: usize = 1024;

/// The size of a read, in bytes.
const PIECE: usize = 1 << 18;

/// The most lines in a batch.
const BATCH: usize = 256;

/// Some lines, in the order of the input.
pub(crate) struct Batch<'a> {
    /// The lines, without their line endings.
    pub(crate) lines: &'a [&'a [u8]],
    /// The bytes of the input that have been read.
    pub(crate) read: u64,
    /// Whether the next batch needs another read, which may wait.
    pub(crate) is_last_of_read: bool,
}

/// Calls `each` for all lines of the input. A line ends with a line feed, or a carriage return and
/// a line feed; the last one may end without either.
///
/// # Errors
///
/// If the input can't be read, or `each` fails.
pub(crate) fn for_each<E: From<io::Error>>(
    mut input: impl Read,
    mut each: impl FnMut(&Batch<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer = vec![0; PIECE];
    // The bytes at the start of the buffer that belong to an unfinished line, and whether the rest
    // of a long line is being skipped.
    let (mut kept, mut skipping, mut read) = (0, false, 0);
    loop {
        let taken = match input.read(&mut buffer[kept..]) {
            Ok(taken) => taken,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        read += taken as u64;
        let filled = kept + taken;

        let mut piece = Piece { lines: [&[]; BATCH], count: 0, read };
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &buffer[..filled]) {
            if skipping {
                skipping = false;
            } else {
                piece.push(ended(&buffer[start..end]), &mut each)?;
            }
            start = end + 1;
        }
        let rest = &buffer[start..filled];
        if skipping {
            start = filled;
        } else if rest.len() > MAX_LINE || taken == 0 && !rest.is_empty() {
            piece.push(&rest[..rest.len().min(MAX_LINE)], &mut each)?;
            (skipping, start) = (true, filled);
        }
        piece.finish(&mut each)?;
        if taken == 0 {
            return Ok(());
        }
        buffer.copy_within(start..filled, 0);
        kept = filled - start;
    }
}

/// Returns the line that ends with a line feed, which has been cut off.
fn ended(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    &line[..line.len().min(MAX_LINE)]
}

/// The lines of one read, in batches.
struct Piece<'a> {
    lines: [&'a [u8]; BATCH],
    count: usize,
    read: u64,
}

impl<'a> Piece<'a> {
    fn push<E>(
        &mut self,
        line: &'a [u8],
        each: &mut impl FnMut(&Batch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.count == BATCH {
            each(&Batch { lines: &self.lines, read: self.read, is_last_of_read: false })?;
            self.count = 0;
        }
        self.lines[self.count] = line;
        self.count += 1;
        Ok(())
    }

    fn finish<E>(self, each: &mut impl FnMut(&Batch<'_>) -> Result<(), E>) -> Result<(), E> {
        each(&Batch { lines: &self.lines[..self.count], read: self.read, is_last_of_read: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the lines of an input whose reads return at most `size` bytes.
    fn lines(input: &[u8], size: usize) -> Vec<Vec<u8>> {
        struct Slow<'a>(&'a [u8], usize);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let size = self.1.min(buffer.len());
                self.0.read(&mut buffer[..size])
            }
        }
        let mut lines = Vec::new();
        for_each(Slow(input, size), |batch| {
            lines.extend(batch.lines.iter().map(|line| line.to_vec()));
            io::Result::Ok(())
        })
        .unwrap();
        lines
    }

    #[test]
    fn strips_line_endings_and_truncates_long_lines() {
        let long = "1".repeat(3000);
        let input = format!("+1202\r\n\n{long}\n\r\nlast\r");
        for size in [1, 7, 1000, PIECE] {
            let expected = [b"+1202", &b""[..], &long.as_bytes()[..MAX_LINE], b"", b"last\r"];
            assert_eq!(lines(input.as_bytes(), size), expected);
        }
    }

    /// Lengths around the longest line, with every ending, as one read after another sees them.
    #[test]
    fn keeps_lines_of_the_longest_length() {
        for length in MAX_LINE - 3..MAX_LINE + 4 {
            for ending in ["", "\n", "\r\n"] {
                let text = "7".repeat(length);
                let raw = format!("{text}{ending}");
                let kept = &text.as_bytes()[..length.min(MAX_LINE)];
                for size in [1, 1023, 1024, 1025, PIECE] {
                    assert_eq!(lines(raw.as_bytes(), size), [kept], "{length} {ending:?} {size}");
                }
            }
        }
    }

    #[test]
    fn input_of_many_pieces_has_every_line() {
        let input: String = (0..100_000).map(|number| format!("+1{number:010}\n")).collect();
        let all = lines(input.as_bytes(), PIECE);
        assert!(all.iter().map(Vec::as_slice).eq(input.lines().map(str::as_bytes)));
        assert_eq!(lines(b"", 1), Vec::<Vec<u8>>::new());
        assert_eq!(lines(&[b'\n'; 1000], 7).len(), 1000);
    }

    /// A carriage return ends a line only before a line feed.
    #[test]
    fn keeps_carriage_returns_within_lines() {
        for length in [0, MAX_LINE - 1, MAX_LINE] {
            let raw = format!("{}\r7\n", "7".repeat(length));
            let kept = &raw.as_bytes()[..(length + 2).min(MAX_LINE)];
            for size in [1, 1023, 1024, 1025, PIECE] {
                assert_eq!(lines(raw.as_bytes(), size), [kept], "{length} {size}");
            }
        }
    }
}
