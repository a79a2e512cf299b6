//! How numbers are written: `data/formats.csv`, compiled to an automaton that finds the layout of a
//! number, and to the rows that text fields follow while a number is being typed.
//!
//! These tables are generated for the feature `format` only.

mod automaton;
mod layout;
mod row;
mod source;
#[cfg(test)]
mod tests;

use core::ops::Range;
use std::collections::BTreeMap;

use super::calling_codes::{CallingCodes, NO_COUNTRY};
use super::error::TableError;
use super::national::National;
use super::pattern;
use super::program::Program;
use super::sheet::{self, Row};
use super::sources::TableFile;
use automaton::Automaton;
use layout::Layouts;
use row::Format;

pub(crate) use source::source;

const COLUMNS: [&str; 8] = [
    "calling_code",
    "groups",
    "leading_digits",
    "national",
    "international",
    "prefix",
    "carrier",
    "optional",
];

/// The fewest and most digits of a national number: E.164 numbers have 7 to 15 digits, and calling
/// codes one to three.
const SHORTEST: usize = 4;
const LONGEST: usize = 14;

/// The content of the library's tables.
pub(crate) struct Formats {
    /// All calling codes, sorted by number.
    codes: Vec<Code>,
    rows: Vec<Typing>,
    /// The starts of the patterns of leading digits, those of each row together.
    conditions: Vec<u16>,
    /// The instructions of these patterns.
    program: Vec<u16>,
    /// For each row and form, the layouts by length.
    runs: Vec<u16>,
    layouts: Layouts,
    automaton: Automaton,
}

/// What a text field needs to know of a calling code: its rows, and the rules by which its main
/// region dials abroad and within the code, where 0 means no rule.
struct Code {
    code: u16,
    rows: Range<usize>,
    /// The main region's number + 1, or `NO_COUNTRY`.
    region: u8,
    international: u8,
    national: u8,
}

/// The most rows of a calling code: a text field has a bit for each.
const MOST_ROWS: usize = 64;

/// The most calling codes: a text field keeps the place of one in a byte.
const MOST_CODES: usize = 256;

/// What a text field needs to know of a row.
struct Typing {
    /// Rows with equal groups have equal numbers.
    groups: u16,
    conditions: Range<usize>,
    /// The fewest and most digits.
    lengths: (u8, u8),
    /// The first layout in `runs`, for the national form without its prefix.
    national: u16,
    /// The same for the international form, or `None` if there is none.
    international: Option<u16>,
    flags: u8,
}

/// Reads, validates and compiles the file.
pub(crate) fn compile(
    file: &TableFile,
    codes: &CallingCodes,
    national: &National,
) -> Result<Formats, Vec<TableError>> {
    let rows: Vec<Row<8>> = sheet::read(file, COLUMNS)?;
    let mut errors = check_order(file, &rows);
    let mut compiler = Compiler::default();
    let mut formats = Vec::new();
    for row in &rows {
        match row::read(file, row, codes) {
            Ok(format) => {
                if let Err((problem, remedy)) = compiler.row(&format) {
                    errors.push(file.error_at(row.line, &problem, &remedy));
                }
                formats.push(format);
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    compiler.finish(&formats, codes, national).map_err(|problem| {
        vec![file.error(&problem, "widen the entries in build/tables/formats/automaton.rs")]
    })
}

/// Checks that calling codes increase as text. The rows of one code are in order of precedence.
fn check_order(file: &TableFile, rows: &[Row<8>]) -> Vec<TableError> {
    let wrong = rows.windows(2).filter(|pair| pair[1].fields[0] < pair[0].fields[0]);
    let error = |pair: &[Row<8>]| {
        let (last, code) = (&pair[0].fields[0], &pair[1].fields[0]);
        let problem = format!("calling code {code:?} comes after {last:?}");
        file.error_at(pair[1].line, &problem, "sort the rows by calling code, as text")
    };
    wrong.map(error).collect()
}

#[derive(Default)]
struct Compiler {
    program: Program,
    /// The starts of the patterns that were compiled already.
    known: BTreeMap<String, u16>,
    conditions: Vec<u16>,
    layouts: Layouts,
    groups: BTreeMap<Vec<(u8, u8)>, u16>,
    runs: Vec<u16>,
    rows: Vec<Typing>,
}

impl Compiler {
    /// Compiles what a text field needs of a row. Fails with a problem and its remedy.
    fn row(&mut self, format: &Format) -> Result<(), pattern::Wrong> {
        let start = self.conditions.len();
        for text in &format.leading_digits {
            let condition = self.condition(text)?;
            self.conditions.push(condition);
        }
        let next = u16::try_from(self.groups.len()).unwrap_or(u16::MAX);
        let groups = *self.groups.entry(format.groups.clone()).or_insert(next);
        let national = self.run(format, &format.national);
        let international = format.international.as_ref().map(|form| self.run(format, form));
        self.rows.push(Typing {
            groups,
            conditions: start..self.conditions.len(),
            lengths: format.lengths(),
            national,
            international,
            flags: format.flags(),
        });
        Ok(())
    }

    /// Returns the start of a pattern's program, which is compiled if it is new.
    fn condition(&mut self, text: &str) -> Result<u16, pattern::Wrong> {
        if let Some(&start) = self.known.get(text) {
            return Ok(start);
        }
        let within = |(problem, remedy)| (format!("leading_digits {text:?}: {problem}"), remedy);
        if text.contains('$') {
            let remedy = "leave it out: leading digits do not depend on the length".to_owned();
            return Err(within(("$ is not supported here".to_owned(), remedy)));
        }
        let parsed = pattern::parse(text).map_err(within)?;
        let start = self.program.add(&parsed.root, None).map_err(within)?;
        self.known.insert(text.to_owned(), start);
        Ok(start)
    }

    /// Returns the place in `runs` of the layouts of a form, from the fewest digits to the most.
    fn run(&mut self, format: &Format, form: &layout::Form) -> u16 {
        let (fewest, most) = format.lengths();
        let run: Vec<u16> =
            (fewest..=most).map(|length| self.layouts.number(form.layout(&format.groups, length))).collect();
        if run.is_empty() {
            return 0;
        }
        let place = self.runs.windows(run.len()).position(|known| known == run).unwrap_or_else(|| {
            self.runs.extend(&run);
            self.runs.len() - run.len()
        });
        place as u16
    }

    fn finish(
        mut self,
        formats: &[Format],
        codes: &CallingCodes,
        national: &National,
    ) -> Result<Formats, String> {
        let of = |code: &str| {
            let start = formats.partition_point(|format| format.calling_code.as_str() < code);
            let end = formats.partition_point(|format| format.calling_code.as_str() <= code);
            start..end
        };
        let mut by_code = Vec::new();
        for code in codes.iter() {
            let rows = of(&code.digits);
            if rows.len() > MOST_ROWS {
                return Err(format!("calling code {} has more than {MOST_ROWS} formats", code.digits));
            }
            let main = (code.region != NO_COUNTRY).then(|| national.dialling[usize::from(code.region - 1)]);
            by_code.push(Code {
                code: code.digits.parse().unwrap_or_default(),
                rows,
                region: code.region,
                international: main.map_or(0, |main| main.international),
                national: main.map_or(0, |main| main.national),
            });
        }
        by_code.sort_unstable_by_key(|code| code.code);
        if by_code.len() > MOST_CODES {
            return Err(format!("there are more than {MOST_CODES} calling codes"));
        }
        let conditions =
            |row: usize| self.rows[row].conditions.clone().last().map(|last| self.conditions[last]);
        let last_conditions: Vec<Option<u16>> = (0..formats.len()).map(conditions).collect();
        let automaton = automaton::build(
            codes.iter().map(|code| (code.digits.as_str(), of(&code.digits))),
            formats,
            &last_conditions,
            &self.program,
            &mut self.layouts,
        )?;
        for (name, count) in [
            ("formats", self.rows.len()),
            ("patterns of leading digits", self.conditions.len()),
            ("layouts", self.layouts.count()),
            ("bytes of layouts", self.layouts.texts().0.len()),
            ("layouts by length", self.runs.len()),
            ("choices of layouts", automaton.choices.len()),
        ] {
            if count > usize::from(u16::MAX) {
                return Err(format!("there are {count} {name}, which two bytes cannot number"));
            }
        }
        Ok(Formats {
            codes: by_code,
            rows: self.rows,
            conditions: self.conditions,
            program: self.program.into_instructions(),
            runs: self.runs,
            layouts: self.layouts,
            automaton,
        })
    }
}
