//! The bodies of the fuzz targets: plain functions of bytes that panic if a property is violated.
//!
//! `fuzz/fuzz_targets/` passes them to libFuzzer. `fuzz_corpora.rs` replays the corpora with them,
//! on stable and without a fuzzer.

#[cfg(feature = "totp")]
pub mod account_record;
#[cfg(feature = "totp")]
pub mod accounts;
#[cfg(feature = "totp")]
pub mod base32;
mod bytes;
pub mod device_token;
#[cfg(feature = "format")]
pub mod format;
pub mod lenient;
pub mod many;
pub mod operations;
#[cfg(feature = "totp")]
pub mod otpauth;
pub mod parser;
pub mod policy;
pub mod record;
#[cfg(feature = "totp")]
pub mod recovery_record;
pub mod tally_entry;
