//! The example server's program.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "a server needs std anyway")]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use countersign_server::config::Options;
use countersign_server::server::run;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let level = EnvFilter::try_from_env("LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(level)
        .with_writer(io::stderr)
        .init();
    let greeting = greeting(&options);
    let started = move |address| {
        // Who started the server may have closed its output.
        let _ = write!(io::stdout(), "countersign-server listening on http://{address}\n{greeting}");
    };
    match run(options, started, asked_to_stop()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "countersign-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// In development, the credentials too.
fn greeting(options: &Options) -> String {
    match options.secret() {
        Ok(given) if options.dev => format!(
            "for development only: PROJECT_ID={} SECRET={} MGMT_KEY_ID={} MGMT_KEY_SECRET={}\n",
            given.project_id, given.secret, given.mgmt_key_id, given.mgmt_key_secret
        ),
        _ => String::new(),
    }
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
}
