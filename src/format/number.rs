//! The formats of a number.

use super::Formatted;
use super::layout::{Style, find};
use crate::number::PhoneNumber;

/// Display formats (feature `format`), the same as libphonenumber's. Unallocated numbers are
/// formatted, too. If no format fits, the national number has no punctuation.
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
        Formatted::with_code(b"+", &find(self.digits()), b' ', Style::International)
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
        Formatted::national(&find(self.digits()))
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
        Formatted::with_code(b"tel:+", &find(self.digits()), b'-', Style::Rfc3966)
    }

    /// Formats the number so that its owner recognises it and others learn little: the groups of
    /// the international form, separated by spaces, in which every digit after the calling code is
    /// a bullet (U+2022), except for the last `visible`.
    ///
    /// If `visible` is at least the length of the national number, nothing is hidden. For logs, use
    /// `Debug`, which always hides at least five digits.
    ///
    /// ```
    /// let number: countersign::PhoneNumber = "+12025550162".parse()?;
    /// assert_eq!(number.masked(2).as_str(), "+1 ••• ••• ••62");
    /// assert_eq!(number.masked(0).as_str(), "+1 ••• ••• ••••");
    /// assert_eq!(number.masked(99).as_str(), "+1 202 555 0162");
    /// # Ok::<(), countersign::number::ParseError>(())
    /// ```
    #[must_use]
    pub fn masked(self, visible: usize) -> Formatted {
        Formatted::masked(&find(self.digits()), visible)
    }
}
