//! Evidence for what countersign promises of its secrets, where a test of the library can't give it: timing, branches on
//! secrets, freed memory, a hundred million codes. `README.md` has the commands.
//!
//! It is a crate of its own because looking at such things takes `unsafe`, which the library forbids.

pub mod callgrind;
pub mod chi_square;
pub mod dudect;
pub mod freed;
pub mod machine;
pub mod memcheck;
pub mod progress;
mod valgrind;
