//! Reads events and writes answers.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};

use crate::event::Line;
use crate::failure::Failure;
use crate::replay::Replay;

/// The first line of the input.
pub const INPUT_HEADER: &[u8] = b"time_ms,number,channel,ip,account,event";

/// The first line of the output.
pub const OUTPUT_HEADER: &[u8] = b"time_ms,event,decision,rule,scope,retry_at_ms";

const BUFFER: usize = 1 << 16;

/// Answers each line of the input with a line of the output.
///
/// Whenever the next line is not there yet as a whole, all answers so far are written before
/// waiting for it. A program that writes a line thus gets its answer, and a file is answered in
/// large pieces. An input without any bytes is an input without lines.
///
/// # Errors
///
/// If the input has no header or can't be read, or the output can't be written.
pub fn run(replay: &mut Replay, input: impl Read, output: impl Write) -> Result<(), Failure> {
    let mut input = BufReader::with_capacity(BUFFER, input);
    let mut output = BufWriter::with_capacity(BUFFER, output);
    let mut line = Vec::new();
    output.write_all(OUTPUT_HEADER)?;
    output.write_all(b"\n")?;
    if next_line(&mut input, &mut output, &mut line)? {
        if line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line) != INPUT_HEADER {
            output.flush()?;
            return Err(Failure::Header);
        }
        while next_line(&mut input, &mut output, &mut line)? {
            let line = Line::parse(&line);
            replay.answer(&line).write(&mut output, line.time_ms, line.event)?;
        }
    }
    Ok(output.flush()?)
}

/// Reads a line into `line`, without its line ending, which is LF or CRLF. Returns false at the end
/// of the input.
fn next_line(
    input: &mut BufReader<impl Read>,
    output: &mut impl Write,
    line: &mut Vec<u8>,
) -> Result<bool, Failure> {
    line.clear();
    if !input.buffer().contains(&b'\n') {
        output.flush()?;
    }
    let bytes = input.read_until(b'\n', line)?;
    if line.pop_if(|byte| *byte == b'\n').is_some() {
        line.pop_if(|byte| *byte == b'\r');
    }
    Ok(bytes > 0)
}
