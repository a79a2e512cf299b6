//! The lists of countries that a channel cannot reach: `data/sms_unsupported.csv` and the like.

use std::collections::BTreeMap;

use super::error::TableError;
use super::regions::Regions;
use super::sheet::{self, Row};
use super::sources::TableFile;

const COLUMNS: [&str; 8] =
    ["region", "label", "published_code", "published_prefix", "effective", "source", "date", "note"];

/// A list: its regions by number, each with its line.
pub(crate) struct Unsupported {
    shown: String,
    lines: BTreeMap<u8, u64>,
}

impl Unsupported {
    /// Reads and validates the file. A list may be empty, because a channel may reach every
    /// country.
    pub(crate) fn read(file: &TableFile, regions: &Regions) -> Result<Self, Vec<TableError>> {
        let rows: Vec<Row<8>> = sheet::read(file, COLUMNS)?;
        let mut errors = sheet::check_sorted(file, &rows, "region", |row| row.fields[0].clone());
        let mut lines = BTreeMap::new();
        for row in &rows {
            match regions.find(file, row.line, &row.fields[0]) {
                Ok(region) => _ = lines.insert(region, row.line),
                Err(error) => errors.push(error),
            }
            errors.extend(sheet::check_day(file, row.line, "effective", &row.fields[4]));
            errors.extend(sheet::check_day(file, row.line, "date", &row.fields[6]));
        }
        if errors.is_empty() { Ok(Self { shown: file.shown().to_owned(), lines }) } else { Err(errors) }
    }

    /// Returns the location of the region in the list, such as `data/sms_unsupported.csv:3`.
    pub(crate) fn place_of(&self, region: u8) -> Option<String> {
        self.lines.get(&region).map(|line| format!("{}:{line}", self.shown))
    }

    /// Returns the numbers of the regions in ascending order.
    pub(crate) fn regions(&self) -> impl Iterator<Item = u8> {
        self.lines.keys().copied()
    }
}
