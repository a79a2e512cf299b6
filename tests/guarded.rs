//! A verifier with a guard: what it refuses, what each call changes in the tallies, and that no
//! fault of the store changes that.

mod answers;
mod attacks;
mod faults;
mod ledger;
mod modes;
mod operators;
mod retries;
mod scene;
mod sends;
