//! Load tests for the stores and the server, over loopback: speed, and guarantees under faults.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "a program has std anyway")]

mod api;
mod faults;
mod outcome;
mod program;
mod servers;
mod store;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use outcome::Outcome;

/// Load tests for countersign's stores and server. Starts engines and servers on free loopback
/// ports. Exits with 1 if a guarantee was broken.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Logins through a verifier on Redis, compared with the same Redis calls without a verifier.
    Store(store::Options),
    /// Logins over HTTP: one or two servers, in memory, on Redis and on PostgreSQL.
    Servers(servers::Options),
    /// Engines and servers that are killed and paused under load: counts broken guarantees.
    Faults(faults::Options),
}

#[tokio::main]
async fn main() -> Outcome<ExitCode> {
    let good = match Options::parse().what {
        What::Store(options) => store::run(&options).await?,
        What::Servers(options) => servers::run(&options).await?,
        What::Faults(options) => faults::run(&options).await?,
    };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
