//! Frequencies of symbols and codes.

/// Whole codes are not counted beyond this many cells.
const MOST_CELLS: usize = 1_000_000;

/// Counts of codes, grouped in several ways.
pub(crate) struct Tally {
    alphabet: String,
    places: Vec<Vec<u64>>,
    /// For each place and the one after it.
    neighbours: Vec<Vec<u64>>,
    /// For whole codes in the alphabet's order, if there are not too many.
    pub(crate) whole: Vec<u64>,
}

impl Tally {
    pub(crate) fn new(alphabet: &str, length: usize) -> Self {
        let symbols = alphabet.len();
        let all = u32::try_from(length).ok().and_then(|length| symbols.checked_pow(length));
        Self {
            alphabet: alphabet.to_owned(),
            places: vec![vec![0; symbols]; length],
            neighbours: vec![vec![0; symbols * symbols]; length - 1],
            whole: vec![0; all.filter(|&all| all <= MOST_CELLS).unwrap_or(0)],
        }
    }

    pub(crate) fn count(&mut self, code: &str) -> Result<(), String> {
        let symbols = self.alphabet.len();
        let (mut before, mut number) = (None, 0_usize);
        if code.len() != self.places.len() {
            return Err(format!("unexpected code length: {} characters", code.len()));
        }
        for (place, c) in code.chars().enumerate() {
            let symbol =
                self.alphabet.find(c).ok_or_else(|| format!("unexpected character {c} in a code"))?;
            self.places[place][symbol] += 1;
            if let Some(before) = before {
                self.neighbours[place - 1][before * symbols + symbol] += 1;
            }
            (before, number) = (Some(symbol), number.wrapping_mul(symbols).wrapping_add(symbol));
        }
        if let Some(times) = self.whole.get_mut(number) {
            *times += 1;
        }
        Ok(())
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (String, &[u64])> {
        let places =
            self.places.iter().zip(1..).map(|(counts, place)| (format!("place {place}"), &counts[..]));
        let pairs = self.neighbours.iter().zip(1..);
        let pairs = pairs.map(|(counts, place)| (format!("places {place} and {}", place + 1), &counts[..]));
        let whole = (!self.whole.is_empty()).then(|| ("whole codes".to_owned(), &self.whole[..]));
        places.chain(pairs).chain(whole)
    }
}
