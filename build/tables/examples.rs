//! `data/examples.csv`: an example number for each region and type.
//!
//! This table is generated for the feature `format` only.

use super::calling_codes::CallingCodes;
use super::emit::array;
use super::error::TableError;
use super::plan::KINDS;
use super::regions::Regions;
use super::sheet::{self, Row};
use super::sources::TableFile;

/// An example: its region's number + 1, its kind's position in [`KINDS`] + 1, and its digits.
pub(crate) struct Example {
    region: u8,
    kind: u8,
    digits: u64,
}

/// Reads and validates the file.
pub(crate) fn read(
    file: &TableFile,
    codes: &CallingCodes,
    regions: &Regions,
) -> Result<Vec<Example>, Vec<TableError>> {
    let rows: Vec<Row<3>> = sheet::read(file, ["region", "type", "number"])?;
    let key = |row: &Row<3>| format!("{},{}", row.fields[0], row.fields[1]);
    let mut errors = sheet::check_sorted(file, &rows, "region,type", key);
    let mut examples = Vec::new();
    for row in &rows {
        match example(file, row, codes, regions) {
            Ok(example) => examples.push(example),
            Err(error) => errors.push(error),
        }
    }
    examples.sort_by_key(|example| (example.region, example.kind));
    if errors.is_empty() { Ok(examples) } else { Err(errors) }
}

fn example(
    file: &TableFile,
    row: &Row<3>,
    codes: &CallingCodes,
    regions: &Regions,
) -> Result<Example, TableError> {
    let [region, kind, digits] = &row.fields;
    let region = regions.find(file, row.line, region)? + 1;
    let kind = KINDS.iter().position(|known| known == kind).ok_or_else(|| {
        let problem = format!("type {kind:?} is unknown");
        file.error_at(row.line, &problem, "write a type of data/numbering_plan.csv, such as MOBILE")
    })?;
    let assigned = (1..=3).any(|length| digits.get(..length).is_some_and(|code| codes.contains(code)));
    let number = digits.parse().ok().filter(|_| assigned && (7..=15).contains(&digits.len()));
    let Some(number) = number else {
        let problem = format!("number {digits:?} is not an E.164 number");
        return Err(file.error_at(
            row.line,
            &problem,
            "write an assigned calling code, and 7 to 15 digits in all",
        ));
    };
    Ok(Example { region, kind: kind as u8 + 1, digits: number })
}

/// Returns the part of the generated file that the feature `format` adds.
pub(crate) fn source(examples: &[Example]) -> String {
    let rows = examples.iter().map(|example| {
        let Example { region, kind, digits } = example;
        (u64::from(*region) << 56 | u64::from(*kind) << 52 | digits).to_string()
    });
    let of = format!("[u64; {}]", examples.len());
    array(
        "EXAMPLES",
        &of,
        "Region label (8 bits), kind (4 bits) and digits of each example number, sorted.",
        rows,
    )
}
