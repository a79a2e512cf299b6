//! The input of the benches: the numbers, and the floor's table.

use core::error::Error;

use countersign::PhoneNumber;
use once_cell::sync::OnceCell;

use crate::floor::Table;

/// 10,000 valid numbers from all over the world in random order; for their origin see
/// `benches/corpus/README.md`.
const NUMBERS: &str = include_str!("../corpus/numbers.txt");
/// Rows of `calling_code,prefix,region`.
const CALLING_CODES: &str = include_str!("../../data/calling_codes.csv");

/// The numbers, as text and parsed, and the floor's table.
pub(crate) struct Corpus {
    pub(crate) texts: Vec<&'static str>,
    pub(crate) numbers: Vec<PhoneNumber>,
    pub(crate) table: Table,
}

/// Returns the corpus, created once. Creating it can fail, which the standard library's `OnceLock`
/// does not support on stable.
pub(crate) fn corpus() -> Result<&'static Corpus, Box<dyn Error>> {
    static CORPUS: OnceCell<Corpus> = OnceCell::new();
    CORPUS.get_or_try_init(|| {
        let texts: Vec<_> = NUMBERS.lines().collect();
        let numbers = texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        Ok(Corpus { texts, numbers, table: table()? })
    })
}

/// Returns the assigned calling codes, spread over the first three digits of their numbers.
fn table() -> Result<Table, Box<dyn Error>> {
    let mut table: Table = [0; 1000];
    for row in csv::Reader::from_reader(CALLING_CODES.as_bytes()).records() {
        let code: u16 = row?.get(0).unwrap_or_default().parse()?;
        let below = match code {
            0..=9 => 100,
            10..=99 => 10,
            _ => 1,
        };
        let first = usize::from(code) * below;
        table.get_mut(first..first + below).ok_or("a calling code has three digits at most")?.fill(code);
    }
    Ok(table)
}
