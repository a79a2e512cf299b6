//! Generates countersign's numbering data from libphonenumber's metadata.
//!
//! The metadata describes the numbers of each territory by patterns. This tool compiles them to one
//! minimal automaton for each calling code, which gives exactly libphonenumber's answers. The files
//! in `data/` are derived from these automata:
//!
//! ```text
//! metadata ──> Territory, Pattern ──> Automaton (rules) ──> data/calling_codes.csv
//!                 data/corrections.csv ──┘             └──> data/numbering_plan.csv
//! ```
//!
//! The dialling rules ([`national`]), the formats ([`formats`]) and the example numbers
//! ([`examples`]) are copied to `data/national_prefixes.csv`, `data/formats.csv` and
//! `data/examples.csv`.
//!
//! The metadata comes from the crate `phonenumber` or from libphonenumber's own file. The binary
//! writes the files, or compares them with `--check`.

#![allow(clippy::std_instead_of_alloc, reason = "a tool, which always has the standard library")]

pub mod automaton;
pub mod calling_code;
pub mod corrections;
pub mod digits;
pub mod error;
pub mod examples;
pub mod files;
pub mod formats;
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
