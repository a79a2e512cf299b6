//! The parts of the example server, for its binary, its tests and its load program.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "a server needs std anyway")]

pub mod documents;
pub mod sending;
