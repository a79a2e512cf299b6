//! The command `countersign`. Each subcommand is a module with its options and a `run` function.

mod audit;
mod failure;
mod lines;
mod plan;
mod progress;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// Check phone numbers with countersign.
#[derive(Parser)]
#[command(name = "countersign", version)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Audit(audit::Options),
    Plan(plan::Options),
}

fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Audit(options) => audit::run(&options),
        Command::Plan(options) => plan::run(&options),
    };
    done.map_or_else(Failure::report, |()| ExitCode::SUCCESS)
}
