//! Does the execution path depend on a secret? Valgrind's memcheck tracks every bit marked as
//! undefined, and reports each branch and each index that depends on one. Secrets are therefore
//! marked as undefined (Adam Langley's ctgrind).

mod client;
mod place;
mod report;

pub use client::{conceal, reveal, reveal_value};
pub use place::{Place, Unplaced};
pub use report::{Finding, Frame, findings};
