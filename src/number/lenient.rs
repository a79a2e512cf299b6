//! What people type and paste.

use super::PhoneNumber;
use super::parse::{self, DIGITS, ParseError, ParseErrorKind};

/// Reads international numbers as people write them: with spaces, dots, dashes, parentheses, or a `tel:` in front.
///
/// It yields the same type as the strict parser, and is a door of its own so that nobody is lenient by accident.
/// Letters, extensions and parameters (`;ext=`, `;phone-context=`) are errors.
///
/// ```
/// use countersign::{Lenient, PhoneNumber};
///
/// let number: PhoneNumber = "+12025550162".parse()?;
/// assert_eq!(Lenient::new().parse("tel:+1-202-555-0162")?, number);
/// assert_eq!(Lenient::new().parse("+1 (202) 555.0162")?, number);
/// assert!(Lenient::new().parse("001 202 555 0162").is_err());
/// assert_eq!(Lenient::new().double_zero().parse("001 202 555 0162")?, number);
/// # Ok::<(), countersign::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Lenient {
    double_zero: bool,
}

/// Nobody writes a telephone number longer than this, and cost must not grow with hostile length.
const LONGEST: usize = 64;

/// The white space, dots and dashes that stand in written numbers, word processors' variants included.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '\u{A0}' | '\u{2009}' | '\u{202F}' | '\u{2010}'..='\u{2014}')
}

impl Lenient {
    /// `+` alone begins an international number.
    #[must_use]
    pub const fn new() -> Self {
        Self { double_zero: false }
    }

    /// `00` stands for `+` too, as it is dialled in most countries; not in North America, Japan or Australia.
    #[must_use]
    pub const fn double_zero(mut self) -> Self {
        self.double_zero = true;
        self
    }

    /// Reads a number.
    ///
    /// # Errors
    ///
    /// What is wrong, and at which byte of `text`. `+44 (0)20 …` is refused: whether the zero belongs to the number
    /// depends on the country, and a guess would reach somebody else.
    pub fn parse(&self, text: &str) -> Result<PhoneNumber, ParseError> {
        if text.len() > LONGEST {
            return Err(ParseError { kind: ParseErrorKind::TooLong, at: LONGEST });
        }
        let scheme = text.get(..4).filter(|start| start.eq_ignore_ascii_case("tel:")).map_or(0, str::len);
        let mut e164 = Gathered::new(text.len());
        let mut rest = text[scheme..].char_indices().map(|(at, c)| (scheme + at, c)).peekable();
        while let Some((at, c)) = rest.next() {
            match c {
                '0'..='9' if e164.is_empty() => {
                    let doubled = c == '0' && rest.next_if(|&(_, next)| next == '0').is_some();
                    if !(self.double_zero && doubled) {
                        return Err(ParseError { kind: ParseErrorKind::MissingPlus, at });
                    }
                    e164.push(b'+', at)?;
                }
                '0'..='9' => e164.push(c as u8, at)?,
                '+' if e164.is_empty() => e164.push(b'+', at)?,
                '(' if text[at..].starts_with("(0)") && !e164.is_empty() => {
                    return Err(ParseError { kind: ParseErrorKind::NationalPrefix, at });
                }
                '(' | ')' => {}
                _ if is_separator(c) => {}
                _ => return Err(ParseError { kind: ParseErrorKind::NotADigit, at }),
            }
        }
        e164.parse()
    }
}

/// The E.164 form as it is gathered, and where each of its bytes stood in the text.
struct Gathered {
    bytes: [u8; 1 + *DIGITS.end()],
    origin: [u8; 1 + *DIGITS.end()],
    len: usize,
    text_len: usize,
}

impl Gathered {
    const fn new(text_len: usize) -> Self {
        Self { bytes: [0; 1 + *DIGITS.end()], origin: [0; 1 + *DIGITS.end()], len: 0, text_len }
    }

    const fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn push(&mut self, byte: u8, at: usize) -> Result<(), ParseError> {
        let slot = self.bytes.get_mut(self.len).ok_or(ParseError { kind: ParseErrorKind::TooLong, at })?;
        *slot = byte;
        self.origin[self.len] = u8::try_from(at).unwrap_or(u8::MAX);
        self.len += 1;
        Ok(())
    }

    fn parse(&self) -> Result<PhoneNumber, ParseError> {
        parse::parse(&self.bytes[..self.len]).map_err(|error| {
            let origin = self.origin[..self.len].get(error.at).map_or(self.text_len, |&at| usize::from(at));
            ParseError { kind: error.kind, at: origin }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(text: &str) -> PhoneNumber {
        text.parse().unwrap()
    }

    #[test]
    fn what_people_paste() {
        for text in [
            "+12025550162",
            "+1 202 555 0162",
            " +1 (202) 555-0162 ",
            "(+1) 202.555.0162",
            "tel:+1-202-555-0162",
            "TEL:+12025550162",
            "+1\u{A0}202\u{2011}555\u{202F}0162",
        ] {
            assert_eq!(Lenient::new().parse(text), Ok(strict("+12025550162")), "{text}");
        }
        assert_eq!(Lenient::new().parse("+39 06 1234 5678"), Ok(strict("+390612345678")));
    }

    #[test]
    fn double_zero_only_where_asked_for() {
        let both = Lenient::new().double_zero();
        assert_eq!(both.parse("0044 20 7946 0958"), Ok(strict("+442079460958")));
        assert_eq!(both.parse("+44 20 7946 0958"), Ok(strict("+442079460958")));
        for text in ["0 0 44 20 7946 0958", "044 20 7946 0958", "020 7946 0958", "442079460958"] {
            assert_eq!(both.parse(text).unwrap_err().kind(), ParseErrorKind::MissingPlus, "{text}");
        }
        let error = Lenient::new().parse("0044 20 7946 0958").unwrap_err();
        assert_eq!((error.kind(), error.at()), (ParseErrorKind::MissingPlus, 0));
    }

    #[test]
    fn errors_point_into_the_text() {
        for (text, kind, at) in [
            ("", ParseErrorKind::Empty, 0),
            ("tel:", ParseErrorKind::Empty, 4),
            ("+1 202 555 016x", ParseErrorKind::NotADigit, 14),
            ("+1 (202) 555-0162;ext=7", ParseErrorKind::NotADigit, 17),
            ("tel:+12025550162;phone-context=+44", ParseErrorKind::NotADigit, 16),
            ("+1 202 + 555 0162", ParseErrorKind::NotADigit, 7),
            ("+1 202 55", ParseErrorKind::TooShort, 9),
            ("+1234 5678 9012 3456", ParseErrorKind::TooLong, 19),
            ("+ 999 123 4567", ParseErrorKind::UnknownCallingCode, 2),
            ("+44 (0)20 7946 0958", ParseErrorKind::NationalPrefix, 4),
            ("+1 ２０２ 555 0162", ParseErrorKind::NotADigit, 3),
        ] {
            let error = Lenient::new().parse(text).unwrap_err();
            assert_eq!((error.kind(), error.at()), (kind, at), "{text}");
        }
        let hostile = "+44".to_owned() + &"-1".repeat(5000);
        assert_eq!(Lenient::new().parse(&hostile).unwrap_err().kind(), ParseErrorKind::TooLong);
    }
    extern crate alloc;
    use alloc::borrow::ToOwned;
}
