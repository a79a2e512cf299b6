//! What operators and hosts rely on: the log, health, unlocking, start-up errors, and the headers and links of answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

#[path = "operations/answers.rs"]
mod answers;
#[path = "operations/health.rs"]
mod health;
#[path = "operations/log.rs"]
mod log;
#[path = "support/server.rs"]
mod server;
#[path = "operations/sessions.rs"]
mod sessions;
#[path = "operations/start.rs"]
mod start;
#[path = "operations/unlock.rs"]
mod unlock;
