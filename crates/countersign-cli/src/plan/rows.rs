//! A plan: the rows of `numbering_plan.csv`, and the plan's version.

use std::fs;
use std::path::{Path, PathBuf};

use countersign::{Kind, Region};

use super::classes::{self, Digits};
use super::version;
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
    /// How many of these are the calling code.
    code_digits: usize,
    /// The lengths of the whole number, one bit each, none shorter than the prefix.
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
    ///
    /// # Errors
    ///
    /// If there is none, or it is malformed or cut off.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let file = folder.join("numbering_plan.csv");
        let bytes = fs::read(&file).map_err(|error| Failure::of_file(&file, &error))?;
        let rows = rows(&bytes).map_err(|(line, problem)| Failure::at_line(&file, line, problem))?;
        Ok(Self { file, version: version::of_folder(folder), rows })
    }
}

/// Reads the rows, or returns a line and what would be right there.
fn rows(bytes: &[u8]) -> Result<Vec<Row>, (u64, String)> {
    let line_of = |byte: usize| 1 + memchr::memchr_iter(b'\n', &bytes[..byte]).count() as u64;
    let text = str::from_utf8(bytes)
        .map_err(|error| (line_of(error.valid_up_to()), "not UTF-8; save the file as UTF-8".to_owned()))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().map_err(|error| (1, error.to_string()))?;
    if header != HEADER.as_slice() {
        return Err((1, format!("malformed header; expected {:?}", HEADER.join(","))));
    }
    let (mut rows, mut seen, mut line) = (Vec::new(), 0, 1);
    for record in reader.records() {
        let record = record.map_err(|error| (line, error.to_string()))?;
        // The reader's own line numbers do not count blank lines, which are before the record.
        let start = record.position().map_or(0, csv::Position::byte) as usize;
        let is_blank = |byte: &&u8| matches!(**byte, b'\r' | b'\n');
        let start = start + bytes.iter().skip(start).take_while(is_blank).count();
        line += memchr::memchr_iter(b'\n', &bytes[seen..start]).count() as u64;
        seen = start;
        rows.push(Row::new(&record, line).map_err(|problem| (line, problem))?);
    }
    // Without its end, a row may look complete: `1,2,10,MOBILE,` instead of `1,2,10,MOBILE,US`.
    match text.ends_with('\n') {
        true => Ok(rows),
        false => {
            Err((line_of(bytes.len()), "the file is cut off; expected a line feed at its end".to_owned()))
        }
    }
}

impl Row {
    fn new(record: &csv::StringRecord, line: u64) -> Result<Self, String> {
        if record.iter().any(|field| field.contains(char::is_control)) {
            return Err("a field has a control character; remove it, or close the open quote".to_owned());
        }
        let fields: Vec<&str> = record.iter().collect();
        let [code, prefix, lengths, kind, region] = fields[..] else {
            return Err(format!("{} fields; expected {}: {}", fields.len(), HEADER.len(), HEADER.join(",")));
        };
        let is_code = matches!(code.len(), 1..=3)
            && code.bytes().all(|byte| byte.is_ascii_digit())
            && !code.starts_with('0');
        let Some(mut whole) = classes::prefix(code).filter(|_| is_code) else {
            return Err(format!("{code:?} is not a calling code; expected 1 to 3 digits, the first not 0"));
        };
        let Some(prefix_digits) = classes::prefix(prefix) else {
            return Err(format!(
                "prefix {prefix:?} is malformed; expected digits, classes such as [0157-9], and x for any digit"
            ));
        };
        let (least, most) = (prefix_digits.len().max(1), MAX_DIGITS - code.len());
        let fits = |set: &u16| set.trailing_zeros() as usize >= least && *set >> most <= 1;
        let Some(national) = classes::lengths(lengths).filter(fits) else {
            return Err(format!(
                "lengths {lengths:?} are malformed, or do not fit prefix {prefix:?}; \
                 expected lengths such as 7;9-10, from {least} to {most}"
            ));
        };
        if !Kind::ALL.iter().any(|known| known.as_str().to_ascii_uppercase() == kind) {
            let kinds = Kind::ALL.map(|known| known.as_str().to_ascii_uppercase());
            return Err(format!("{kind:?} is not a type; expected one of {}", kinds.join(", ")));
        }
        // Codes in lower case are read elsewhere, but never written in a plan.
        let is_region = region.parse::<Region>().is_ok_and(|known| known.as_str() == region);
        if !is_region && !region.is_empty() {
            return Err(format!("{region:?} is not a region; expected a code such as GB, or nothing"));
        }
        whole.extend(prefix_digits);
        let place = if region.is_empty() { format!("+{code}") } else { region.to_owned() };
        let label = Label { place, kind: kind.to_owned() };
        let code_digits = code.len();
        Ok(Self { prefix: whole, code_digits, lengths: national << code_digits, label, line })
    }

    pub(super) fn calling_code(&self) -> &[Digits] {
        &self.prefix[..self.code_digits]
    }
}
