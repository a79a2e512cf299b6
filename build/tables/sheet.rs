//! Reads CSV files as rows of text with line numbers, and validates everything that does not depend
//! on the meaning of a row.

use core::array;
use std::collections::BTreeMap;
use std::fs;
use std::io;

use csv::{ByteRecord, ReaderBuilder};

use super::error::TableError;
use super::sources::TableFile;

/// A row with as many fields as the header, without control characters.
pub(crate) struct Row<const N: usize> {
    /// The line on which the row starts, from 1.
    pub(crate) line: u64,
    /// The fields, in the order of the header.
    pub(crate) fields: [String; N],
}

/// Returns the rows of a file whose header is exactly `columns`, or all malformed rows.
///
/// Blank lines are skipped. Line ends may be LF or CRLF.
pub(crate) fn read<const N: usize>(
    file: &TableFile,
    columns: [&str; N],
) -> Result<Vec<Row<N>>, Vec<TableError>> {
    let bytes = bytes(file).map_err(|error| vec![error])?;
    let mut records = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_slice());
    let mut lines = Lines::new(&bytes);
    let mut record = ByteRecord::new();
    let mut header_seen = false;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());

    while records
        .read_byte_record(&mut record)
        .map_err(|error| vec![file.error(&error.to_string(), "correct the file")])?
    {
        let line = lines.line_of(&record);
        if header_seen {
            match row(file, line, &record) {
                Ok(row) => rows.push(row),
                Err(error) => errors.push(error),
            }
        } else {
            header_seen = true;
            // With another header, the rows have another meaning, so none is validated.
            check_header(file, line, &record, &columns)?;
        }
    }
    if !header_seen {
        check_header(file, 1, &ByteRecord::new(), &columns)?;
    }
    if errors.is_empty() { Ok(rows) } else { Err(errors) }
}

/// Returns the content of a file.
pub(crate) fn bytes(file: &TableFile) -> Result<Vec<u8>, TableError> {
    fs::read(file.path()).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            return file.error("the file is missing", file.remedy_if_missing());
        }
        file.error(&format!("the file cannot be read: {error}"), "make it a readable file")
    })
}

/// Checks that `key` increases from row to row, which also makes it unique.
///
/// In a sorted file, a change is one line of a diff, and duplicate rows are adjacent.
pub(crate) fn check_sorted<const N: usize>(
    file: &TableFile,
    rows: &[Row<N>],
    what: &str,
    key: impl Fn(&Row<N>) -> String,
) -> Vec<TableError> {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut last = String::new();
    let mut errors = Vec::new();
    for row in rows {
        let key = key(row);
        if let Some(first) = seen.get(&key) {
            let problem = format!("{what} {key:?} is already on line {first}");
            errors.push(file.error_at(row.line, &problem, "keep one of the two rows"));
        } else if key < last {
            let problem = format!("{what} {key:?} comes after {last:?}");
            errors.push(file.error_at(row.line, &problem, &format!("sort the rows by {what}, as text")));
        }
        seen.entry(key.clone()).or_insert(row.line);
        last = key;
    }
    errors
}

/// Checks the form of a date, if there is one.
///
/// Dates have no effect, because a build has no clock and every row counts. They document the age
/// of a row.
pub(crate) fn check_day(file: &TableFile, line: u64, column: &str, day: &str) -> Option<TableError> {
    let number = |from, to| day.get(from..to).and_then(|text| text.parse::<u8>().ok()).unwrap_or(0);
    let shape: String = day.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let is_day = shape == "0000-00-00" && matches!(number(5, 7), 1..=12) && matches!(number(8, 10), 1..=31);
    (!day.is_empty() && !is_day).then(|| {
        let problem = format!("{column} {day:?} is not a date");
        file.error_at(line, &problem, "write it as YYYY-MM-DD, or leave it empty")
    })
}

fn check_header(
    file: &TableFile,
    line: u64,
    record: &ByteRecord,
    columns: &[&str],
) -> Result<(), Vec<TableError>> {
    if record.iter().eq(columns.iter().map(|column| column.as_bytes())) {
        return Ok(());
    }
    let found: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
    let problem = format!("the header is {:?}", found.join(","));
    Err(vec![file.error_at(line, &problem, &format!("it should be {:?}", columns.join(",")))])
}

fn row<const N: usize>(file: &TableFile, line: u64, record: &ByteRecord) -> Result<Row<N>, TableError> {
    if record.len() != N {
        let problem = format!("{} but the header has {N}", count_of_fields(record.len()));
        let remedy = "write all columns, including empty ones, and quote fields that contain a comma";
        return Err(file.error_at(line, &problem, remedy));
    }
    let mut fields = array::from_fn(|_| String::new());
    for (field, (index, bytes)) in fields.iter_mut().zip(record.iter().enumerate()) {
        let Ok(text) = str::from_utf8(bytes) else {
            let problem = format!("field {} is not UTF-8", index + 1);
            return Err(file.error_at(line, &problem, "save the file as UTF-8"));
        };
        if text.contains(char::is_control) {
            let problem = format!("field {} contains a line break or another control character", index + 1);
            return Err(file.error_at(line, &problem, "remove it, or close the open quote"));
        }
        text.clone_into(field);
    }
    Ok(Row { line, fields })
}

fn count_of_fields(count: usize) -> String {
    if count == 1 { "1 field".to_owned() } else { format!("{count} fields") }
}

/// Computes line numbers from byte offsets.
///
/// The reader's own number is that of the line on which the previous record ended. It is one too
/// low after CRLF, and too low after blank lines.
struct Lines<'a> {
    rest: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0, line: 1 }
    }

    /// Returns the line on which `record` starts. Must be called for records in order.
    fn line_of(&mut self, record: &ByteRecord) -> u64 {
        let start = record.position().map_or(0, csv::Position::byte);
        while let [byte, rest @ ..] = self.rest {
            let before = (self.offset as u64) < start;
            if !before && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.offset += 1;
            self.rest = rest;
        }
        self.line
    }
}
