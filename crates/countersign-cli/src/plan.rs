//! `countersign plan`: compares numbering plans.

mod change;
mod classes;
mod compare;
mod rows;
mod table;
mod version;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::failure::Failure;
use change::Changes;
use rows::Plan;

/// Compare numbering plans.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Diff(Diff),
}

/// Count the numbers gained, lost and reassigned between two numbering plans, by region.
///
/// Counts every number, not a sample. A plan that is malformed, or cut off within a line, exits
/// with 1, and the message names the file, the line and what would be right.
#[derive(Args)]
struct Diff {
    /// The folder of the older plan, such as countersign's data/. It has a numbering_plan.csv, and
    /// may have a metadata_version.txt and a metadata_date.txt.
    old: PathBuf,
    /// The folder of the newer plan.
    new: PathBuf,
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Aligned columns, and a last line with the totals.
    Table,
    /// CSV with a header.
    Csv,
}

/// Runs the command.
///
/// # Errors
///
/// If a plan can't be read or contradicts itself, or the output can't be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let Command::Diff(diff) = &options.command;
    let (old, new) = (Plan::read(&diff.old)?, Plan::read(&diff.new)?);
    let changes = Changes::between(&old, &new)?;
    let mut output = io::stdout().lock();
    match diff.format {
        Format::Table => output.write_all(table::text(&old, &new, &changes).as_bytes())?,
        Format::Csv => table::csv(&changes, &mut output)?,
    }
    Ok(output.flush()?)
}
