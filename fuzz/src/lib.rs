//! The bodies of the fuzz targets: plain functions of bytes, which panic where a law is broken.
//!
//! `fuzz_targets/` hands them to libFuzzer. `tests/fuzz_corpora.rs` of the library includes this file and replays the
//! corpora with them, on stable and without a fuzzer. The oracles are those of the library's own tests.

mod bytes;
pub mod device_token;
#[path = "../../tests/oracle/e164.rs"]
mod e164;
pub mod lenient;
#[path = "../../tests/oracle/mac.rs"]
mod mac;
#[path = "../../tests/oracle/machine.rs"]
mod machine;
pub mod operations;
pub mod parser;
#[path = "../../tests/oracle/policy.rs"]
mod plain_policy;
pub mod policy;
pub mod record;
#[path = "../../tests/oracle/rng.rs"]
mod rng;
