//! Example numbers by region and type: `data/examples.csv`.

use core::fmt;

use crate::{number_type::NumberType, region::Region, territory::Territory};

/// The example of a type of number that libphonenumber's metadata lists for a region.
///
/// Displays as a row of the file: `GB,MOBILE,447400123456`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// The region under which the metadata lists the number.
    pub region: Region,
    /// The type under which the metadata lists the number.
    pub number_type: NumberType,
    /// The digits of the number: calling code and national number.
    pub digits: String,
}

/// The fewest digits of a number. The metadata has one example with fewer.
const FEWEST_DIGITS: usize = 7;

/// Returns the examples of all regions, sorted by region and by the name of the type.
#[must_use]
pub fn examples(territories: &[Territory]) -> Vec<Example> {
    let mut rows = Vec::new();
    for territory in territories {
        let Some(region) = territory.region else { continue };
        for (number_type, description) in &territory.types {
            let Some(example) = &description.example else { continue };
            let digits = format!("{}{example}", territory.calling_code);
            if digits.len() >= FEWEST_DIGITS {
                rows.push(Example { region, number_type: *number_type, digits });
            }
        }
    }
    rows.sort_by_cached_key(|row| (row.region, row.number_type.to_string()));
    rows
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, number_type, digits } = self;
        write!(f, "{region},{number_type},{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Metadata;

    #[test]
    fn lists_examples_by_region_and_type() {
        let rows = examples(&Metadata::in_tree().unwrap().territories);
        let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
        assert!(rows.iter().any(|row| row == "GB,MOBILE,447400123456"));
        assert!(rows.is_sorted());
        assert!(!rows.iter().any(|row| row.contains(",989601")), "six digits");
    }
}
