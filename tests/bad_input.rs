//! Whatever the world hands in (records, clocks, stores, generators): a named error, no verdict, and nothing lost.

#![cfg(feature = "std")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    unreachable_pub,
    reason = "a test has std, and fails by panicking"
)]

#[path = "bad_input/calls.rs"]
mod calls;
#[path = "oracle/cases.rs"]
mod cases;
#[path = "bad_input/clocks.rs"]
mod clocks;
#[path = "oracle/desk.rs"]
mod desk;
#[path = "bad_input/faulty.rs"]
mod faulty;
#[path = "bad_input/generators.rs"]
mod generators;
#[path = "bad_input/lost_replies.rs"]
mod lost_replies;
#[path = "oracle/mac.rs"]
mod mac;
#[path = "bad_input/records.rs"]
mod records;
#[path = "oracle/rng.rs"]
mod rng;
#[path = "bad_input/stores.rs"]
mod stores;
#[path = "bad_input/transplants.rs"]
mod transplants;
