//! Reads lines of input with bounded memory.

use std::io::{self, BufRead, Read};

/// The longest line that is kept whole, in bytes. It exceeds any phone number; longer lines are
/// truncated.
const MAX_LINE: u64 = 1024;

/// Reads a line into `line`, without its line ending. Returns the number of bytes consumed: 0 at
/// the end of the input.
///
/// # Errors
///
/// If the input can't be read.
pub(crate) fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    line.clear();
    let mut taken = input.by_ref().take(MAX_LINE).read_until(b'\n', line)? as u64;
    if line.last() == Some(&b'\n') {
        line.pop();
        line.pop_if(|byte| *byte == b'\r');
    } else if taken == MAX_LINE {
        taken += input.skip_until(b'\n')? as u64;
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_line_endings_and_truncates_long_lines() {
        let long = "1".repeat(3000);
        let mut input = format!("+1202\r\n\n{long}\nlast").into_bytes();
        let mut input = io::Cursor::new(&mut input);
        let mut line = Vec::new();
        let mut next = || next_line(&mut input, &mut line).map(|taken| (taken, line.clone())).unwrap();
        assert_eq!(next(), (7, b"+1202".to_vec()));
        assert_eq!(next(), (1, b"".to_vec()));
        assert_eq!(next(), (3001, long.as_bytes()[..1024].to_vec()));
        assert_eq!(next(), (4, b"last".to_vec()));
        assert_eq!(next(), (0, b"".to_vec()));
    }
}
