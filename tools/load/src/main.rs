//! Load on the stores and on the server, over loopback: how fast they are, and what never happens whatever is killed.
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

/// Puts load on countersign's stores and server, and shows how they stand it. It starts engines and servers itself, on free loopback
/// ports, and ends with 1 if a promise was broken.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Logins through a verifier over Redis, against the same Redis calls without one.
    Store(store::Options),
    /// Logins over HTTP: one server or two, in memory, on Redis, on PostgreSQL.
    Servers(servers::Options),
    /// Engines and servers that are killed and paused under load: what must not happen then, counted.
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
