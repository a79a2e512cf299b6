//! The Rust SDK.

mod client;
mod codes;
mod sends;
mod sessions;
