//! The bodies of the fuzz targets: plain functions of bytes that panic if a property is violated.
//!
//! `fuzz/fuzz_targets/` passes them to libFuzzer. `fuzz_corpora.rs` replays the corpora with them,
//! on stable and without a fuzzer.

mod bytes;
pub mod device_token;
pub mod lenient;
pub mod operations;
pub mod parser;
pub mod policy;
pub mod record;
pub mod tally_entry;
