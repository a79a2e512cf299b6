//! How the numbers of each calling code are written: `data/formats.csv`.

use core::fmt;

use phonenumber::metadata::{Database, Format};

use crate::{error::Error, national::quoted};

/// One way to write the national numbers of a calling code.
///
/// Displays as a row of the file: `44,2 4 4,2|5[56]|70,$1 $2 $3,,0$1,,`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatRow {
    /// The calling code, such as 44.
    pub calling_code: u16,
    /// The lengths of the groups of digits: `2 4 4`, `3 3-4`.
    pub groups: String,
    /// Patterns of the first digits, separated by spaces; empty for any. The last decides how a
    /// number is written; the others are for numbers that are being typed.
    pub leading_digits: String,
    /// The national form: `$1 $2`, where `$1` is the first group.
    pub national: String,
    /// The international form; empty if it is the same, `-` if numbers are never written this way.
    pub international: String,
    /// What takes the place of the first group in the national form: `0$1`. Empty for no change.
    pub prefix: String,
    /// The same with a carrier code, `0 $CC ($1)`; empty if there is none.
    pub carrier: String,
    /// Whether people may leave the prefix out.
    pub prefix_is_optional: bool,
}

/// Returns the formats of all calling codes, sorted by the calling code as text. Those of one
/// calling code are in the order in which libphonenumber tries them.
///
/// All regions with a calling code use the formats of its main region.
///
/// # Errors
///
/// If a pattern is not a sequence of groups of digits.
pub fn formats(database: &Database) -> Result<Vec<FormatRow>, Error> {
    let mut codes: Vec<u16> = (1..=999).filter(|code| database.by_code(code).is_some()).collect();
    codes.sort_by_cached_key(ToString::to_string);
    let mut rows = Vec::new();
    for code in codes {
        let territories = database.by_code(&code).unwrap_or_default();
        let Some(main) = territories.first() else { continue };
        let prefix = main.national_prefix().unwrap_or_default();
        // Where no format is international, libphonenumber uses the national ones.
        let mut international = main.international_formats().iter().peekable();
        let all = international.peek().is_none();
        for format in main.formats() {
            let same = |other: &&Format| condition(other) == condition(format);
            let form = match international.next_if(same) {
                _ if all => String::new(),
                None => "-".to_owned(),
                Some(other) if other.format().trim() == format.format().trim() => String::new(),
                Some(other) => other.format().trim().to_owned(),
            };
            rows.push(row(code, format, form, prefix)?);
        }
    }
    Ok(rows)
}

/// Returns the two patterns that decide whether a format applies.
fn condition(format: &Format) -> (&str, Vec<&str>) {
    let leading_digits = format.leading_digits().iter().map(|pattern| pattern.as_str());
    (format.pattern().as_str(), leading_digits.collect())
}

fn row(calling_code: u16, format: &Format, international: String, prefix: &str) -> Result<FormatRow, Error> {
    let pattern = without_space(format.pattern().as_str());
    let groups = groups(&pattern).ok_or_else(|| Error::Metadata {
        file: "the metadata".into(),
        problem: format!(
            "+{calling_code}: the format's pattern {pattern:?} is not a sequence of groups of \\d"
        ),
    })?;
    let leading_digits = format.leading_digits().iter().map(|pattern| without_space(pattern.as_str()));
    let rule = |rule: Option<&str>| rule.unwrap_or_default().replace("$NP", prefix).replace("$FG", "$1");
    Ok(FormatRow {
        calling_code,
        groups,
        leading_digits: leading_digits.collect::<Vec<_>>().join(" "),
        national: format.format().trim().to_owned(),
        international,
        prefix: rule(format.national_prefix()),
        carrier: rule(format.domestic_carrier()),
        prefix_is_optional: format.is_national_prefix_optional(),
    })
}

/// Returns the lengths of groups such as `(\d{2})(\d{3,4})(\d)`: `2 3-4 1`.
fn groups(pattern: &str) -> Option<String> {
    let groups = pattern.strip_prefix('(')?.strip_suffix(')')?.split(")(").map(|group| {
        let count = group.strip_prefix("\\d")?;
        if count.is_empty() {
            return Some("1".to_owned());
        }
        let count = count.strip_prefix('{')?.strip_suffix('}')?;
        let is_range = count.chars().all(|c| c.is_ascii_digit() || c == ',');
        is_range.then(|| count.replace(',', "-"))
    });
    groups.collect::<Option<Vec<_>>>().map(|groups| groups.join(" "))
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

impl fmt::Display for FormatRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calling_code, groups, leading_digits, national, international, .. } = self;
        write!(f, "{calling_code},{groups},{},{national},{international}", quoted(leading_digits))?;
        write!(f, ",{},{}", self.prefix, self.carrier)?;
        f.write_str(if self.prefix_is_optional { ",optional" } else { "," })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use phonenumber::metadata::DATABASE;

    #[test]
    fn reads_groups() {
        assert_eq!(groups(r"(\d{2})(\d{3,4})(\d)").as_deref(), Some("2 3-4 1"));
        assert_eq!(groups(r"(\d{8})").as_deref(), Some("8"));
        for other in ["", r"\d{2}", r"(\d{2})0?(\d{2})", r"(9)(\d)", r"(\d+)"] {
            assert_eq!(groups(other), None, "{other}");
        }
    }

    #[test]
    fn resolves_prefixes_and_international_forms() {
        let rows = formats(&DATABASE).unwrap();
        let has = |row: &str| assert!(rows.iter().any(|known| known.to_string() == row), "{row}");
        has("1,3 3 4,[2-9],($1) $2-$3,$1-$2-$3,,,optional");
        has("1,3 4,[24-9]|3(?:[02-9]|1[1-9]),$1-$2,-,,,");
    }

    #[test]
    fn calling_codes_are_sorted_as_text() {
        let rows = formats(&DATABASE).unwrap();
        assert!(rows.is_sorted_by_key(|row| row.calling_code.to_string()));
    }
}
