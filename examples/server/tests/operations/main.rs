//! Operations: log, health, unlocking, start-up errors, and headers and links of answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

mod answers;
mod health;
mod log;
mod sessions;
mod start;
mod unlock;
