//! The provider's own SDKs, unmodified, against the server: the Rust SDK here, and those for Python
//! and Node in their own test suites, which `others` installs into the target directory and runs.
//! The Python suite runs on each engine, the others in memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

mod others;
mod rust;
