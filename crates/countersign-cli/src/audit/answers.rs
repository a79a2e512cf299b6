//! The rows of an audit, and how often each answer occurred.
//!
//! Everything after the number depends only on its region and allocation, because policy and
//! channel are fixed. Each row ending is therefore formatted once and then copied. None of its
//! fields needs quotes or escapes.

use countersign::number::{Allocation, ParseError, ParseErrorKind};
use countersign::policy::{Decision, Reason};
use countersign::{PhoneNumber, Region};

use super::Format;
use crate::channel;
use crate::text::{push_csv, push_json};

/// The answers that have occurred.
pub(super) struct Answers {
    format: Format,
    endings: Vec<Ending>,
    /// By [`place_of`] a number: 1 + the place of its ending, or 0 if it has not occurred.
    numbers: Vec<u16>,
    /// The places of the endings of errors.
    errors: Vec<(ParseErrorKind, usize)>,
}

/// The end of a row, and the number of rows that end so.
struct Ending {
    text: String,
    region: &'static str,
    decision: &'static str,
    reason: String,
    count: u64,
}

impl Answers {
    pub(super) fn new(format: Format) -> Self {
        Self { format, endings: Vec::new(), numbers: vec![0; PLACES], errors: Vec::new() }
    }

    /// Appends the header of the rows.
    pub(super) fn push_header(&self, output: &mut Vec<u8>) {
        if let Format::Csv = self.format {
            output.extend_from_slice(b"input,number,region,kind,decision,reason\n");
        }
    }

    /// Counts an answer, and returns the place of its row's ending.
    #[inline]
    pub(super) fn count(&mut self, answer: Result<(PhoneNumber, Decision), ParseError>) -> usize {
        let place = match answer {
            Ok((number, decision)) => {
                let key = place_of(number);
                match self.numbers[key].checked_sub(1) {
                    Some(place) => usize::from(place),
                    None => {
                        let (region, kind) = (number.region(), number.allocation().as_str());
                        let place = self.add(region.map_or("", Region::as_str), kind, Ok(decision));
                        self.numbers[key] = place as u16 + 1;
                        place
                    }
                }
            }
            Err(error) => match self.errors.iter().find(|(kind, _)| *kind == error.kind()) {
                Some((_, place)) => *place,
                None => {
                    let place = self.add("", "", Err(error));
                    self.errors.push((error.kind(), place));
                    place
                }
            },
        };
        self.endings[place].count += 1;
        place
    }

    #[cold]
    fn add(&mut self, region: &'static str, kind: &str, answer: Result<Decision, ParseError>) -> usize {
        let (decision, reason) = match answer {
            Ok(Decision::Allow) => ("allow", String::new()),
            Ok(decision) => ("deny", channel::reason(decision)),
            Err(error) => ("deny", format!("{}:{}", ParseError::WIRE_NAME, error.kind().as_str())),
        };
        let text = match self.format {
            Format::Csv => format!(",{region},{kind},{decision},{reason}\n"),
            Format::Jsonl => format!(
                ",\"region\":{},\"kind\":{},\"decision\":\"{decision}\",\"reason\":{}}}\n",
                or_null(region),
                or_null(kind),
                or_null(&reason)
            ),
        };
        self.endings.push(Ending { text, region, decision, reason, count: 0 });
        self.endings.len() - 1
    }

    /// Appends a row.
    #[inline]
    pub(super) fn push_row(&self, output: &mut Vec<u8>, line: &[u8], is_number: bool, ending: usize) {
        // The strict parser accepts exactly one text per number, so the line is its E.164 form.
        match (self.format, is_number) {
            (Format::Csv, true) => {
                output.extend_from_slice(line);
                output.push(b',');
                output.extend_from_slice(line);
            }
            (Format::Csv, false) => {
                push_csv(output, line);
                output.push(b',');
            }
            (Format::Jsonl, true) => {
                output.extend_from_slice(b"{\"input\":\"");
                output.extend_from_slice(line);
                output.extend_from_slice(b"\",\"number\":\"");
                output.extend_from_slice(line);
                output.push(b'"');
            }
            (Format::Jsonl, false) => {
                output.extend_from_slice(b"{\"input\":");
                push_json(output, line);
                output.extend_from_slice(b",\"number\":null");
            }
        }
        output.extend_from_slice(self.endings[ending].text.as_bytes());
    }

    /// Appends how many numbers there are by region and reason, in this order.
    pub(super) fn push_summary(&self, output: &mut Vec<u8>) {
        let mut sums: Vec<(&str, &str, &str, u64)> = Vec::new();
        let mut endings: Vec<_> = self.endings.iter().collect();
        endings.sort_by_key(|ending| (ending.region, &ending.reason));
        for ending in endings {
            match sums.last_mut() {
                Some((region, _, reason, count)) if (*region, *reason) == (ending.region, &ending.reason) => {
                    *count += ending.count;
                }
                _ => sums.push((ending.region, ending.decision, &ending.reason, ending.count)),
            }
        }
        if let Format::Csv = self.format {
            output.extend_from_slice(b"region,decision,reason,numbers\n");
        }
        for (region, decision, reason, count) in sums {
            let row = match self.format {
                Format::Csv => format!("{region},{decision},{reason},{count}\n"),
                Format::Jsonl => format!(
                    "{{\"region\":{},\"decision\":\"{decision}\",\"reason\":{},\"numbers\":{count}}}\n",
                    or_null(region),
                    or_null(reason)
                ),
            };
            output.extend_from_slice(row.as_bytes());
        }
    }
}

fn or_null(text: &str) -> String {
    if text.is_empty() { "null".to_owned() } else { format!("\"{text}\"") }
}

const ALLOCATIONS: usize = 64;
const PLACES: usize = (1 + 26 * 26) * ALLOCATIONS;

/// Returns a different place for every pair of region and allocation.
#[inline]
fn place_of(number: PhoneNumber) -> usize {
    let region = match number.region().map_or(&[][..], |region| region.as_str().as_bytes()) {
        [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => 1 + usize::from(a - b'A') * 26 + usize::from(b - b'A'),
        _ => 0,
    };
    let allocation = match number.allocation() {
        Allocation::Unallocated => Reason::Unallocated,
        Allocation::Impossible => Reason::Impossible,
        Allocation::Assigned(kind) => Reason::Kind(kind),
    };
    // The numbers of reasons never change: from 100, those of kinds from 121.
    region * ALLOCATIONS + usize::from(allocation.number() - 100) % ALLOCATIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of every region and kind: numbers of one place have one ending.
    #[test]
    fn places_are_different_for_every_region_and_kind() {
        let mut seen = std::collections::HashMap::new();
        for region in Region::all() {
            for kind in countersign::Kind::ALL {
                let Some(number) = region.example(kind) else { continue };
                let answer = (number.region(), number.allocation());
                assert_eq!(*seen.entry(place_of(number)).or_insert(answer), answer, "{region} {kind}");
            }
        }
        assert!(seen.len() > 900);
    }
}
