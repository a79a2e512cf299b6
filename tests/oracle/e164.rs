//! Strict E.164 as a reader of the documentation would write it: slow, plain, and apart from the library.

use std::collections::BTreeMap;

use countersign::PhoneNumber;

/// What a valid number is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The digits as one integer.
    pub digits: u64,
    /// The region's code, none for a global service.
    pub region: Option<String>,
}

/// The regions of calling codes and of the prefixes behind them, from `data/calling_codes.csv`.
pub struct Plan {
    /// By calling code and prefix, put together.
    pub regions: BTreeMap<String, Option<String>>,
    codes: Vec<String>,
}

impl Plan {
    /// The longest calling code and prefix together.
    const LONGEST: usize = 15;

    pub fn read() -> Self {
        let file = include_str!("../../data/calling_codes.csv");
        let mut plan = Self { regions: BTreeMap::new(), codes: Vec::new() };
        for row in csv::Reader::from_reader(file.as_bytes()).records() {
            let row = row.unwrap();
            let (code, prefix, region) = (&row[0], &row[1], &row[2]);
            if prefix.is_empty() {
                plan.codes.push(code.to_owned());
            }
            let region = Some(region.to_owned()).filter(|region| !region.is_empty());
            plan.regions.insert(format!("{code}{prefix}"), region);
        }
        plan
    }

    /// `+`, 7 to 15 ASCII digits, an assigned calling code; else what is wrong and at which byte.
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
        if !self.codes.iter().any(|code| digits.starts_with(code.as_str())) {
            return Err(("unknown_calling_code", 1));
        }
        Ok(Number { digits: digits.parse().unwrap(), region: self.region(digits) })
    }

    /// Holds the library's parser against this one: the same number and region, or the same error at the same byte.
    pub fn judge(&self, text: &[u8]) {
        match (PhoneNumber::try_from(text), self.parse(text)) {
            (Ok(number), Ok(plain)) => {
                let region = number.region().map(|region| region.to_string());
                assert_eq!((number.digits(), region), (plain.digits, plain.region));
                assert_eq!(number.to_string().as_bytes(), text, "parse, then display, is nothing");
            }
            (Err(error), Err(plain)) => {
                assert_eq!((error.kind().as_str(), error.at()), plain);
                assert!(error.at() <= text.len());
            }
            (read, plain) => panic!("{read:?} in the library, {plain:?} plainly"),
        }
    }

    /// The region of the longest row that the digits begin with.
    fn region(&self, digits: &str) -> Option<String> {
        let longest = digits.len().min(Self::LONGEST);
        (1..=longest).rev().find_map(|length| self.regions.get(&digits[..length])).cloned().flatten()
    }
}
