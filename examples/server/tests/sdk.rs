//! The provider's own SDKs, unmodified, against the server: for Rust here, for Python and Node in suites of theirs, which are installed
//! into the target folder and run by `others`; the Python one on each engine, the others on memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

#[path = "sdk/rust/client.rs"]
mod client;
#[path = "sdk/rust/codes.rs"]
mod codes;
#[path = "sdk/rust/others.rs"]
mod others;
#[path = "sdk/rust/sends.rs"]
mod sends;
#[path = "support/server.rs"]
mod server;
#[path = "sdk/rust/sessions.rs"]
mod sessions;
