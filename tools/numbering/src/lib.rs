//! Makes the numbering data of countersign from libphonenumber's metadata.
//!
//! The metadata describes the numbers of each territory by patterns. Here they become one minimal automaton
//! for each calling code, which answers exactly what libphonenumber answers; the files in `data/` are read
//! off the automata:
//!
//! ```text
//! metadata ──> Territory, Pattern ──> Automaton (rules: region and type) ──> data/calling_codes.csv
//!                 data/corrections.csv ──┘                              └──> data/numbering_plan.csv
//! ```
//!
//! How people dial ([`national`]) goes to `data/national_prefixes.csv` as it is.
//!
//! The metadata is that in the crate `phonenumber`, or libphonenumber's own file. The binary writes the files,
//! or with `--check` compares them.

#![allow(clippy::std_instead_of_alloc, reason = "a tool, which always has the standard library")]

pub mod automaton;
pub mod calling_code;
pub mod corrections;
pub mod digits;
pub mod error;
pub mod files;
pub mod lengths;
pub mod metadata;
pub mod national;
pub mod number_type;
pub mod pattern;
pub mod plan;
pub mod region;
pub mod rules;
pub mod territory;
mod workspace;
