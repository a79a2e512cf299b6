//! `data/regions.csv`: which regions there are, their names, and their order.

use super::error::TableError;
use super::sheet;
use super::sources::TableFile;

/// The regions in the order of their codes. A region's place in it is its number in every other table.
pub(crate) struct Regions {
    regions: Vec<Region>,
}

/// One region.
pub(crate) struct Region {
    /// ISO 3166-1 alpha-2, or XK, AC, TA.
    pub(crate) code: String,
    /// What English speakers call it.
    pub(crate) name: String,
}

/// One byte holds region + 1, and 0xFF stands for "no country".
const MOST: usize = 254;

impl Regions {
    /// Reads and checks the file.
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
                errors.push(file.error_at(line, &problem, "write what English speakers call it"));
            }
            if regions.len() == MOST {
                let problem = format!("there are more than {MOST} regions");
                errors.push(file.error_at(
                    line,
                    &problem,
                    "make regions wider than a byte in the tables first",
                ));
            }
            regions.push(Region { code, name });
        }
        if errors.is_empty() { Ok(Self { regions }) } else { Err(errors) }
    }

    /// The number of the region that a row names, or what is wrong with the name.
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

    /// The regions, in the order of their numbers.
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
