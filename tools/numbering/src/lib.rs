//! Generates countersign's numbering data from libphonenumber's metadata.
//!
//! The metadata describes the numbers of each territory by patterns. This tool compiles them to one
//! minimal automaton for each calling code, which gives exactly libphonenumber's answers. The files
//! in `data/` are derived from these automata:
//!
//! ```text
//! metadata/*.xml ──> Territory, Pattern ──> Automaton (rules) ──> data/calling_codes.csv
//!                       data/corrections.csv ──┘             └──> data/numbering_plan.csv
//! ```
//!
//! The dialling rules ([`national`]), the formats ([`formats`]) and the example numbers
//! ([`examples`]) are copied to `data/national_prefixes.csv`, `data/formats.csv` and
//! `data/examples.csv`.
//!
//! The metadata is a file in this package, in the schema of libphonenumber's own. [`refresh`]
//! replaces it by that of another version. The binary does so, writes the files in `data/`, or
//! compares them with `--check`.

#![allow(clippy::std_instead_of_alloc, reason = "a tool, which always has the standard library")]

pub mod automaton;
pub mod calling_code;
pub mod corpus;
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
pub mod refresh;
pub mod region;
pub mod release;
pub mod rules;
pub mod source;
pub mod territory;
mod workspace;
pub mod xml;
