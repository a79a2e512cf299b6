//! Tests of the API over HTTP: cases that the SDKs don't cover, and concurrent requests.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

mod allowlists;
mod authenticate;
mod development;
mod log;
mod numbers;
mod requests;
mod send;
mod sessions;
mod totps;
mod users;

use serde_json::Value;

fn error(answer: &Value) -> &str {
    answer["error_type"].as_str().unwrap_or("none")
}
