//! Reads and validates the rows of the plan, each by itself.

use super::super::calling_codes::{self, CallingCodes};
use super::super::error::TableError;
use super::super::regions::Regions;
use super::super::sheet;
use super::super::sources::TableFile;
use super::{LONGEST, Label, Lengths};

/// libphonenumber's number types, in the order of the library's `Kind`.
pub(crate) const KINDS: [&str; 11] = [
    "FIXED_LINE",
    "MOBILE",
    "FIXED_LINE_OR_MOBILE",
    "TOLL_FREE",
    "PREMIUM_RATE",
    "SHARED_COST",
    "VOIP",
    "PERSONAL_NUMBER",
    "PAGER",
    "UAN",
    "VOICEMAIL",
];

/// A set of digits: bit `d` for the digit `d`.
pub(super) type Digits = u16;

/// The numbers with a given prefix and one of several lengths.
pub(super) struct PlanRow {
    pub(super) line: u64,
    #[cfg(test)]
    pub(super) calling_code: String,
    /// The prefix, including the calling code: the allowed digits at each position.
    pub(super) prefix: Vec<Digits>,
    pub(super) lengths: Lengths,
    pub(super) label: Label,
}

/// The most prefixes that a row may expand to. The widest row of the plan has 1,600. A row with `x`
/// for each of the last digits would exhaust memory.
const MOST_PREFIXES: u64 = 10_000;

/// Reads and validates the rows.
pub(super) fn read(
    file: &TableFile,
    codes: &CallingCodes,
    regions: &Regions,
) -> Result<Vec<PlanRow>, Vec<TableError>> {
    let sheet = sheet::read(file, ["calling_code", "prefix", "lengths", "type", "region"])?;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for row in sheet {
        match parse(file, row.line, &row.fields, codes, regions) {
            Ok(row) => rows.push(row),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(disorder(file, &rows));
    if errors.is_empty() { Ok(rows) } else { Err(errors) }
}

fn parse(
    file: &TableFile,
    line: u64,
    [code, prefix, lengths, kind, region]: &[String; 5],
    codes: &CallingCodes,
    regions: &Regions,
) -> Result<PlanRow, TableError> {
    if !codes.contains(code) {
        let problem = format!("calling code {code:?} is not in data/calling_codes.csv");
        return Err(file.error_at(line, &problem, "add it there or correct the row"));
    }
    let kind = KINDS
        .iter()
        .position(|known| known == kind)
        .and_then(|place| u8::try_from(place + 1).ok())
        .ok_or_else(|| {
            let problem = format!("type {kind:?} is not a libphonenumber type");
            file.error_at(line, &problem, &format!("write one of {}", KINDS.join(", ")))
        })?;
    let region = calling_codes::label(file, line, region, regions)?;
    let digits = places(&format!("{code}{prefix}")).ok_or_else(|| {
        let problem = format!("prefix {prefix:?} is malformed");
        file.error_at(line, &problem, "write digits, x for any digit, or classes such as [3-57]")
    })?;
    let total = total_lengths(lengths, code.len()).ok_or_else(|| {
        let problem = format!("lengths {lengths:?} are not lengths of national numbers");
        file.error_at(line, &problem, "write them as 9, 7-9 or 7;9, with at most 15 digits in all")
    })?;
    if digits.len() > total.trailing_zeros() as usize {
        let problem = format!("prefix {prefix:?} is longer than a number of lengths {lengths:?}");
        return Err(file.error_at(line, &problem, "shorten the prefix or correct the lengths"));
    }
    let prefixes: u64 = digits.iter().map(|place| u64::from(place.count_ones())).product();
    if prefixes > MOST_PREFIXES {
        let problem = format!("prefix {prefix:?} expands to {prefixes} prefixes, more than {MOST_PREFIXES}");
        return Err(file.error_at(line, &problem, "remove trailing digits that match anything"));
    }
    Ok(PlanRow {
        line,
        #[cfg(test)]
        calling_code: code.clone(),
        prefix: digits,
        lengths: total,
        label: Label { region, kind },
    })
}

/// Parses a prefix into the allowed digits at each position.
fn places(prefix: &str) -> Option<Vec<Digits>> {
    const ANY: Digits = 0b11_1111_1111;
    let digit = |c: u8| c.is_ascii_digit().then(|| 1 << (c - b'0'));
    let mut places = Vec::new();
    let mut rest = prefix.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        places.push(match first {
            b'x' => ANY,
            b'[' => {
                let end = rest.iter().position(|&c| c == b']')?;
                let class = class(&rest[..end]).filter(|&class| class != 0)?;
                rest = &rest[end + 1..];
                class
            }
            &c => digit(c)?,
        });
    }
    Some(places)
}

fn class(text: &[u8]) -> Option<Digits> {
    match text {
        [] => Some(0),
        [from, b'-', to, rest @ ..] if from.is_ascii_digit() && to.is_ascii_digit() && from < to => {
            Some((*from..=*to).fold(class(rest)?, |class, c| class | 1 << (c - b'0')))
        }
        [c, rest @ ..] if c.is_ascii_digit() => Some(class(rest)? | 1 << (c - b'0')),
        _ => None,
    }
}

/// Converts lengths of national numbers to total lengths.
fn total_lengths(text: &str, code: usize) -> Option<Lengths> {
    let mut lengths = 0;
    for part in text.split(';') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (length(from)? + code, length(to)? + code);
        if from > to || to > LONGEST {
            return None;
        }
        (from..=to).for_each(|length| lengths |= 1 << length);
    }
    Some(lengths)
}

fn length(text: &str) -> Option<usize> {
    let digits = !text.starts_with('+');
    text.parse::<u8>().ok().filter(|&length| digits && length > 0).map(usize::from)
}

/// Checks that rows are sorted by the first number that they match, so that a change is one line of
/// a diff.
fn disorder<'a>(file: &'a TableFile, rows: &'a [PlanRow]) -> impl Iterator<Item = TableError> + 'a {
    let first_number =
        |row: &PlanRow| -> Vec<u32> { row.prefix.iter().map(|place| place.trailing_zeros()).collect() };
    rows.windows(2).filter(move |pair| first_number(&pair[0]) > first_number(&pair[1])).map(|pair| {
        let problem = format!("the row comes after line {}, whose first number is greater", pair[0].line);
        file.error_at(pair[1].line, &problem, "sort the rows by their first matching number")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Digits = 0b11_1111_1111;

    #[test]
    fn parses_prefixes_of_digits_x_and_classes() {
        assert_eq!(places(""), Some(Vec::new()));
        assert_eq!(places("907"), Some(vec![1 << 9, 1 << 0, 1 << 7]));
        assert_eq!(places("1x"), Some(vec![1 << 1, ANY]));
        assert_eq!(places("[02-59]8"), Some(vec![0b10_0011_1101, 1 << 8]));
        assert_eq!(places("[0-9][7]"), Some(vec![ANY, 1 << 7]));
        for wrong in [
            "2a", "+1", " 1", "1.", "X", "٣", "[]", "[", "[12", "12]", "[5-3]", "[3-3]", "[-3]", "[3-]",
            "[x]", "[1[2]]", "[٣]",
        ] {
            assert_eq!(places(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn total_lengths_include_the_calling_code() {
        let set = |lengths: &[u16]| Some(lengths.iter().fold(0, |set, length| set | 1 << length));
        assert_eq!(total_lengths("9", 2), set(&[11]));
        assert_eq!(total_lengths("4-6", 1), set(&[5, 6, 7]));
        assert_eq!(total_lengths("7;9-10", 3), set(&[10, 12, 13]));
        assert_eq!(total_lengths("14", 1), set(&[15]));
        assert_eq!(total_lengths("1-12", 3), set(&[4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]));
        for wrong in [
            "",
            "0",
            "15",
            "9-15",
            "9-7",
            "7,9",
            "7;",
            ";7",
            "7-",
            "-7",
            "7-8-9",
            "+7",
            " 7",
            "x",
            "256",
            "18446744073709551615",
        ] {
            assert_eq!(total_lengths(wrong, 1), None, "{wrong}");
        }
    }

    #[test]
    fn kinds_match_the_library_in_order() {
        assert_eq!(countersign::Kind::ALL.map(|kind| kind.as_str().to_uppercase()), KINDS);
    }
}
