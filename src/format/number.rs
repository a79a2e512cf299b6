//! The formats of a number.

use super::Formatted;
use super::layout::{Found, Style, find};
use crate::number::PhoneNumber;

/// Display formats (feature `format`), the same as libphonenumber's. A number that the plan does
/// not know is formatted, too; without a format for its length, its digits are written without a
/// space.
impl PhoneNumber {
    /// Formats the number for readers anywhere, as ITU-T E.123 recommends: `+1 202-555-0162`.
    ///
    /// ```
    /// let number: countersign::PhoneNumber = "+390612345678".parse()?;
    /// assert_eq!(number.international().as_str(), "+39 06 1234 5678");
    /// # Ok::<(), countersign::number::ParseError>(())
    /// ```
    #[must_use]
    pub fn international(self) -> Formatted {
        let found = find(self.digits());
        let mut text = begin("+", &found, b' ');
        found.text(Style::International).for_each(|byte| text.push(byte));
        text
    }

    /// Formats the number for readers in its own country, with the prefix that they dial:
    /// `(202) 555-0162`, `020 7946 0958`.
    ///
    /// ```
    /// let number: countersign::PhoneNumber = "+79161234567".parse()?;
    /// assert_eq!(number.national().as_str(), "8 (916) 123-45-67");
    /// # Ok::<(), countersign::number::ParseError>(())
    /// ```
    #[must_use]
    pub fn national(self) -> Formatted {
        let mut text = Formatted::new();
        find(self.digits()).text(Style::National).for_each(|byte| text.push(byte));
        text
    }

    /// Formats the number as a `tel:` URI (RFC 3966), for links: `tel:+1-202-555-0162`.
    ///
    /// ```
    /// let number: countersign::PhoneNumber = "+12025550162".parse()?;
    /// assert_eq!(number.rfc3966().as_str(), "tel:+1-202-555-0162");
    /// # Ok::<(), countersign::number::ParseError>(())
    /// ```
    #[must_use]
    pub fn rfc3966(self) -> Formatted {
        let found = find(self.digits());
        let mut text = begin("tel:+", &found, b'-');
        found.text(Style::Rfc3966).for_each(|byte| text.push(byte));
        text
    }

    /// Formats the number so that its owner recognises it and others learn little: the
    /// international form, in which every digit after the calling code is a bullet (U+2022), except
    /// for the last `visible`.
    ///
    /// Spaces and other punctuation are kept, so that the length shows. If `visible` is at least
    /// the length of the national number, nothing is hidden. For logs, use `Debug`, which always
    /// hides at least five digits.
    ///
    /// ```
    /// let number: countersign::PhoneNumber = "+12025550162".parse()?;
    /// assert_eq!(number.masked(2).as_str(), "+1 •••-•••-••62");
    /// assert_eq!(number.masked(0).as_str(), "+1 •••-•••-••••");
    /// assert_eq!(number.masked(99), number.international());
    /// # Ok::<(), countersign::number::ParseError>(())
    /// ```
    #[must_use]
    pub fn masked(self, visible: usize) -> Formatted {
        let found = find(self.digits());
        let mut text = begin("+", &found, b' ');
        let digits = found.text(Style::International).filter(u8::is_ascii_digit).count();
        let mut hidden = digits.saturating_sub(visible);
        for byte in found.text(Style::International) {
            if byte.is_ascii_digit() && hidden > 0 {
                hidden -= 1;
                text.push_str("•");
            } else {
                text.push(byte);
            }
        }
        text
    }
}

/// Begins a text with the calling code.
#[inline]
fn begin(start: &str, found: &Found, end: u8) -> Formatted {
    let mut text = Formatted::new();
    text.push_str(start);
    found.calling_code().for_each(|digit| text.push(digit));
    text.push(end);
    text
}
