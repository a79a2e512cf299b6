//! The dialling rules of the regions: `data/national_prefixes.csv`, whose patterns are compiled to
//! one small program.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::calling_codes::{CallingCodes, NO_COUNTRY};
use super::error::TableError;
use super::pattern::{self, Pattern, Wrong};
use super::program::Program;
use super::regions::Regions;
use super::sheet::{self, Row};
use super::sources::TableFile;

const COLUMNS: [&str; 5] = ["region", "calling_code", "international_prefix", "national_prefix", "transform"];

/// The content of the library's tables.
pub(crate) struct National {
    /// Indexed by region.
    pub(crate) dialling: Vec<Dialling>,
    /// The calling codes whose main region has a national prefix, sorted, with the number of the
    /// rule.
    pub(crate) by_code: Vec<(u16, u8)>,
    /// The start of each rule's program, and the digits before the group that it keeps. The first
    /// is rule 1.
    pub(crate) rules: Vec<(u16, String)>,
    /// The instructions of all rules' programs.
    pub(crate) program: Vec<u16>,
}

/// A region's calling code and the numbers of its rules, where 0 means no rule.
#[derive(Clone, Copy, Default)]
pub(crate) struct Dialling {
    pub(crate) calling_code: u16,
    pub(crate) international: u8,
    pub(crate) national: u8,
}

/// Reads, validates and compiles the file.
pub(crate) fn compile(
    file: &TableFile,
    codes: &CallingCodes,
    regions: &Regions,
) -> Result<National, Vec<TableError>> {
    let rows: Vec<Row<5>> = sheet::read(file, COLUMNS)?;
    let mut errors = sheet::check_sorted(file, &rows, "region", |row| row.fields[0].clone());
    let mut rules = Rules::default();
    let mut dialling = vec![Dialling::default(); regions.iter().len()];
    for row in &rows {
        match read(file, row, codes, regions, &mut rules) {
            Ok((region, read)) => dialling[usize::from(region)] = read,
            Err(error) => errors.push(error),
        }
    }
    let all_read = errors.is_empty();
    let mut by_code = Vec::new();
    for (code, region) in
        codes.iter().filter(|code| code.region != NO_COUNTRY).map(|code| (code, code.region - 1))
    {
        let main = dialling[usize::from(region)];
        if main.calling_code.to_string() == code.digits {
            by_code.push((main.calling_code, main.national));
        } else if all_read {
            let region = regions.iter().nth(usize::from(region)).map_or("", |region| &region.code);
            let problem = format!(
                "{region}, the main region of calling code {}, has no row with that code",
                code.digits
            );
            let remedy = format!("add the row: its rule applies to +{} (0)", code.digits);
            errors.push(file.error(&problem, &remedy));
        }
    }
    by_code.retain(|&(_, rule)| rule != 0);
    by_code.sort_unstable();
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(National { dialling, by_code, rules: rules.rules, program: rules.program.into_instructions() })
}

/// The rules so far. Most regions share a rule with others.
#[derive(Default)]
struct Rules {
    known: BTreeMap<(String, String), u8>,
    rules: Vec<(u16, String)>,
    program: Program,
}

fn read(
    file: &TableFile,
    row: &Row<5>,
    codes: &CallingCodes,
    regions: &Regions,
    rules: &mut Rules,
) -> Result<(u8, Dialling), TableError> {
    let [region, code, international, national, transform] = &row.fields;
    let region = regions.find(file, row.line, region)?;
    let known = codes.contains(code).then(|| code.parse().ok()).flatten();
    let calling_code = known.ok_or_else(|| {
        let problem = format!("calling code {code:?} is not in data/calling_codes.csv");
        file.error_at(row.line, &problem, "add it there or correct the row")
    })?;
    let mut number = |column, pattern: &str, transform| {
        rules.number(pattern, transform).map_err(|(problem, remedy)| {
            file.error_at(row.line, &format!("{column} {pattern:?}: {problem}"), &remedy)
        })
    };
    Ok((
        region,
        Dialling {
            calling_code,
            international: number("international_prefix", international, "")?,
            national: number("national_prefix", national, transform)?,
        },
    ))
}

impl Rules {
    /// Returns the number of the rule, which is compiled if it is new.
    fn number(&mut self, pattern: &str, transform: &str) -> Result<u8, Wrong> {
        if pattern.is_empty() && transform.is_empty() {
            return Ok(0);
        }
        let key = (pattern.to_owned(), transform.to_owned());
        if let Some(&number) = self.known.get(&key) {
            return Ok(number);
        }
        let parsed = pattern::parse(pattern)?;
        let insert = inserted(&parsed, transform)?;
        let start = self.program.add(&parsed.root, insert.is_some().then_some(parsed.groups))?;
        self.rules.push((start, insert.unwrap_or_default()));
        let number = u8::try_from(self.rules.len()).map_err(|_| {
            let remedy = "widen the numbers of rules in build/tables/national.rs".to_owned();
            ("there are more than 255 distinct rules".to_owned(), remedy)
        })?;
        self.known.insert(key, number);
        Ok(number)
    }
}

/// Returns the digits that a transform puts before the last group, or `None` if there is no
/// transform.
///
/// libphonenumber applies a transform only if the last group of the pattern matched, and each of
/// its transforms keeps exactly that group. So the library only has to capture one group.
fn inserted(pattern: &Pattern, transform: &str) -> Result<Option<String>, Wrong> {
    if transform.is_empty() {
        return Ok(None);
    }
    let groups = pattern.groups;
    let wrong = || {
        let problem = format!("transform {transform:?} does not keep the last of its {groups} groups");
        (problem, "write at most four digits and the last group, such as 9$1".to_owned())
    };
    let (digits, group) = transform.split_once('$').ok_or_else(wrong)?;
    let fits = digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if groups == 0 || group != groups.to_string() || !fits {
        return Err(wrong());
    }
    Ok(Some(digits.to_owned()))
}
