//! The numbering plan: `data/numbering_plan.csv`, compiled to one minimal automaton over E.164
//! digits.

#[cfg(test)]
mod against_rows;
mod automaton;
#[cfg(test)]
mod fixture;
mod layout;
mod rows;
mod trie;
#[cfg(test)]
mod walk;

use super::calling_codes::CallingCodes;
use super::error::TableError;
use super::regions::Regions;
use super::sources::TableFile;

pub(crate) use layout::Layout;
pub(crate) use rows::KINDS;

/// The shortest and longest number. E.164 allows 15 digits, and this crate requires 7.
const SHORTEST: usize = 7;
const LONGEST: usize = 15;

/// The answer of the tables for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Label {
    /// The region's number + 1, or `NO_COUNTRY`.
    region: u8,
    /// The kind's position in `rows::KINDS` + 1, [`UNALLOCATED`] or [`IMPOSSIBLE`].
    kind: u8,
}

const UNALLOCATED: u8 = 0;
const IMPOSSIBLE: u8 = 15;

/// A set of lengths in digits, calling code included: bit `n` for `n` digits.
type Lengths = u16;

/// Reads, validates and compiles the plan.
pub(crate) fn compile(
    file: &TableFile,
    codes: &CallingCodes,
    regions: &Regions,
) -> Result<Layout, Vec<TableError>> {
    let rows = rows::read(file, codes, regions)?;
    let trie = trie::Trie::new(file, codes, &rows)?;
    layout::lay_out(&automaton::minimise(&trie), codes)
        .map_err(|problem| vec![file.error(&problem, "widen the entries in build/tables/plan/layout.rs")])
}
