//! `data/calling_codes.csv`: the assigned calling codes, and the prefixes that tell regions of a shared code apart.

use std::collections::BTreeMap;

use super::error::TableError;
use super::regions::Regions;
use super::sheet::{self, Row};
use super::sources::TableFile;

/// The most digits that an E.164 number has, its calling code included.
const E164_DIGITS: usize = 15;

/// Prefixes of E.164 numbers; the longest that a number begins with says its region.
pub(crate) struct CallingCodes {
    shown: String,
    answers: BTreeMap<String, Answer>,
}

/// What the numbers below a prefix belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The region of this number.
    Region(u8),
    /// An assigned code, but of no country: satellite telephones, global services.
    NoCountry,
}

impl CallingCodes {
    /// Reads and checks the file.
    pub(crate) fn read(file: &TableFile, regions: &Regions) -> Result<Self, Vec<TableError>> {
        let rows: Vec<Row<3>> = sheet::read(file, ["calling_code", "prefix", "region"])?;
        let mut errors: Vec<_> = rows.iter().filter_map(|row| malformed(file, row)).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        errors.extend(sheet::check_sorted(file, &rows, "calling_code + prefix", digits));
        errors.extend(rows.iter().filter_map(|row| misplaced(file, row, &rows)));

        let mut answers = BTreeMap::new();
        for row in &rows {
            let [_, _, code] = &row.fields;
            let answer = if code.is_empty() {
                Ok(Answer::NoCountry)
            } else {
                regions.find(file, row.line, code).map(Answer::Region)
            };
            match answer {
                Ok(answer) => _ = answers.insert(digits(row), answer),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(Self { shown: file.shown().to_owned(), answers }) } else { Err(errors) }
    }

    /// The prefixes, sorted, with what they say.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Answer)> {
        self.answers.iter().map(|(digits, answer)| (digits.as_str(), *answer))
    }

    /// An error of the file as a whole.
    pub(crate) fn error(&self, problem: &str, remedy: &str) -> TableError {
        TableError::new(&self.shown, None, problem, remedy)
    }
}

/// The digits that an E.164 number of this row begins with.
fn digits(row: &Row<3>) -> String {
    row.fields[..2].concat()
}

fn malformed(file: &TableFile, row: &Row<3>) -> Option<TableError> {
    let [code, prefix, _region] = &row.fields;
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(code.len(), 1..=3) || !all_digits(code) || code.starts_with('0') {
        let problem = format!("calling code {code:?} is not one of E.164");
        return Some(file.error_at(row.line, &problem, "write 1 to 3 digits, the first of them 1 to 9"));
    }
    if !all_digits(prefix) {
        let problem = format!("prefix {prefix:?} has characters other than digits");
        return Some(file.error_at(row.line, &problem, "write the first digits of the national number"));
    }
    if code.len() + prefix.len() > E164_DIGITS {
        let problem = format!("prefix {prefix:?} is longer than any number of calling code {code}");
        return Some(file.error_at(row.line, &problem, "E.164 has at most 15 digits in all: shorten it"));
    }
    None
}

/// Is this row at odds with the other rows of its code, or with another code?
fn misplaced(file: &TableFile, row: &Row<3>, rows: &[Row<3>]) -> Option<TableError> {
    let [code, prefix, region] = &row.fields;
    let shorter = |other: &&Row<3>| other.fields[0].len() < code.len() && code.starts_with(&other.fields[0]);
    if let Some(other) = rows.iter().find(shorter) {
        let problem =
            format!("calling code {code} begins with calling code {} (line {})", other.fields[0], other.line);
        return Some(file.error_at(
            row.line,
            &problem,
            "no code may begin with another: correct one of the two",
        ));
    }
    if prefix.is_empty() {
        return None;
    }
    let refines = |other: &&Row<3>| {
        other.fields[0] == *code
            && other.fields[1].len() < prefix.len()
            && prefix.starts_with(&other.fields[1])
    };
    let Some(refined) = rows.iter().filter(refines).max_by_key(|other| other.fields[1].len()) else {
        let problem = format!("calling code {code} has no row of its own");
        let remedy = format!("add \"{code},,\" and its main region, or nothing where it has no country");
        return Some(file.error_at(row.line, &problem, &remedy));
    };
    if refined.fields[2] == *region {
        let problem =
            format!("prefix {prefix:?} says {region:?}, as line {} does, which it refines", refined.line);
        return Some(file.error_at(row.line, &problem, "remove the row or correct its region"));
    }
    None
}
