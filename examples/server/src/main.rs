//! The example server.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "a server needs std anyway")]

use std::io;
use std::panic;
use std::process::ExitCode;

use clap::Parser;
use countersign_server::cause;
use countersign_server::config::Options;
use countersign_server::output::Output;
use countersign_server::server::run;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let (stdout, stderr) = (Output::new(io::stdout()), Output::new(io::stderr()));
    let level = EnvFilter::try_from_env("LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(level)
        .with_writer(stderr.lines())
        // Internal errors would be printed, which blocks or fails when the log does.
        .log_internal_errors(false)
        .init();
    // The default hook blocks if standard error does.
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a request or task panicked")));
    let greeting = greeting(&options);
    let started = |address| {
        stdout.say(&format!("countersign-server listening on http://{address}\n{greeting}"));
    };
    let code = match run(options, started, asked_to_stop()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            stderr.say(&format!("countersign-server: {}\n", cause::chain(&*error)));
            ExitCode::FAILURE
        }
    };
    Output::close([stdout, stderr]);
    code
}

/// Returns the text printed at start-up: the credentials, in development mode.
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
