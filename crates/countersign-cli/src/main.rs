//! The command `countersign`. Each subcommand is a module with its options and a `run` function.

#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "a command always has std")]

mod audit;
mod channel;
mod diff;
mod failure;
mod format;
mod lines;
mod number;
mod output;
mod plan;
mod policy;
mod policy_file;
mod progress;
mod text;
mod typing;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use failure::{EXIT_CODES, Failure};
use output::Output;

/// Check, screen and format phone numbers with countersign.
#[derive(Parser)]
#[command(name = "countersign", version, after_help = EXIT_CODES)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Number(number::Options),
    Audit(audit::Options),
    Diff(diff::Options),
    Plan(plan::Options),
    Policy(policy::Options),
    Format(format::Options),
    Type(typing::Options),
    /// Write the completions of a shell to standard output.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Number(options) => number::run(&options),
        Command::Audit(options) => audit::run(&options),
        Command::Diff(options) => diff::run(&options),
        Command::Plan(options) => plan::run(&options),
        Command::Policy(options) => policy::run(&options),
        Command::Format(options) => format::run(&options),
        Command::Type(options) => typing::run(&options),
        Command::Completions { shell } => completions(shell),
    };
    done.map_or_else(Failure::report, |()| ExitCode::SUCCESS)
}

/// Writes the completions of a shell.
///
/// # Errors
///
/// If the output can't be written.
fn completions(shell: Shell) -> Result<(), Failure> {
    let mut output = Output::new();
    clap_complete::generate(shell, &mut Options::command(), "countersign", &mut output.buffer);
    Ok(output.write()?)
}
