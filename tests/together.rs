//! The quick tests as one program, for `cargo mutants` (README.md here): it links once a mutant, not once a file.
//! `cargo test` leaves it out, for it runs the files themselves.

#![cfg(feature = "std")]
#![allow(clippy::duplicate_mod, reason = "each of these files brings its own helpers, as it does alone")]

#[path = "agreement.rs"]
mod agreement;
#[path = "asynchronous.rs"]
mod asynchronous;
#[path = "bad_input.rs"]
mod bad_input;
#[path = "budgets.rs"]
mod budgets;
#[path = "email.rs"]
mod email_addresses;
#[path = "machine.rs"]
mod laws_of_the_machine;
#[path = "policy.rs"]
mod laws_of_the_policy;
#[path = "national.rs"]
mod national;
#[path = "no_leaks.rs"]
mod no_leaks;
#[path = "numbers.rs"]
mod numbers;
#[path = "parallel.rs"]
mod parallel;
#[path = "records.rs"]
mod records;
#[path = "strangers.rs"]
mod strangers;
