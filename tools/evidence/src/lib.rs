//! Evidence for how countersign treats secrets, where a test of the library cannot provide it:
//! timing, branches on secrets, freed memory, a hundred million codes. See `README.md` for the
//! commands.
//!
//! A separate crate, because this takes `unsafe`, which the library forbids.

pub mod callgrind;
pub mod chi_square;
pub mod dudect;
pub mod freed;
pub mod machine;
pub mod memcheck;
mod valgrind;
