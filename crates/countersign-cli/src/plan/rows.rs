//! A plan: the rows of `numbering_plan.csv`, and the plan's version.

use std::fs;
use std::path::{Path, PathBuf};

use super::classes::{self, Digits};
use super::error::{malformed, unreadable};
use crate::failure::Failure;

const HEADER: [&str; 5] = ["calling_code", "prefix", "lengths", "type", "region"];

/// The most digits of a number, with its calling code.
pub(super) const MAX_DIGITS: usize = 15;

/// A numbering plan, read from its folder.
pub(super) struct Plan {
    /// `numbering_plan.csv`, for errors.
    pub(super) file: PathBuf,
    /// The version and, if the folder has it, the date: `9.0.43 (2026-11-06)`.
    pub(super) version: String,
    pub(super) rows: Vec<Row>,
}

/// Numbers with the same first digits, lengths and label.
pub(super) struct Row {
    /// The first digits of the whole number, from its calling code on.
    pub(super) prefix: Vec<Digits>,
    /// The lengths of the whole number, one bit each.
    pub(super) lengths: u16,
    pub(super) label: Label,
    /// The line in the file, for errors.
    pub(super) line: u64,
}

/// What the plan says about a number.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Label {
    /// The region, such as `GB`; or the calling code, such as `+800`, of numbers without one.
    pub(super) place: String,
    /// The kind, such as `MOBILE`.
    pub(super) kind: String,
}

impl Plan {
    /// Reads a plan from its folder.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let file = folder.join("numbering_plan.csv");
        let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| malformed(&file, 1, error))?;
        if header != HEADER.as_slice() {
            return Err(malformed(&file, 1, format!("malformed header; expected {:?}", HEADER.join(","))));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let line = |position: Option<&csv::Position>| position.map_or(0, csv::Position::line);
            let record = record.map_err(|error| malformed(&file, line(error.position()), &error))?;
            let line = line(record.position());
            rows.push(Row::new(&record, line).map_err(|problem| malformed(&file, line, problem))?);
        }
        Ok(Self { file, version: version(folder), rows })
    }
}

/// Returns the version of a plan, with its date, as far as the folder has them.
fn version(folder: &Path) -> String {
    let read = |name| fs::read_to_string(folder.join(name)).ok().map(|text| text.trim().to_owned());
    match (read("metadata_version.txt"), read("metadata_date.txt")) {
        (Some(version), Some(date)) => format!("{version} ({date})"),
        (Some(version), None) => version,
        (None, _) => folder.display().to_string(),
    }
}

impl Row {
    fn new(record: &csv::StringRecord, line: u64) -> Result<Self, String> {
        let [code, prefix, lengths, kind, region] =
            core::array::from_fn(|column| record.get(column).unwrap_or_default());
        let code_digits = classes::prefix(code)
            .filter(|_| (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(mut whole) = code_digits else {
            return Err(format!("{code:?} is not a calling code"));
        };
        let Some(prefix_digits) = classes::prefix(prefix) else {
            return Err(format!("prefix {prefix:?} is malformed"));
        };
        whole.extend(prefix_digits);
        let shortest = |lengths: u16| lengths.trailing_zeros() as usize + code.len();
        let longest = |lengths: u16| lengths.checked_ilog2().unwrap_or_default() as usize + code.len();
        let national = classes::lengths(lengths)
            .filter(|&lengths| shortest(lengths) >= whole.len() && longest(lengths) <= MAX_DIGITS);
        let Some(national) = national else {
            return Err(format!("lengths {lengths:?} are malformed, or do not fit prefix {prefix:?}"));
        };
        let place = if region.is_empty() { format!("+{code}") } else { region.to_owned() };
        let label = Label { place, kind: kind.to_owned() };
        Ok(Self { prefix: whole, lengths: national << code.len(), label, line })
    }
}
