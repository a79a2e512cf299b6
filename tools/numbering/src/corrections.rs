//! Corrections of libphonenumber's regions: `data/corrections.csv`.

use std::path::PathBuf;

use crate::{digits::DigitSet, error::Error, lengths::MAX_DIGITS, pattern::Pattern, region::Region};

/// The columns of the file. `source` and `date` state the origin of a correction and the day on
/// which it was entered.
const HEADER: [&str; 6] = ["calling_code", "prefix", "region", "source", "date", "note"];

/// A row of the file: numbers that libphonenumber assigns to another region. Their types are
/// unchanged.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The calling code, such as 672.
    pub calling_code: u16,
    /// The prefix of the national numbers, of at least one digit.
    pub prefix: String,
    /// The region of the numbers.
    pub region: Region,
    /// The row's file, for error messages.
    pub file: PathBuf,
    /// The row's line, counted from 1.
    pub line: u64,
}

impl Correction {
    /// Reads a whole file, whose name in error messages is `file`.
    ///
    /// # Errors
    ///
    /// If a row is malformed, lacks its source, date or note, or overlaps an earlier row.
    pub fn read(file: &str, text: &str) -> Result<Vec<Self>, Error> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let wrong = |line, problem| Error::Row { file: file.into(), line, problem };
        let header = reader.headers().map_err(|error| wrong(1, error.to_string()))?;
        if header != HEADER.as_slice() {
            return Err(wrong(1, format!("malformed header; expected {:?}", HEADER.join(","))));
        }
        let mut corrections: Vec<Self> = Vec::new();
        for record in reader.records() {
            let record = record
                .map_err(|error| wrong(error.position().map_or(0, csv::Position::line), error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let correction =
                Self::from_record(&record, file, line).map_err(|problem| wrong(line, problem))?;
            if let Some(other) = corrections.iter().find(|other| other.overlaps(&correction)) {
                return Err(wrong(line, format!("the row overlaps line {}; keep one of them", other.line)));
            }
            corrections.push(correction);
        }
        Ok(corrections)
    }

    fn from_record(record: &csv::StringRecord, file: &str, line: u64) -> Result<Self, String> {
        let [calling_code, prefix, region, source, date, note] =
            core::array::from_fn(|column| record.get(column).unwrap_or_default());
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let code =
            calling_code.parse().ok().filter(|_| digits(calling_code) && !calling_code.starts_with('0'));
        let Some(calling_code) = code else {
            return Err(format!("calling code {calling_code:?} is not a number from 1 to 999"));
        };
        if !digits(prefix) || prefix.len() >= usize::from(MAX_DIGITS) {
            return Err(format!(
                "prefix {prefix:?} is not a prefix of national numbers; expected digits, such as \"1\""
            ));
        }
        if !is_date(date) {
            return Err(format!("date {date:?} is not of the form 2026-11-20"));
        }
        for (column, text) in [("source", source), ("note", note)] {
            if text.trim().is_empty() {
                return Err(format!(
                    "the {column} is missing; a correction states its source and its reason"
                ));
            }
        }
        Ok(Self {
            calling_code,
            prefix: prefix.to_owned(),
            region: region.parse().map_err(|error: crate::region::RegionError| error.to_string())?,
            file: file.into(),
            line,
        })
    }

    /// Returns the prefix as a pattern.
    pub(crate) fn pattern(&self) -> Pattern {
        let digits = self.prefix.bytes().map(|byte| DigitSet::from_iter([byte - b'0']));
        Pattern::Sequence(digits.map(Pattern::Digit).collect())
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.calling_code == other.calling_code
            && (self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix))
    }
}

/// Returns whether a text has the form of an ISO 8601 date.
fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &str) -> Result<Vec<Correction>, String> {
        let text = format!("calling_code,prefix,region,source,date,note\n{rows}");
        Correction::read("corrections.csv", &text).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_rows() {
        let corrections = read("672,1,AQ,the plan,2026-11-20,\"Antarctic, Australian\"\n").unwrap();
        let [only] = corrections.as_slice() else { panic!("{corrections:?}") };
        assert_eq!((only.calling_code, only.prefix.as_str(), only.line), (672, "1", 2));
        assert_eq!(only.region.to_string(), "AQ");
    }

    #[test]
    fn errors_name_the_line_and_the_expected_value() {
        let cases = [
            (
                "672,1,AQ,s,2026-11-20,n\n672,12,NF,s,2026-11-20,n\n",
                "3: the row overlaps line 2; keep one of them",
            ),
            ("+672,1,AQ,s,2026-11-20,n\n", "2: calling code \"+672\" is not a number from 1 to 999"),
            ("0672,1,AQ,s,2026-11-20,n\n", "2: calling code \"0672\" is not a number from 1 to 999"),
            (
                "672,,AQ,s,2026-11-20,n\n",
                "2: prefix \"\" is not a prefix of national numbers; expected digits, such as \"1\"",
            ),
            ("672,1,aq,s,2026-11-20,n\n", "2: region \"aq\" is not two upper-case letters, such as \"AQ\""),
            ("672,1,AQ,s,20.11.2026,n\n", "2: date \"20.11.2026\" is not of the form 2026-11-20"),
            (
                "672,1,AQ, ,2026-11-20,n\n",
                "2: the source is missing; a correction states its source and its reason",
            ),
            (
                "672,1,AQ,s,2026-11-20,\n",
                "2: the note is missing; a correction states its source and its reason",
            ),
        ];
        for (rows, message) in cases {
            assert_eq!(read(rows).unwrap_err(), format!("corrections.csv:{message}"));
        }
        assert!(read("672,1,AQ\n").unwrap_err().starts_with("corrections.csv:2: "));
        let error = Correction::read("corrections.csv", "code,region\n672,AQ\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "corrections.csv:1: malformed header; expected \"calling_code,prefix,region,source,date,note\""
        );
    }
}
