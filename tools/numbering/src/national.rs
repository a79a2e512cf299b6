//! The dialling rules of each region: `data/national_prefixes.csv`.

use core::fmt;

use phonenumber::metadata::Database;

use crate::{corrections::Correction, error::Error, region::Region};

/// The dialling rules of a region, from the metadata of libphonenumber's parser.
///
/// Displays as a row of the file: `GB,44,00,0|180020,`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dialling {
    /// The region. Nobody dials within a calling code that belongs to no country, so every row has
    /// one.
    pub region: Region,
    /// The calling code, such as 44.
    pub calling_code: u16,
    /// A regular expression for the prefix before a calling code; empty if unknown.
    pub international_prefix: String,
    /// A regular expression for the prefix before a national number; empty if there is none.
    pub national_prefix: String,
    /// The replacement of the national prefix if its last group matched, such as `9$1`; empty for
    /// none.
    pub transform: String,
}

/// Returns the dialling rules of all regions in a database, sorted by region.
///
/// The regular expressions are copied without white space. The build of the library, which compiles
/// them, rejects unsupported syntax.
///
/// # Errors
///
/// If a region is not a region code.
pub fn dialling(database: &Database) -> Result<Vec<Dialling>, Error> {
    let mut rows = Vec::new();
    for metadata in (1..=999).flat_map(|code| database.by_code(&code).unwrap_or_default()) {
        let (id, calling_code) = (metadata.id(), metadata.country_code());
        if id == "001" {
            continue;
        }
        let region = id.parse().map_err(|problem| {
            let territory = format!("{id} (+{calling_code})");
            Error::Region { territory, problem }
        })?;
        // Without a pattern for parsing, libphonenumber uses the prefix for formatting.
        let national_prefix = metadata.national_prefix_for_parsing().map(|pattern| pattern.as_str());
        rows.push(Dialling {
            region,
            calling_code,
            international_prefix: without_space(
                metadata.international_prefix().map(|pattern| pattern.as_str()),
            ),
            national_prefix: without_space(national_prefix.or(metadata.national_prefix())),
            transform: without_space(metadata.national_prefix_transform_rule()),
        });
    }
    rows.sort();
    Ok(rows)
}

/// Returns the rows, with a row for each region that appears only in the corrections. Such a row
/// has a calling code and no prefixes.
#[must_use]
pub fn corrected(rows: &[Dialling], corrections: &[Correction]) -> Vec<Dialling> {
    let mut rows = rows.to_vec();
    for &Correction { region, calling_code, .. } in corrections {
        if rows.iter().all(|row| row.region != region) {
            rows.push(Dialling {
                region,
                calling_code,
                international_prefix: String::new(),
                national_prefix: String::new(),
                transform: String::new(),
            });
        }
    }
    rows.sort();
    rows
}

impl fmt::Display for Dialling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, calling_code, international_prefix, national_prefix, transform } = self;
        write!(f, "{region},{calling_code},{},", quoted(international_prefix))?;
        write!(f, "{},{}", quoted(national_prefix), quoted(transform))
    }
}

/// Quotes a CSV field if necessary. A count such as `{4,6}` contains a comma.
pub(crate) fn quoted(field: &str) -> String {
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.to_owned() }
}

fn without_space(text: Option<&str>) -> String {
    text.unwrap_or_default().split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(region: &str, calling_code: u16, national_prefix: &str) -> Dialling {
        Dialling {
            region: region.parse().unwrap(),
            calling_code,
            international_prefix: "00".into(),
            national_prefix: national_prefix.into(),
            transform: String::new(),
        }
    }

    #[test]
    fn quotes_fields_with_counts() {
        assert_eq!(row("GB", 44, "0|180020").to_string(), "GB,44,00,0|180020,");
        assert_eq!(row("BR", 55, r"0(\d{10,11})?").to_string(), r#"BR,55,00,"0(\d{10,11})?","#);
    }

    #[test]
    fn adds_rows_for_regions_of_corrections() {
        let text =
            "calling_code,prefix,region,source,date,note\n672,1,AQ,s,2026-11-20,n\n44,1,GB,s,2026-11-20,n\n";
        let corrections = Correction::read("c.csv", text).unwrap();
        let rows = corrected(&[row("GB", 44, "0")], &corrections);
        let lines: Vec<_> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["AQ,672,,,", "GB,44,00,0,"]);
    }

    #[test]
    fn removes_white_space() {
        assert_eq!(without_space(Some("\n  (?:\n   0|\n   90\n  )\n")), "(?:0|90)");
        assert_eq!(without_space(None), "");
    }
}
