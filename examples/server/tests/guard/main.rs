//! The toll-fraud guard over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

mod blind;
mod configuration;
mod engines;
mod import;
mod operators;
mod pumping;
mod readme;
mod refusals;
mod requesters;
mod world;
