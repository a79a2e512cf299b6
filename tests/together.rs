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
#[path = "clock_skew.rs"]
mod clock_skew;
#[path = "email.rs"]
mod email_addresses;
#[path = "failure_memory.rs"]
mod failure_memory;
#[path = "instances.rs"]
mod instances;
#[path = "late_writes.rs"]
mod late_writes;
#[path = "machine.rs"]
mod laws_of_the_machine;
#[path = "policy.rs"]
mod laws_of_the_policy;
#[path = "lax_neighbour.rs"]
mod lax_neighbour;
#[path = "locked_holders.rs"]
mod locked_holders;
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
#[path = "same_generator.rs"]
mod same_generator;
#[path = "strangers.rs"]
mod strangers;
