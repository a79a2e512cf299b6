//! The digits of a text, with their positions.

use super::PhoneNumber;
use super::parse::{self, DIGITS, ParseError, ParseErrorKind};

/// The digits of a text, or a suffix of them.
#[derive(Clone, Copy)]
pub(super) struct Typed<'a> {
    /// ASCII digits.
    pub(super) digits: &'a [u8],
    /// The byte offset of each digit in the text.
    pub(super) places: &'a [u8],
    /// The length of the text in bytes.
    pub(super) end: usize,
}

impl Typed<'_> {
    /// Returns the digits without the first `count`.
    pub(super) fn after(self, count: usize) -> Self {
        let digits = self.digits.get(count..).unwrap_or_default();
        Self { digits, places: self.places.get(count..).unwrap_or_default(), end: self.end }
    }

    /// Parses the number that consists of the digits `before` and the typed digits at `places`.
    /// Errors carry the byte offset in the original text.
    pub(super) fn number(
        self,
        before: impl IntoIterator<Item = u8>,
        places: impl Iterator<Item = usize>,
    ) -> Result<PhoneNumber, ParseError> {
        let mut e164 = [b'+'; 1 + *DIGITS.end()];
        let typed = places.filter_map(|place| Some((*self.digits.get(place)?, self.place(place))));
        let mut len = 1;
        for (byte, at) in before.into_iter().map(|byte| (byte, self.place(0))).chain(typed) {
            *e164.get_mut(len).ok_or(ParseError { kind: ParseErrorKind::TooLong, at })? = byte;
            len += 1;
        }
        parse::parse(&e164[..len]).map_err(|ParseError { kind, .. }| {
            let at = if kind == ParseErrorKind::TooShort { self.end } else { self.place(0) };
            ParseError { kind, at }
        })
    }

    fn place(self, index: usize) -> usize {
        self.places.get(index).map_or(self.end, |&place| usize::from(place))
    }
}
