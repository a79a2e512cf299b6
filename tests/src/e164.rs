//! A strict E.164 parser as a reader of the documentation would write it: slow, plain, and
//! independent of the library.

use std::collections::BTreeMap;

use countersign::PhoneNumber;
use countersign::number::Allocation;

/// A valid number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The digits as one integer.
    pub digits: u64,
    /// The answer of the numbering plan.
    pub answer: Answer,
}

/// The answer of the numbering plan about a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Assigned { kind: String, region: Option<String> },
    Unallocated,
    Impossible,
}

/// The rows of `data/numbering_plan.csv` by calling code, with the codes of
/// `data/calling_codes.csv`.
pub struct Plan {
    codes: BTreeMap<String, Vec<Row>>,
}

struct Row {
    /// The digits that are allowed at each position after the calling code.
    prefix: Vec<String>,
    /// Lengths of the national number.
    lengths: Vec<usize>,
    answer: Answer,
}

impl Plan {
    pub fn read() -> Self {
        let rows =
            |file: &'static str| csv::Reader::from_reader(file.as_bytes()).into_records().map(Result::unwrap);
        let codes = rows(include_str!("../../data/calling_codes.csv"));
        let mut codes: BTreeMap<String, Vec<Row>> =
            codes.map(|row| (row[0].to_owned(), Vec::new())).collect();
        for row in rows(include_str!("../../data/numbering_plan.csv")) {
            let region = Some(row[4].to_owned()).filter(|region| !region.is_empty());
            let answer = Answer::Assigned { kind: row[3].to_ascii_lowercase(), region };
            let of_code = codes.get_mut(&row[0]).unwrap();
            of_code.push(Row { prefix: places(&row[1]), lengths: lengths(&row[2]), answer });
        }
        Self { codes }
    }

    /// Parses `+` and 7 to 15 ASCII digits with an assigned calling code. Returns the kind and the
    /// position of the error otherwise.
    pub fn parse(&self, text: &[u8]) -> Result<Number, (&'static str, usize)> {
        let [plus, digits @ ..] = text else { return Err(("empty", 0)) };
        if *plus != b'+' {
            return Err(("missing_plus", 0));
        }
        for (place, byte) in digits.iter().enumerate() {
            if place == 15 {
                return Err(("too_long", 16));
            }
            if !byte.is_ascii_digit() {
                return Err(("not_a_digit", 1 + place));
            }
        }
        if digits.len() < 7 {
            return Err(("too_short", text.len()));
        }
        let digits = std::str::from_utf8(digits).unwrap();
        let answer = self.answer(digits).ok_or(("unknown_calling_code", 1))?;
        Ok(Number { digits: digits.parse().unwrap(), answer })
    }

    /// Compares the library's parser with this one: the same number, kind and region, or the same
    /// error at the same byte.
    pub fn compare(&self, text: &[u8]) {
        match (PhoneNumber::try_from(text), self.parse(text)) {
            (Ok(number), Ok(plain)) => {
                let region = number.region().map(|region| region.to_string());
                let answer = match number.allocation() {
                    Allocation::Assigned(kind) => Answer::Assigned { kind: kind.to_string(), region },
                    Allocation::Unallocated => Answer::Unallocated,
                    Allocation::Impossible => Answer::Impossible,
                };
                assert_eq!((number.digits(), answer), (plain.digits, plain.answer));
                assert_eq!(number.to_string().as_bytes(), text, "parsing and displaying round-trips");
            }
            (Err(error), Err(plain)) => {
                assert_eq!((error.kind().as_str(), error.at()), plain);
                assert!(error.at() <= text.len());
            }
            (read, plain) => panic!("the library gives {read:?}, the plain parser {plain:?}"),
        }
    }

    /// Returns the answer of the matching row, or tells from the lengths of the code's rows whether
    /// the number is impossible.
    fn answer(&self, digits: &str) -> Option<Answer> {
        let (code, rows) = self.codes.iter().find(|(code, _)| digits.starts_with(code.as_str()))?;
        let national = &digits[code.len()..];
        let mut of_length = rows.iter().filter(|row| row.lengths.contains(&national.len())).peekable();
        if of_length.peek().is_none() {
            return Some(Answer::Impossible);
        }
        let matches =
            |row: &&Row| row.prefix.iter().zip(national.chars()).all(|(place, digit)| place.contains(digit));
        Some(of_length.find(matches).map_or(Answer::Unallocated, |row| row.answer.clone()))
    }
}

/// Parses a prefix: `x` is any digit, `[3-57]` one of a class.
fn places(prefix: &str) -> Vec<String> {
    let mut places = Vec::new();
    let mut rest = prefix;
    while let Some(first) = rest.chars().next() {
        let (place, after) = match first {
            '[' => rest[1..].split_once(']').unwrap(),
            _ => rest.split_at(1),
        };
        rest = after;
        places.push(if place == "x" { "0123456789".to_owned() } else { class(place) });
    }
    places
}

fn class(text: &str) -> String {
    match text.as_bytes() {
        [from, b'-', to, ..] => (*from..=*to).map(char::from).collect::<String>() + &class(&text[3..]),
        [_, ..] => text[..1].to_owned() + &class(&text[1..]),
        [] => String::new(),
    }
}

/// Parses lengths: `9`, `7-9`, `7;9`.
fn lengths(text: &str) -> Vec<usize> {
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        from.parse().unwrap()..=to.parse().unwrap()
    };
    text.split(';').flat_map(range).collect()
}
