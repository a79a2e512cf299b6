//! Compares the tables of the whole plan, and the library, with the rows from which they are
//! generated.

use std::collections::{BTreeMap, BTreeSet};

use countersign::number::Allocation;
use countersign::{Kind, PhoneNumber, Region};

use super::super::calling_codes::{CallingCode, NO_COUNTRY};
use super::fixture::Plan;
use super::rows::{Digits, PlanRow};
use super::{IMPOSSIBLE, LONGEST, Label, Lengths, SHORTEST};

/// The digits of a number, padded with zeros.
type Number = [u8; LONGEST];

#[test]
fn tables_and_library_agree_with_the_matching_row() {
    let plan = Plan::ours();
    let (layout, rows) = (plan.layout(), plan.rows());
    let regions: Vec<Region> = plan.regions.iter().map(|region| region.code.parse().unwrap()).collect();
    let ways: Vec<_> = layout.ways().into_values().collect();
    assert!(ways.len() > 5000, "{} states are reached", ways.len());

    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut tried = 0_u32;
    for code in Code::all(&plan, &rows) {
        let mut last = None;
        for number in code.probes(&ways, &mut random) {
            for length in SHORTEST..=LONGEST {
                let number = cut(&number, length);
                let (_, near) = last
                    .take()
                    .filter(|(of, _)| *of == number)
                    .unwrap_or_else(|| (number, code.near(&number)));
                let expected = code.label(&near, length);
                let digits = &number[..length];
                assert_eq!(layout.label(digits), Some(expected), "{digits:?}");
                assert_eq!(by_the_library(digits), in_words(expected, &regions), "{digits:?}");
                last = Some((number, near));
                tried += 1;
            }
        }
    }
    assert!(tried > 1_000_000, "{tried}");
}

/// A calling code with its rows.
struct Code<'a> {
    digits: Vec<u8>,
    main_region: u8,
    rows: Vec<&'a PlanRow>,
    /// The union of the lengths of all rows.
    lengths: Lengths,
}

/// A row, and the number of positions of its prefix that a number matches.
type Followed<'a> = (usize, &'a PlanRow);

impl<'a> Code<'a> {
    fn all(plan: &Plan, rows: &'a [PlanRow]) -> Vec<Self> {
        let mut by_code: BTreeMap<&str, Vec<&PlanRow>> = BTreeMap::new();
        for row in rows {
            by_code.entry(&row.calling_code).or_default().push(row);
        }
        let code = |code: &CallingCode| {
            let rows = by_code.remove(code.digits.as_str()).unwrap_or_default();
            let digits = code.digits.bytes().map(|byte| byte - b'0').collect();
            let lengths = rows.iter().fold(0, |all, row| all | row.lengths);
            Self { digits, main_region: code.region, rows, lengths }
        };
        plan.codes.iter().map(code).collect()
    }

    /// Returns the rows that decide about a number: those whose whole prefix it matches, and those
    /// whose prefix it matches furthest.
    fn near(&self, number: &Number) -> Vec<Followed<'a>> {
        let places = |row: &PlanRow| {
            row.prefix.iter().zip(number).take_while(|(place, digit)| *place >> *digit & 1 == 1).count()
        };
        let mut followed: Vec<_> = self.rows.iter().map(|&row| (places(row), row)).collect();
        let furthest = followed.iter().map(|(places, _)| *places).max();
        followed.retain(|(places, row)| *places == row.prefix.len() || Some(*places) == furthest);
        followed
    }

    /// Returns the label that the rows give to a number of this length.
    fn label(&self, near: &[Followed<'_>], length: usize) -> Label {
        let matching: Vec<_> = near
            .iter()
            .filter(|(places, row)| *places == row.prefix.len() && row.lengths >> length & 1 == 1)
            .collect();
        match *matching {
            [] => {}
            [(_, row)] => return row.label,
            [(_, row), (_, other), ..] => panic!("lines {} and {} overlap", row.line, other.line),
        }
        let furthest = near.iter().map(|(places, _)| *places).max();
        let below = near.iter().filter(|(places, _)| Some(*places) == furthest);
        let regions: BTreeSet<_> = below.map(|(_, row)| row.label.region).collect();
        let one_region = regions.first().copied().filter(|_| regions.len() == 1);
        let possible = self.lengths >> length & 1 == 1;
        Label { region: one_region.unwrap_or(self.main_region), kind: if possible { 0 } else { IMPOSSIBLE } }
    }

    /// Returns numbers to probe: the first, the last and a random number of each row. Also, every
    /// next digit after every beginning of a random prefix of each row, and after the way to every
    /// state.
    fn probes(&self, ways: &[Vec<u8>], random: &mut Random) -> BTreeSet<Number> {
        let mut probes = BTreeSet::new();
        let mut beginnings: BTreeSet<Vec<u8>> =
            ways.iter().filter(|way| way.starts_with(&self.digits)).cloned().collect();
        beginnings.insert(self.digits.clone());
        for row in &self.rows {
            for choose in [Random::first, Random::last, Random::any] {
                let place = |at: usize| row.prefix.get(at).copied().unwrap_or(0b11_1111_1111);
                probes.insert(core::array::from_fn(|at| choose(random, place(at))));
            }
            let prefix: Vec<u8> = row.prefix.iter().map(|&place| random.any(place)).collect();
            beginnings.extend((self.digits.len()..=prefix.len()).map(|end| prefix[..end].to_vec()));
        }
        for beginning in beginnings {
            for digit in 0..10 {
                let mut number = Number::default();
                number[..beginning.len()].copy_from_slice(&beginning);
                number[beginning.len()] = digit;
                probes.insert(number);
            }
        }
        probes
    }
}

fn cut(number: &Number, length: usize) -> Number {
    core::array::from_fn(|at| if at < length { number[at] } else { 0 })
}

fn by_the_library(digits: &[u8]) -> (Option<Region>, Allocation) {
    let digits: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    let number: PhoneNumber = format!("+{digits}").parse().unwrap();
    (number.region(), number.allocation())
}

fn in_words(label: Label, regions: &[Region]) -> (Option<Region>, Allocation) {
    let region = (label.region != NO_COUNTRY).then(|| regions[usize::from(label.region - 1)]);
    let allocation = match label.kind {
        0 => Allocation::Unallocated,
        IMPOSSIBLE => Allocation::Impossible,
        kind => Allocation::Assigned(Kind::ALL[usize::from(kind) - 1]),
    };
    (region, allocation)
}

/// Picks digits from sets. The sequence is the same on each run (xorshift).
struct Random(u64);

impl Random {
    fn first(&mut self, digits: Digits) -> u8 {
        digits.trailing_zeros() as u8
    }

    fn last(&mut self, digits: Digits) -> u8 {
        digits.ilog2() as u8
    }

    fn any(&mut self, digits: Digits) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let nth = self.0 % u64::from(digits.count_ones());
        (0..10).filter(|digit| digits >> digit & 1 == 1).nth(nth as usize).unwrap()
    }
}
