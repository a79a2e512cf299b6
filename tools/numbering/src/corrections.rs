//! Where we answer otherwise than libphonenumber: `data/corrections.csv`.

use std::path::PathBuf;

use crate::{digits::DigitSet, error::Error, lengths::MAX_DIGITS, pattern::Pattern, region::Region};

/// The columns of the file. `source` and `date` say where the correction is from and when it was entered.
const HEADER: [&str; 6] = ["calling_code", "prefix", "region", "source", "date", "note"];

/// A row of the file: numbers whose region is another one than libphonenumber says. Their types stay.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The calling code, such as 672.
    pub calling_code: u16,
    /// What the national numbers begin with: one digit or more.
    pub prefix: String,
    /// The region that they belong to.
    pub region: Region,
    /// The row's file, for messages.
    pub file: PathBuf,
    /// The row's line, counted from 1.
    pub line: u64,
}

impl Correction {
    /// Reads a whole file; `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// A row that is malformed, lacks its source, date or note, or speaks of numbers that an earlier row is
    /// about.
    pub fn read(file: &str, text: &str) -> Result<Vec<Self>, Error> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let wrong = |line, problem| Error::Row { file: file.into(), line, problem };
        let header = reader.headers().map_err(|error| wrong(1, error.to_string()))?;
        if header != HEADER.as_slice() {
            return Err(wrong(1, format!("the header is not {:?}", HEADER.join(","))));
        }
        let mut corrections: Vec<Self> = Vec::new();
        for record in reader.records() {
            let record = record
                .map_err(|error| wrong(error.position().map_or(0, csv::Position::line), error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let correction =
                Self::from_record(&record, file, line).map_err(|problem| wrong(line, problem))?;
            if let Some(other) = corrections.iter().find(|other| other.overlaps(&correction)) {
                return Err(wrong(
                    line,
                    format!("line {} is about the same numbers; keep one of them", other.line),
                ));
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
                "prefix {prefix:?} is not the first digits of national numbers, such as \"1\""
            ));
        }
        if !is_date(date) {
            return Err(format!("date {date:?} is not of the form 2026-11-20"));
        }
        for (column, text) in [("source", source), ("note", note)] {
            if text.trim().is_empty() {
                return Err(format!("no {column}; a correction says where it is from and why it is made"));
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

    /// The prefix as a pattern.
    pub(crate) fn pattern(&self) -> Pattern {
        let digits = self.prefix.bytes().map(|byte| DigitSet::from_iter([byte - b'0']));
        Pattern::Sequence(digits.map(Pattern::Digit).collect())
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.calling_code == other.calling_code
            && (self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix))
    }
}

/// Whether a text has the form of an ISO 8601 date.
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
    fn names_file_line_and_what_would_be_right() {
        let cases = [
            (
                "672,1,AQ,s,2026-11-20,n\n672,12,NF,s,2026-11-20,n\n",
                "3: line 2 is about the same numbers; keep one of them",
            ),
            ("+672,1,AQ,s,2026-11-20,n\n", "2: calling code \"+672\" is not a number from 1 to 999"),
            ("0672,1,AQ,s,2026-11-20,n\n", "2: calling code \"0672\" is not a number from 1 to 999"),
            (
                "672,,AQ,s,2026-11-20,n\n",
                "2: prefix \"\" is not the first digits of national numbers, such as \"1\"",
            ),
            (
                "672,1,aq,s,2026-11-20,n\n",
                "2: region \"aq\" is not a code of two capital letters, such as \"AQ\"",
            ),
            ("672,1,AQ,s,20.11.2026,n\n", "2: date \"20.11.2026\" is not of the form 2026-11-20"),
            (
                "672,1,AQ, ,2026-11-20,n\n",
                "2: no source; a correction says where it is from and why it is made",
            ),
            ("672,1,AQ,s,2026-11-20,\n", "2: no note; a correction says where it is from and why it is made"),
        ];
        for (rows, message) in cases {
            assert_eq!(read(rows).unwrap_err(), format!("corrections.csv:{message}"));
        }
        assert!(read("672,1,AQ\n").unwrap_err().starts_with("corrections.csv:2: "));
        let error = Correction::read("corrections.csv", "code,region\n672,AQ\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "corrections.csv:1: the header is not \"calling_code,prefix,region,source,date,note\""
        );
    }
}
