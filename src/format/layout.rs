//! Finds the layout of a number: a walk over the automaton that the build compiles from
//! `data/formats.csv`.

use core::hint::select_unpredictable;

use crate::number::digits;
use crate::tables::{
    FORMAT_CHOICES, FORMAT_CODES, FORMAT_ROOTS, FORMAT_STATES_FROM, FORMATS, LAYOUT_TEXT, LAYOUTS,
};

/// The fewest digits of a national number, which is the length of a leaf's first choice.
const SHORTEST: usize = 4;

/// The bytes of `LAYOUT_TEXT` that may be read from the end of a layout on.
pub(super) const CHUNK: usize = 16;

/// The bit of a layout's byte that stands for a digit of the national number.
const DIGIT: u8 = 0x80;

/// A form of a number. The value is its place in `FORMAT_CHOICES`.
#[derive(Clone, Copy)]
pub(super) enum Style {
    International = 0,
    National = 1,
    Rfc3966 = 2,
}

/// A number with its layouts.
pub(super) struct Found {
    /// The digits of the calling code as ASCII, with those of the national number after them.
    digits: [u8; 16],
    /// The length of the calling code.
    code: usize,
    choice: [u16; 3],
}

/// Finds the layouts of a number by its digits.
#[inline]
pub(super) fn find(number: u64) -> Found {
    let (digits, count) = digits(number);
    let digit = |place: usize| usize::from(digits[place & 0x0F]);
    let root = FORMAT_CODES.get(digit(0) * 100 + digit(1) * 10 + digit(2)).copied().unwrap_or_default();
    let (entry, code) = FORMAT_ROOTS.get(usize::from(root)).copied().unwrap_or_default();
    let (mut entry, code) = (usize::from(entry), usize::from(code));
    // A mispredicted branch costs more than steps that stay at a leaf. Three steps are enough for
    // 94% of the numbers.
    for place in code..code + 3 {
        let next = step(entry, digit(place));
        entry = select_unpredictable(is_state(entry), next, entry);
    }
    let mut rest = digits.get(code + 3..).unwrap_or_default().iter();
    while is_state(entry) {
        // A number ends at a leaf: the entry for its end is one.
        let Some(&digit) = rest.next() else { break };
        entry = step(entry, usize::from(digit));
    }
    let length = count.saturating_sub(code + SHORTEST);
    let choice = FORMATS.get(entry + length).map_or(0, |&choice| usize::from(choice));
    let digits = (u128::from_le_bytes(digits) | u128::from_le_bytes([b'0'; 16])).to_le_bytes();
    Found { digits, code, choice: FORMAT_CHOICES.get(choice).copied().unwrap_or_default() }
}

/// Returns the entry that a digit leads to from a state. From a leaf the result is meaningless.
#[inline]
fn step(entry: usize, digit: usize) -> usize {
    FORMATS.get(entry + digit).map_or(0, |&next| usize::from(next))
}

#[inline]
const fn is_state(entry: usize) -> bool {
    entry >= FORMAT_STATES_FROM as usize
}

impl Found {
    /// Returns the first three digits as ASCII, and how many of them are the calling code.
    #[inline]
    pub(super) fn calling_code(&self) -> ([u8; 3], usize) {
        let [a, b, c, ..] = self.digits;
        ([a, b, c], self.code)
    }

    /// Returns the layout of a form.
    #[inline]
    pub(super) fn layout(&self, style: Style) -> &'static [u8] {
        layout(self.choice[style as usize])
    }

    /// Returns the bytes from a form's layout on, at least [`CHUNK`] more than it has, and its
    /// length.
    #[inline]
    pub(super) fn padded_layout(&self, style: Style) -> (&'static [u8], usize) {
        let (start, len) = LAYOUTS.get(usize::from(self.choice[style as usize])).copied().unwrap_or_default();
        (LAYOUT_TEXT.get(usize::from(start)..).unwrap_or_default(), len.into())
    }

    /// Returns the national number, as ASCII and from the first place on.
    #[inline]
    pub(super) fn national(&self) -> [u8; 16] {
        (u128::from_le_bytes(self.digits) >> (8 * (self.code & 3))).to_le_bytes()
    }
}

/// Returns a layout: a sequence of ASCII for itself, and [`DIGIT`] with the place of a digit.
#[inline]
pub(super) fn layout(number: u16) -> &'static [u8] {
    let Some(&(start, len)) = LAYOUTS.get(usize::from(number)) else { return &[] };
    let start = usize::from(start);
    LAYOUT_TEXT.get(start..start + usize::from(len)).unwrap_or_default()
}

/// Returns the character of a layout's byte.
#[inline]
pub(super) fn character(byte: u8, national: &[u8; 16]) -> u8 {
    // The load is unconditional, so that there is no branch to mispredict.
    let digit = national[usize::from(byte & 0x0F)];
    if byte & DIGIT == 0 { byte } else { digit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{
        EXAMPLES, TYPING_CODES, TYPING_CONDITIONS, TYPING_LAYOUTS, TYPING_PROGRAM, TYPING_ROWS,
    };

    /// What the feature `format` adds to a binary that uses all of it.
    #[test]
    fn tables_of_formats_take_at_most_96_kib() {
        let formats = size_of_val(&FORMAT_CODES)
            + size_of_val(&FORMAT_ROOTS)
            + size_of_val(&FORMATS)
            + size_of_val(&FORMAT_CHOICES)
            + size_of_val(&LAYOUTS)
            + size_of_val(&LAYOUT_TEXT);
        let typing = size_of_val(&TYPING_CODES)
            + size_of_val(&TYPING_ROWS)
            + size_of_val(&TYPING_CONDITIONS)
            + size_of_val(&TYPING_PROGRAM)
            + size_of_val(&TYPING_LAYOUTS);
        assert!(formats <= 48 * 1024, "{formats}");
        assert!(typing <= 40 * 1024, "{typing}");
        assert!(size_of_val(&EXAMPLES) <= 10 * 1024);
    }

    #[test]
    fn finds_layouts_of_the_shortest_and_longest_numbers() {
        for number in [1_202_555, 6_836_999, 999_999_999_999_999, 123_456_789_012_345] {
            assert!(!find(number).layout(Style::National).is_empty(), "{number}");
        }
    }
}
