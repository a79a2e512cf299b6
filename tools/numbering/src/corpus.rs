//! The corpus of the benches: 10,000 valid numbers of the whole world in random order, the same ones
//! every time. `benches/corpus/README.md` describes it.

use std::collections::BTreeMap;

use crate::{
    calling_code::calling_codes,
    error::Error,
    metadata::IN_TREE,
    number_type::NumberType,
    plan::{PlanRow, plan_rows},
    territory::Territory,
};

const NUMBERS: usize = 10_000;

/// Where most of a service's numbers come from, in per mille of the corpus. Not a statistic: a skew
/// of the kind that real traffic has. All other regions, and the codes without one, share the rest
/// evenly.
const FREQUENT: [(&str, usize); 20] = [
    ("US", 160),
    ("IN", 60),
    ("BR", 40),
    ("GB", 40),
    ("DE", 40),
    ("FR", 40),
    ("CA", 30),
    ("MX", 30),
    ("IT", 30),
    ("ES", 30),
    ("ID", 20),
    ("NG", 20),
    ("JP", 20),
    ("KR", 20),
    ("TR", 20),
    ("PL", 20),
    ("NL", 20),
    ("AU", 20),
    ("PH", 20),
    ("ZA", 20),
];

/// Returns the numbers, such as `+12025550162`.
///
/// # Errors
///
/// If the territories lack one of the frequent countries.
pub fn numbers(territories: &[Territory]) -> Result<Vec<String>, Error> {
    let plan = plan_rows(&calling_codes(territories, &[])?);
    let mut places: BTreeMap<String, Vec<&PlanRow>> = BTreeMap::new();
    for row in &plan {
        let region = row.label.region.map(|region| region.to_string());
        places.entry(region.unwrap_or_else(|| format!("+{}", row.calling_code))).or_default().push(row);
    }

    let mut random = SplitMix(1);
    let mut numbers = Vec::with_capacity(NUMBERS);
    for (name, per_mille) in FREQUENT {
        let rows = places.remove(name).ok_or_else(|| Error::Metadata {
            file: IN_TREE.into(),
            problem: format!("{name} has no numbers"),
        })?;
        add(&mut numbers, per_mille * NUMBERS / 1000, &rows, &mut random);
    }
    let mut places_left = places.len();
    for rows in places.values() {
        let count = (NUMBERS - numbers.len()).div_ceil(places_left);
        add(&mut numbers, count, rows, &mut random);
        places_left -= 1;
    }
    for place in (1..numbers.len()).rev() {
        numbers.swap(place, random.below(place + 1));
    }
    Ok(numbers)
}

/// Adds `count` valid numbers that these rows match: of 100, about 80 that are texted, 12 fixed
/// lines, 8 of anything else.
fn add(numbers: &mut Vec<String>, count: usize, rows: &[&PlanRow], random: &mut SplitMix) {
    for _ in 0..count {
        let wanted: fn(NumberType) -> bool = match random.below(100) {
            0..80 => is_texted,
            80..92 => |kind| kind == NumberType::FixedLine,
            _ => |kind| !is_texted(kind) && kind != NumberType::FixedLine,
        };
        let mut fitting: Vec<&PlanRow> =
            rows.iter().filter(|row| wanted(row.label.number_type)).copied().collect();
        if fitting.is_empty() {
            fitting = rows.to_vec();
        }
        // Three countries have numbers of six digits in all, which strict E.164 leaves out.
        let number = loop {
            let number = number(fitting[random.below(fitting.len())], random);
            if number.len() > 7 {
                break number;
            }
        };
        numbers.push(number);
    }
}

fn is_texted(kind: NumberType) -> bool {
    matches!(kind, NumberType::Mobile | NumberType::FixedLineOrMobile)
}

/// A number that the row matches, each digit at random where the row leaves a choice.
fn number(row: &PlanRow, random: &mut SplitMix) -> String {
    let code = row.calling_code.to_string();
    let lengths: Vec<u8> =
        row.lengths.iter().filter(|&length| code.len() + usize::from(length) <= 15).collect();
    let mut pick = |choices: &[u8]| choices.get(random.below(choices.len())).copied().unwrap_or_default();
    let length = pick(&lengths);
    let any: Vec<u8> = (0..10).collect();
    let mut number = format!("+{code}");
    for place in 0..usize::from(length) {
        let digits: Vec<u8> = row.prefix.get(place).map_or(any.clone(), |digits| digits.iter().collect());
        number.push(char::from(b'0' + pick(&digits)));
    }
    number
}

/// SplitMix64, by Sebastiano Vigna's public-domain description: random enough to spread numbers, and
/// the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`; the bias of one in 2^50 matters to nobody here.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}
