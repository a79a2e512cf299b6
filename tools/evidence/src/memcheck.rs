//! Does the way through the code depend on a secret? Valgrind's memcheck follows every bit that it is told is undefined,
//! and reports each branch and each index that depends on one: so secrets are marked undefined (Adam Langley's ctgrind).

mod client;
mod place;
mod report;

pub use client::{conceal, reveal, reveal_value};
pub use place::{Place, Unplaced};
pub use report::{Finding, Frame, findings};
