//! Tests with the Rust SDK.

mod client;
mod codes;
mod sends;
mod sessions;
mod totps;
