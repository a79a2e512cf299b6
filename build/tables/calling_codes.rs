//! `data/calling_codes.csv`: the assigned calling codes and their main regions.

use super::error::TableError;
use super::regions::Regions;
use super::sheet::{self, Row};
use super::sources::TableFile;

/// The label of an assigned calling code that belongs to no country.
pub(crate) const NO_COUNTRY: u8 = 0xFF;

/// The assigned calling codes, sorted as text. None is a prefix of another.
pub(crate) struct CallingCodes {
    codes: Vec<CallingCode>,
}

pub(crate) struct CallingCode {
    /// The code's one to three digits.
    pub(crate) digits: String,
    /// The main region's number + 1, or [`NO_COUNTRY`].
    pub(crate) region: u8,
}

impl CallingCodes {
    /// Reads and validates the file.
    pub(crate) fn read(file: &TableFile, regions: &Regions) -> Result<Self, Vec<TableError>> {
        let rows: Vec<Row<2>> = sheet::read(file, ["calling_code", "region"])?;
        let mut errors: Vec<_> = rows.iter().filter_map(|row| malformed(file, row)).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        errors.extend(sheet::check_sorted(file, &rows, "calling code", |row| row.fields[0].clone()));
        errors.extend(rows.iter().filter_map(|row| begins_with_another(file, row, &rows)));
        let mut codes = Vec::new();
        for row in rows {
            let [digits, region] = row.fields;
            match label(file, row.line, &region, regions) {
                Ok(region) => codes.push(CallingCode { digits, region }),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(Self { codes }) } else { Err(errors) }
    }

    /// Returns the codes, sorted as text.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &CallingCode> {
        self.codes.iter()
    }

    /// Returns whether the code is assigned.
    pub(crate) fn contains(&self, digits: &str) -> bool {
        self.codes.iter().any(|code| code.digits == digits)
    }
}

/// Returns the label of a region's code. An empty code means no country.
pub(crate) fn label(file: &TableFile, line: u64, region: &str, regions: &Regions) -> Result<u8, TableError> {
    if region.is_empty() { Ok(NO_COUNTRY) } else { Ok(regions.find(file, line, region)? + 1) }
}

fn malformed(file: &TableFile, row: &Row<2>) -> Option<TableError> {
    let [code, _region] = &row.fields;
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    (!matches!(code.len(), 1..=3) || !digits || code.starts_with('0')).then(|| {
        let problem = format!("calling code {code:?} is not an E.164 calling code");
        file.error_at(row.line, &problem, "write 1 to 3 digits, of which the first is not 0")
    })
}

fn begins_with_another(file: &TableFile, row: &Row<2>, rows: &[Row<2>]) -> Option<TableError> {
    let code = &row.fields[0];
    let other = rows.iter().find(|other| other.fields[0] != *code && code.starts_with(&other.fields[0]))?;
    let problem =
        format!("calling code {code} begins with calling code {} (line {})", other.fields[0], other.line);
    Some(file.error_at(row.line, &problem, "no code may begin with another: correct one of the two"))
}
