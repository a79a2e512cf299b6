//! `data/regions.csv`: the regions, their names, and their order.

use super::error::TableError;
use super::sheet;
use super::sources::TableFile;

/// The regions, sorted by code. A region's position is its number in all other tables.
pub(crate) struct Regions {
    regions: Vec<Region>,
}

/// A region.
pub(crate) struct Region {
    /// ISO 3166-1 alpha-2, or XK, AC, TA.
    pub(crate) code: String,
    /// The common English name.
    pub(crate) name: String,
}

/// The most regions: a byte holds the region's number + 1, and 0xFF means "no country".
const MOST: usize = 254;

impl Regions {
    /// Reads and validates the file.
    pub(crate) fn read(file: &TableFile) -> Result<Self, Vec<TableError>> {
        let rows = sheet::read(file, ["region", "name", "note"])?;
        let mut errors = sheet::check_sorted(file, &rows, "region", |row| row.fields[0].clone());
        let mut regions = Vec::new();
        for row in rows {
            let line = row.line;
            let [code, name, _note] = row.fields;
            errors.extend(malformed(file, line, &code));
            if name.is_empty() {
                let problem = format!("region {code:?} has no name");
                errors.push(file.error_at(line, &problem, "write its common English name"));
            }
            if regions.len() == MOST {
                let problem = format!("there are more than {MOST} regions");
                errors.push(file.error_at(line, &problem, "widen the region labels in the tables first"));
            }
            regions.push(Region { code, name });
        }
        if errors.is_empty() { Ok(Self { regions }) } else { Err(errors) }
    }

    /// Returns the number of the region with this code, or an error for the row.
    pub(crate) fn find(&self, file: &TableFile, line: u64, code: &str) -> Result<u8, TableError> {
        if let Some(error) = malformed(file, line, code) {
            return Err(error);
        }
        let place = self.regions.binary_search_by(|region| region.code.as_str().cmp(code)).ok();
        place.and_then(|place| u8::try_from(place).ok()).ok_or_else(|| {
            let problem = format!("region {code:?} is not in data/regions.csv");
            file.error_at(line, &problem, "add it there or correct the row")
        })
    }

    /// Returns the regions in the order of their numbers.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Region> {
        self.regions.iter()
    }
}

fn malformed(file: &TableFile, line: u64, code: &str) -> Option<TableError> {
    let alpha2 = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    (!alpha2).then(|| {
        let problem = format!("region {code:?} is not an ISO 3166-1 alpha-2 code");
        file.error_at(line, &problem, "write two capital letters, such as US")
    })
}
