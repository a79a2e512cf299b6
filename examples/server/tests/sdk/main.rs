//! The provider's own SDKs, unmodified, against the server: for Rust here, for Python and Node in suites of theirs, which are installed
//! into the target folder and run by `others`; the Python one on each engine, the others on memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

mod others;
mod rust;
