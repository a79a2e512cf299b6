//! Finds the layout of a number: a walk over the automaton that the build compiles from
//! `data/formats.csv`.

use super::digits::{Digits, digits};
use crate::tables::{
    FORMAT_CHOICES, FORMAT_CODES, FORMAT_ROOTS, FORMAT_STATES_FROM, FORMATS, LAYOUT_TEXT, LAYOUTS,
};

/// The fewest digits of a national number, which is the length of a leaf's first choice.
const SHORTEST: usize = 4;

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
    digits: Digits,
    /// The length of the calling code.
    code: usize,
    choice: [u16; 3],
}

/// Finds the layouts of a number by its digits.
#[inline]
pub(super) fn find(number: u64) -> Found {
    let (digits, count) = digits(number);
    let digit = |place: usize| usize::from(digits[place]);
    let root = FORMAT_CODES.get(digit(0) * 100 + digit(1) * 10 + digit(2)).copied().unwrap_or_default();
    let (entry, code) = FORMAT_ROOTS.get(usize::from(root)).copied().unwrap_or_default();
    let (mut entry, code) = (usize::from(entry), usize::from(code));
    let mut rest = digits.iter().skip(code);
    while entry >= usize::from(FORMAT_STATES_FROM) {
        // A number ends at a leaf: the entry for its end is one.
        let Some(&digit) = rest.next() else { break };
        entry = FORMATS.get(entry + usize::from(digit)).map_or(0, |&next| usize::from(next));
    }
    let length = count.saturating_sub(code + SHORTEST);
    let choice = FORMATS.get(entry + length).map_or(0, |&choice| usize::from(choice));
    Found { digits, code, choice: FORMAT_CHOICES.get(choice).copied().unwrap_or_default() }
}

impl Found {
    /// Returns the digits of the calling code as ASCII.
    pub(super) fn calling_code(&self) -> impl Iterator<Item = u8> {
        self.digits.iter().take(self.code).map(|digit| b'0' | digit)
    }

    /// Returns the national number in a form, as ASCII.
    pub(super) fn text(&self, style: Style) -> impl Iterator<Item = u8> {
        layout(self.choice[style as usize]).iter().map(|&byte| {
            let digit = b'0' | self.digits[(self.code + usize::from(byte & 0x0F)) & 0x0F];
            if byte & DIGIT == 0 { byte } else { digit }
        })
    }
}

/// Returns a layout: a sequence of ASCII for itself, and [`DIGIT`] with the place of a digit.
pub(super) fn layout(number: u16) -> &'static [u8] {
    let Some(&(start, len)) = LAYOUTS.get(usize::from(number)) else { return &[] };
    let start = usize::from(start);
    LAYOUT_TEXT.get(start..start + usize::from(len)).unwrap_or_default()
}
