//! The rows of `data/numbering_plan.csv`, which describe every valid number readably.

mod tree;

use core::fmt;
use std::collections::HashMap;

use crate::{calling_code::CallingCode, digits::DigitSet, lengths::LengthSet, rules::Label};

/// A row: the valid numbers with a calling code, a prefix and one of several lengths, whatever
/// their other digits.
///
/// Displays as a row of the file: `44,74576,10,MOBILE,IM`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// The calling code.
    pub calling_code: u16,
    /// The allowed first digits of the national number.
    pub prefix: Vec<DigitSet>,
    /// The lengths of the national number, in digits.
    pub lengths: LengthSet,
    /// The label of these numbers.
    pub label: Label,
}

/// Returns the rows of all calling codes. Every valid number is in exactly one row, and every other
/// number in none.
///
/// The numbers of each length are processed separately: their prefixes are as short as possible,
/// and equal sibling subtrees become one class. Rows that then differ only in their lengths are
/// merged. So rows resemble a published plan (`49,17,10-11,MOBILE,DE` and
/// `49,17[015]13,12-13,VOICEMAIL,DE` do not overlap), and a change of the metadata changes only the
/// affected rows.
///
/// The rows are sorted by the first number that they match: by calling code and prefix as one text,
/// where a class counts as its lowest digit, then by length.
#[must_use]
pub fn plan_rows(codes: &[CallingCode]) -> Vec<PlanRow> {
    codes.iter().flat_map(rows_of).collect()
}

fn rows_of(code: &CallingCode) -> Vec<PlanRow> {
    let mut lengths: HashMap<(Vec<DigitSet>, Label), LengthSet> = HashMap::new();
    for (length, tree) in (0..).zip(tree::by_length(&code.numbers)) {
        for row in tree.rows() {
            lengths.entry(row).or_default().insert(length);
        }
    }
    let row = |((prefix, label), lengths)| PlanRow { calling_code: code.code, prefix, lengths, label };
    let mut rows: Vec<PlanRow> = lengths.into_iter().map(row).collect();
    rows.sort_by_cached_key(|row| (row.first_prefix(), row.lengths.iter().next()));
    rows
}

impl PlanRow {
    /// Returns the prefix of the first number that the row matches.
    fn first_prefix(&self) -> Vec<u8> {
        self.prefix.iter().filter_map(|digits| digits.iter().next()).collect()
    }
}

impl fmt::Display for PlanRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},", self.calling_code)?;
        self.prefix.iter().try_for_each(|digits| write!(f, "{digits}"))?;
        write!(f, ",{},{},", self.lengths, self.label.number_type)?;
        self.label.region.map_or(Ok(()), |region| write!(f, "{region}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        automaton::Folded, calling_code::calling_codes, metadata::Metadata, number_type::NumberType,
        territory::toy,
    };

    fn rows(types: toy::Types<'_>) -> Vec<String> {
        let codes = calling_codes(&[toy::territory("AA", "", r"\d{3,9}", types)], &[]).unwrap();
        plan_rows(&codes).iter().map(PlanRow::to_string).collect()
    }

    #[test]
    fn shortens_prefixes_and_merges_equal_siblings() {
        assert_eq!(
            rows(&[(NumberType::Mobile, r"1\d{2,3}|[3-5]\d\d[78]", &[])]),
            ["99,1,3-4,MOBILE,AA", "99,[3-5]xx[78],4,MOBILE,AA"]
        );
        assert_eq!(rows(&[(NumberType::Mobile, r"\d{4}", &[])]), ["99,,4,MOBILE,AA"]);
    }

    #[test]
    fn processes_lengths_separately() {
        let types: toy::Types<'_> =
            &[(NumberType::Mobile, r"17\d{3,5}", &[5, 7]), (NumberType::Voicemail, r"17[05]99\d", &[])];
        assert_eq!(rows(types), ["99,17,5;7,MOBILE,AA", "99,17[05]99,6,VOICEMAIL,AA"]);
    }

    #[test]
    fn rows_are_sorted_by_their_first_number() {
        let types: toy::Types<'_> = &[
            (NumberType::Mobile, r"[19]\d{4}|[13]\d{3}", &[]),
            (NumberType::FixedLine, r"2\d{5}|1\d{2}", &[]),
        ];
        assert_eq!(
            rows(types),
            ["99,1,3,FIXED_LINE,AA", "99,[13],4,MOBILE,AA", "99,[19],5,MOBILE,AA", "99,2,6,FIXED_LINE,AA"]
        );
    }

    /// Covers every valid number, not a sample. All numbers that a row matches have its label, no
    /// two rows overlap, and together they match as many numbers as are valid.
    #[test]
    fn rows_match_every_valid_number_once() {
        let codes = calling_codes(&Metadata::in_tree().unwrap().territories, &[]).unwrap();
        for code in &codes {
            let rows = rows_of(code);
            let mut matched = 0;
            for (index, row) in rows.iter().enumerate() {
                for length in row.lengths.iter() {
                    assert_eq!(labels(code, row, length), [Some(row.label)], "{row}");
                    let free = usize::from(length) - row.prefix.len();
                    let prefixes =
                        row.prefix.iter().map(|digits| digits.iter().count() as u64).product::<u64>();
                    matched += prefixes * 10_u64.pow(free as u32);
                }
                let overlapping = rows[..index].iter().find(|other| overlap(row, other));
                assert_eq!(overlapping, None, "{row}");
            }
            let valid = code.numbers.fold(|node, below: &Folded<u64>| {
                u64::from(node.label.is_some()) + node.next.iter().map(|&next| below[next]).sum::<u64>()
            });
            assert_eq!(matched, valid[code.numbers.root()], "+{}", code.code);
        }
    }

    /// Samples of how rows distinguish the regions of shared calling codes. The seven digits of +1
    /// 310 xxxx, which are Canadian, also begin numbers of Los Angeles.
    #[test]
    fn rows_distinguish_regions_of_shared_calling_codes() {
        let codes = calling_codes(&Metadata::in_tree().unwrap().territories, &[]).unwrap();
        let regions = |code: u16, national_number: &str| -> Vec<String> {
            let code = codes.iter().find(|known| known.code == code).unwrap();
            let matching = rows_of(code).into_iter().filter(|row| row.matches(national_number));
            matching.map(|row| row.label.region.unwrap().to_string()).collect()
        };
        for (code, national_number, region) in [
            (1, "2025550162", "US"),
            (1, "4165550123", "CA"),
            (1, "3101234", "CA"),
            (1, "3102345678", "US"),
            (7, "9161234567", "RU"),
            (7, "7710009998", "KZ"),
            (44, "1534456789", "JE"),
            (44, "7400123456", "GB"),
            (39, "0669812345", "VA"),
            (590, "590201234", "GP"),
        ] {
            assert_eq!(regions(code, national_number), [region], "+{code} {national_number}");
        }
    }

    /// Returns the labels of all numbers of this length that a row matches.
    fn labels(code: &CallingCode, row: &PlanRow, length: u8) -> Vec<Option<Label>> {
        let mut nodes = vec![code.numbers.root()];
        for position in 0..usize::from(length) {
            let digits = *row.prefix.get(position).unwrap_or(&DigitSet::ANY);
            let next =
                |&node| digits.iter().map(move |digit| code.numbers.node(node).next[usize::from(digit)]);
            nodes = nodes.iter().flat_map(next).collect();
            nodes.sort_unstable();
            nodes.dedup();
        }
        let mut labels: Vec<_> = nodes.iter().map(|&node| code.numbers.node(node).label).collect();
        labels.dedup();
        labels
    }

    impl PlanRow {
        fn matches(&self, national_number: &str) -> bool {
            let mut digits = national_number.bytes().map(|byte| byte - b'0');
            self.lengths.contains(national_number.len() as u8)
                && self
                    .prefix
                    .iter()
                    .all(|allowed| digits.next().is_some_and(|digit| allowed.contains(digit)))
        }
    }

    fn overlap(a: &PlanRow, b: &PlanRow) -> bool {
        let share = |(a, b): (&DigitSet, &DigitSet)| a.iter().any(|digit| b.contains(digit));
        a.lengths.iter().any(|length| b.lengths.contains(length)) && a.prefix.iter().zip(&b.prefix).all(share)
    }
}
