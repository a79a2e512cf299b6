//! A verifier with a guard: what it refuses, what each call changes in the tallies, and that no
//! fault of the store changes that.

mod answers;
mod faults;
mod modes;
mod operators;
mod scene;
mod sends;
