//! Lenient parsing of numbers as people type and paste them.

use super::PhoneNumber;
use super::national::{self, Dialling};
use super::parse::{ParseError, ParseErrorKind};
use super::typed::Typed;
use crate::region::Region;

/// Parses phone numbers as people write them: with spaces, dots, dashes, parentheses or a leading
/// `tel:`, and in the form that is dialled within a country.
///
/// A separate entry point, so that leniency is always explicit. Returns the same type as the strict
/// parser. Letters, extensions and parameters (`;ext=`, `;phone-context=`) are errors.
///
/// ```
/// use countersign::{PhoneNumber, Region};
/// use countersign::number::Lenient;
///
/// let number: PhoneNumber = "+12025550162".parse()?;
/// assert_eq!(Lenient::new().parse("tel:+1-202-555-0162")?, number);
/// assert_eq!(Lenient::new().parse("+1 (202) 555.0162")?, number);
/// assert!(Lenient::new().parse("(202) 555-0162").is_err());
/// assert_eq!(Lenient::new().with_region(Region::US).parse("(202) 555-0162")?, number);
/// # Ok::<(), countersign::number::ParseError>(())
/// ```
///
/// # National prefixes
///
/// A national prefix is dialled before a national number within its country, but not from abroad.
/// It is dropped by libphonenumber's rules (`data/national_prefixes.csv`), in international numbers
/// too. So `+44 (0)20 7946 0958` loses its zero, while `+39 (0)6 698 12345` keeps it, because in
/// Italy the zero is part of the number. An international number is changed only if the numbering
/// plan does not know it as written but does know it without the prefix. The strict parser drops
/// nothing.
///
/// ```
/// use countersign::number::Lenient;
///
/// assert_eq!(Lenient::new().parse("+44 (0)20 7946 0958")?.to_string(), "+442079460958");
/// assert_eq!(Lenient::new().parse("+39 (0)6 698 12345")?.to_string(), "+390669812345");
/// # Ok::<(), countersign::number::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Lenient {
    double_zero: bool,
    region: Option<Region>,
}

/// The longest accepted text, in bytes. Nobody writes a longer phone number, and the cost must not
/// grow with hostile input.
const LONGEST: usize = 64;

/// Returns whether `c` separates groups of digits: white space, dots and dashes, including the
/// variants that word processors insert.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '\u{A0}' | '\u{2009}' | '\u{202F}' | '\u{2010}'..='\u{2014}')
}

impl Lenient {
    /// Accepts international numbers only, which must begin with `+`.
    #[must_use]
    pub const fn new() -> Self {
        Self { double_zero: false, region: None }
    }

    /// Also accepts `00` in place of `+`. It is dialled in most countries, but not in North
    /// America, Japan or Australia.
    #[must_use]
    pub const fn with_double_zero(mut self) -> Self {
        self.double_zero = true;
        self
    }

    /// Reads a number without `+` as dialled in `region`: a national number with or without its
    /// prefix, or an international number after the region's international prefix (`00`, `011`). If
    /// neither reading is valid but the digits are valid after a `+`, the `+` is assumed to be
    /// missing.
    ///
    /// A few regions have no numbers of their own (BV, GS, HM, PN, TF, UM). For these, the option
    /// has no effect.
    ///
    /// ```
    /// use countersign::Region;
    /// use countersign::number::Lenient;
    ///
    /// let london = Lenient::new().with_region(Region::GB);
    /// for text in ["020 7946 0958", "(020) 7946 0958", "20 7946 0958", "0044 20 7946 0958"] {
    ///     assert_eq!(london.parse(text)?.to_string(), "+442079460958");
    /// }
    /// // The `+` is missing.
    /// assert_eq!(london.parse("44 20 7946 0958")?.to_string(), "+442079460958");
    /// // Argentine mobile numbers have a 15 within the country, and a 9 from abroad.
    /// let buenos_aires = Lenient::new().with_region(Region::AR);
    /// assert_eq!(buenos_aires.parse("0 11 15-2345-6789")?.to_string(), "+5491123456789");
    /// # Ok::<(), countersign::number::ParseError>(())
    /// ```
    #[must_use]
    pub const fn with_region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Parses a phone number.
    ///
    /// # Errors
    ///
    /// If `text` is not a phone number. The error says what is wrong, and at which byte of `text`.
    pub fn parse(&self, text: &str) -> Result<PhoneNumber, ParseError> {
        if text.len() > LONGEST {
            return Err(ParseError { kind: ParseErrorKind::TooLong, at: LONGEST });
        }
        let dialling = self.region.and_then(Dialling::of);
        let scheme = text.get(..4).filter(|start| start.eq_ignore_ascii_case("tel:")).map_or(0, str::len);
        let (mut digits, mut places, mut len) = ([0; LONGEST], [0; LONGEST], 0);
        let mut plus = false;
        let mut rest = text[scheme..].char_indices().map(|(at, c)| (scheme + at, c)).peekable();
        while let Some((at, c)) = rest.next() {
            match c {
                '0' if self.double_zero
                    && !plus
                    && len == 0
                    && rest.next_if(|&(_, c)| c == '0').is_some() =>
                {
                    plus = true;
                }
                '0'..='9' if !plus && dialling.is_none() => {
                    return Err(ParseError { kind: ParseErrorKind::MissingPlus, at });
                }
                // Cannot overflow: the text has at most `LONGEST` bytes.
                '0'..='9' => {
                    (digits[len], places[len]) = (c as u8, at as u8);
                    len += 1;
                }
                '+' if !plus && len == 0 => plus = true,
                '(' | ')' => {}
                _ if is_separator(c) => {}
                _ => return Err(ParseError { kind: ParseErrorKind::NotADigit, at }),
            }
        }
        let typed = Typed { digits: &digits[..len], places: &places[..len], end: text.len() };
        match dialling {
            _ if !plus && len == 0 => Err(ParseError { kind: ParseErrorKind::Empty, at: text.len() }),
            Some(dialling) if !plus => dialling.read(typed),
            _ => national::international(typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(text: &str) -> PhoneNumber {
        text.parse().unwrap()
    }

    #[test]
    fn accepts_pasted_numbers() {
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
    fn accepts_numbers_as_dialled_in_a_region() {
        for (region, text, number) in [
            (Region::US, "(202) 555-0162", "+12025550162"),
            (Region::US, "1-202-555-0162", "+12025550162"),
            (Region::US, "011 44 20 7946 0958", "+442079460958"),
            (Region::GB, "020 7946 0958", "+442079460958"),
            (Region::GB, "tel:020-7946-0958", "+442079460958"),
            (Region::GB, "(0)20 7946 0958", "+442079460958"),
            (Region::GB, "+1 202 555 0162", "+12025550162"),
            (Region::FR, "06 12 34 56 78", "+33612345678"),
            (Region::RU, "8 (912) 345-67-89", "+79123456789"),
            (Region::RU, "8 (800) 555-35-35", "+78005553535"),
            (Region::RU, "800 555-35-35", "+78005553535"),
            (Region::AR, "0 11 15-2345-6789", "+5491123456789"),
            (Region::AR, "011 15 2345 6789", "+5491123456789"),
            (Region::AR, "011 2345-6789", "+541123456789"),
            (Region::IT, "06 698 12345", "+390669812345"),
            (Region::IT, "347 123 4567", "+393471234567"),
            (Region::HU, "06 1 234 5678", "+3612345678"),
            (Region::BS, "322-1234", "+12423221234"),
            (Region::JE, "456789", "+441534456789"),
            (Region::KE, "000 44 20 7946 0958", "+442079460958"),
            (Region::AQ, "110 123", "+672110123"),
        ] {
            assert_eq!(
                Lenient::new().with_region(region).parse(text),
                Ok(strict(number)),
                "{text} in {region}"
            );
        }
    }

    #[test]
    fn drops_national_prefixes_by_the_rule_of_the_country() {
        for (text, number) in [
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("+44 020 7946 0958", "+442079460958"),
            ("+44 20 7946 0958", "+442079460958"),
            ("+49 (0)30 1234567", "+49301234567"),
            ("+39 (0)6 698 12345", "+390669812345"),
            ("+225 (0)1 23 45 67 89", "+2250123456789"),
            ("+7 8 (912) 345-67-89", "+79123456789"),
            ("+7 (800) 555-35-35", "+78005553535"),
            ("+800 1234 5678", "+80012345678"),
        ] {
            assert_eq!(Lenient::new().parse(text), Ok(strict(number)), "{text}");
            assert_eq!(Lenient::new().with_region(Region::US).parse(text), Ok(strict(number)), "{text}");
        }
        assert_eq!("+4402079460958".parse(), Ok(strict("+4402079460958")));
        assert_ne!(strict("+4402079460958"), strict("+442079460958"));
    }

    #[test]
    fn combines_double_zero_with_a_region() {
        let new_york = Lenient::new().with_region(Region::US);
        let text = "0044 20 7946 0958";
        assert_ne!(new_york.parse(text).unwrap(), strict("+442079460958"));
        assert_eq!(new_york.with_double_zero().parse(text), Ok(strict("+442079460958")));
        assert_eq!(new_york.with_double_zero().parse("011 44 20 7946 0958"), Ok(strict("+442079460958")));
        assert_eq!(new_york.with_double_zero().parse("202 555 0162"), Ok(strict("+12025550162")));
    }

    #[test]
    fn accepts_double_zero_only_when_enabled() {
        let both = Lenient::new().with_double_zero();
        assert_eq!(both.parse("0044 20 7946 0958"), Ok(strict("+442079460958")));
        assert_eq!(both.parse("+44 20 7946 0958"), Ok(strict("+442079460958")));
        for text in ["0 0 44 20 7946 0958", "044 20 7946 0958", "020 7946 0958", "442079460958"] {
            assert_eq!(both.parse(text).unwrap_err().kind(), ParseErrorKind::MissingPlus, "{text}");
        }
        let error = Lenient::new().parse("0044 20 7946 0958").unwrap_err();
        assert_eq!((error.kind(), error.at()), (ParseErrorKind::MissingPlus, 0));
    }

    #[test]
    fn accepts_64_bytes_and_rejects_65() {
        let padded = |bytes: usize| alloc::format!("{:bytes$}", "+12025550162");
        assert_eq!(Lenient::new().parse(&padded(64)), Ok(strict("+12025550162")));
        let error = Lenient::new().parse(&padded(65)).unwrap_err();
        assert_eq!((error.kind(), error.at()), (ParseErrorKind::TooLong, 64));
    }

    #[test]
    fn errors_report_the_byte_in_the_text() {
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
            ("+1 ２０２ 555 0162", ParseErrorKind::NotADigit, 3),
        ] {
            let error = Lenient::new().parse(text).unwrap_err();
            assert_eq!((error.kind(), error.at()), (kind, at), "{text}");
        }
        for (region, text, kind, at) in [
            (Region::GB, "tel: ", ParseErrorKind::Empty, 5),
            (Region::GB, "020 7946 O958", ParseErrorKind::NotADigit, 9),
            (Region::GB, "020 +44 7946", ParseErrorKind::NotADigit, 4),
            (Region::GB, "0 20", ParseErrorKind::TooShort, 4),
            (Region::GB, "020 7946 0958 020 7946 0958", ParseErrorKind::TooLong, 16),
            (Region::GB, "00 999 20 7946", ParseErrorKind::UnknownCallingCode, 3),
            (Region::US, "011 44", ParseErrorKind::TooShort, 6),
            (Region::BV, "tel:22 12 34 56", ParseErrorKind::MissingPlus, 4),
        ] {
            let error = Lenient::new().with_region(region).parse(text).unwrap_err();
            assert_eq!((error.kind(), error.at()), (kind, at), "{text} in {region}");
        }
        let hostile = "+44".to_owned() + &"-1".repeat(5000);
        assert_eq!(Lenient::new().parse(&hostile).unwrap_err().kind(), ParseErrorKind::TooLong);
    }
    extern crate alloc;
    use alloc::borrow::ToOwned;
}
