//! `countersign type`: what a text field shows while a phone number is typed.

use std::io;

use clap::Args;
use countersign::Region;
use countersign::format::Input;

use crate::failure::Failure;
use crate::lines;
use crate::output::Output;
use crate::progress::{Answers, Progress};

/// Show what a text field would show after each character that is typed.
///
/// Reads what is typed from standard input, one number per line. Writes one line for each: the text
/// after each character, separated by tabs. A tab that is typed becomes a space. After 64 bytes, the
/// text no longer changes.
#[derive(Args)]
pub(crate) struct Options {
    /// The country of the text field, such as GB. Without it, only numbers with a `+` are
    /// formatted.
    #[arg(long)]
    region: Option<Region>,
}

/// Runs the command.
///
/// # Errors
///
/// If the input can't be read, or the output can't be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut output = Output::new();
    let mut input = options.region.map_or_else(Input::international, Input::new);
    let mut progress = Progress::of_input(Answers::ByLine);
    lines::for_each(io::stdin().lock(), |batch| {
        for line in batch.lines {
            input.clear();
            for (place, typed) in String::from_utf8_lossy(line).chars().enumerate() {
                if place > 0 {
                    output.buffer.push(b'\t');
                }
                // A text field holds no tabs, and in the output they separate texts.
                let typed = if typed == '\t' { ' ' } else { typed };
                output.buffer.extend_from_slice(input.push(typed).as_bytes());
            }
            output.buffer.push(b'\n');
        }
        progress.add(batch);
        output.write_after(batch).map_err(Failure::Io)
    })?;
    progress.finish();
    Ok(output.write()?)
}
