//! The digits of a text, and where they stood in it.

use super::PhoneNumber;
use super::parse::{self, DIGITS, ParseError, ParseErrorKind};

/// The digits of a text, or the last of them.
#[derive(Clone, Copy)]
pub(super) struct Typed<'a> {
    /// ASCII.
    pub(super) digits: &'a [u8],
    /// The byte of the text at which each digit stood.
    pub(super) places: &'a [u8],
    /// The byte at which the text ends.
    pub(super) end: usize,
}

impl Typed<'_> {
    /// Without the first digits.
    pub(super) fn after(self, count: usize) -> Self {
        let digits = self.digits.get(count..).unwrap_or_default();
        Self { digits, places: self.places.get(count..).unwrap_or_default(), end: self.end }
    }

    /// The number that some digits and the typed ones at these places make; what is wrong is told by its byte in the text.
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
