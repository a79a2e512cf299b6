//! `countersign format`: writes phone numbers as people read them.

use std::io;

use clap::{Args, ValueEnum};
use countersign::PhoneNumber;

use crate::failure::Failure;
use crate::lines;
use crate::output::Output;
use crate::progress::{Answers, Progress};

/// Write phone numbers in a display format.
///
/// Reads E.164 numbers from standard input, one per line. Writes one line for each, which is empty
/// for a line that is not a phone number.
#[derive(Args)]
pub(crate) struct Options {
    /// The format.
    #[arg(long, value_enum, default_value_t = Style::International)]
    style: Style,
    /// How many of the last digits `masked` shows.
    #[arg(long, value_name = "DIGITS", default_value_t = 2)]
    visible: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Style {
    /// As dialled from another country, such as +33 6 12 34 56 78.
    International,
    /// As dialled in its country, such as 06 12 34 56 78.
    National,
    /// As a URI (RFC 3966), such as tel:+33-6-12-34-56-78.
    Rfc3966,
    /// The international format with most digits hidden.
    Masked,
}

/// Runs the command.
///
/// # Errors
///
/// If the input can't be read, or the output can't be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut output = Output::new();
    let mut progress = Progress::of_input(Answers::ByLine);
    lines::for_each(io::stdin().lock(), |batch| {
        for line in batch.lines {
            if let Ok(number) = PhoneNumber::try_from(*line) {
                let formatted = match options.style {
                    Style::International => number.international(),
                    Style::National => number.national(),
                    Style::Rfc3966 => number.rfc3966(),
                    Style::Masked => number.masked(options.visible),
                };
                output.buffer.extend_from_slice(formatted.as_str().as_bytes());
            }
            output.buffer.push(b'\n');
        }
        progress.add(batch);
        output.write_after(batch).map_err(Failure::Io)
    })?;
    progress.finish();
    Ok(output.write()?)
}
