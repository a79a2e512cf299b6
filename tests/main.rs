//! Tests of countersign's public API, built as one program so that they are linked only once. The
//! first line of each file says what it tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    unreachable_pub,
    reason = "a test has std, and fails by panicking"
)]

#[cfg(all(feature = "std", feature = "totp"))]
mod accounts;
mod agreement;
#[cfg(feature = "std")]
mod asynchronous;
#[cfg(feature = "std")]
mod bad_input;
#[cfg(feature = "std")]
mod budgets;
mod cases;
#[cfg(feature = "std")]
mod clock_skew;
#[cfg(feature = "alloc")]
mod email;
#[cfg(feature = "std")]
mod events;
#[cfg(feature = "std")]
mod failure_memory;
#[cfg(all(feature = "std", feature = "format"))]
mod formats;
#[cfg(feature = "std")]
mod fuzz_corpora;
#[cfg(feature = "std")]
mod guard;
#[cfg(feature = "std")]
mod guarded;
#[cfg(feature = "std")]
mod instances;
#[cfg(feature = "std")]
mod late_writes;
#[cfg(feature = "std")]
mod laxer_verifier;
#[cfg(feature = "std")]
mod locked_holders;
#[cfg(feature = "std")]
mod machine;
mod many;
#[cfg(feature = "std")]
mod messages;
#[cfg(feature = "totp")]
mod mfa;
mod national;
#[cfg(feature = "std")]
mod no_leaks;
mod numbers;
#[cfg(feature = "std")]
mod parallel;
#[cfg(feature = "totp")]
mod permits;
#[cfg(feature = "std")]
mod plan_age;
mod policy;
#[cfg(feature = "std")]
mod prose;
mod published_lists;
#[cfg(feature = "std")]
mod records;
#[cfg(feature = "std")]
mod same_generator;
#[cfg(feature = "serde")]
mod serde;
#[cfg(feature = "serde")]
mod settings;
#[cfg(feature = "std")]
mod steps;
#[cfg(feature = "std")]
mod strangers;
#[cfg(feature = "totp")]
mod totp;
#[cfg(feature = "std")]
mod uniform_codes;
