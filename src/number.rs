//! Telephone numbers of ITU-T E.164.

mod lenient;
mod parse;
mod text;

use core::fmt;
use core::num::NonZeroU64;
use core::str::FromStr;

pub use lenient::Lenient;
pub use parse::{ParseError, ParseErrorKind};
pub use text::E164;

use crate::region::Region;

/// A telephone number in the international form of ITU-T E.164: an assigned calling code and 7 to 15 digits in all.
///
/// Eight bytes, `Copy`, ordered by the number its digits make. It is parsed strictly: `+`, then ASCII digits, nothing
/// else. What people type or paste is the business of [`Lenient`].
///
/// `Display` gives the number; `Debug` hides most of it, for a telephone number is personal data.
///
/// ```
/// use countersign::{PhoneNumber, Region};
///
/// let number: PhoneNumber = "+12025550162".parse()?;
/// assert_eq!(number.region(), Some(Region::US));
/// assert_eq!(number.to_string(), "+12025550162");
/// assert_eq!(format!("{number:?}"), "+1202•••••62");
///
/// let error = "+1 202 555 0162".parse::<PhoneNumber>().unwrap_err();
/// assert_eq!(error.to_string(), "not an E.164 number: byte 2 is not a digit; expected `+` and 7 to 15 ASCII digits");
/// # Ok::<(), countersign::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(NonZeroU64);

/// The digits, as one integer, stand above this many bits. No calling code begins with 0, so the integer says it all,
/// zeros that lead a national number (Italy) included; 15 digits take 50 bits.
const LABEL_BITS: u32 = 14;

impl PhoneNumber {
    /// `digits` is not 0, and `label` the tables' answer for them.
    const fn new(digits: u64, label: u8) -> Option<Self> {
        match NonZeroU64::new(digits << LABEL_BITS | label as u64) {
            Some(packed) => Some(Self(packed)),
            None => None,
        }
    }

    /// The country or territory that the number belongs to; none for the satellite and global services (+800, +808,
    /// +870, +878, +881, +882, +883, +888, +979). Source: `data/calling_codes.csv`.
    #[must_use]
    pub const fn region(self) -> Option<Region> {
        Region::from_label(self.0.get() as u8)
    }

    /// The digits after the `+`, read as one integer.
    #[must_use]
    pub const fn digits(self) -> u64 {
        self.0.get() >> LABEL_BITS
    }

    /// The number as text without an allocation.
    #[must_use]
    pub fn to_e164(self) -> E164 {
        E164::new(self.digits())
    }
}

/// The E.164 form, such as `+12025550162`.
impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.to_e164().as_str())
    }
}

/// The first four digits at most and the last two; at least five are hidden.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_e164();
        let digits = text.digits();
        let shown = digits.len().saturating_sub(7).min(4);
        let (head, rest) = digits.split_at(shown);
        let (hidden, tail) = rest.split_at(rest.len() - 2);
        write!(f, "+{head}")?;
        hidden.chars().try_for_each(|_| f.write_str("•"))?;
        f.write_str(tail)
    }
}

impl FromStr for PhoneNumber {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse::parse(text.as_bytes())
    }
}

/// The bytes need not be UTF-8.
impl TryFrom<&[u8]> for PhoneNumber {
    type Error = ParseError;

    fn try_from(text: &[u8]) -> Result<Self, ParseError> {
        parse::parse(text)
    }
}

impl TryFrom<&str> for PhoneNumber {
    type Error = ParseError;

    fn try_from(text: &str) -> Result<Self, ParseError> {
        parse::parse(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::{format, string::ToString};

    fn number(text: &str) -> PhoneNumber {
        text.parse().unwrap()
    }

    #[test]
    fn it_takes_eight_bytes_and_so_does_an_option_of_it() {
        assert_eq!(size_of::<PhoneNumber>(), 8);
        assert_eq!(size_of::<Option<PhoneNumber>>(), 8);
    }

    #[test]
    fn zeros_that_lead_a_national_number_survive() {
        assert_eq!(number("+390612345678").to_string(), "+390612345678");
        assert_eq!(number("+3906698").to_string(), "+3906698");
        assert_ne!(number("+390612345678"), number("+39612345678"));
    }

    #[test]
    fn order_is_that_of_the_digits() {
        assert!(number("+12025550162") < number("+12025550163"));
        assert!(number("+999999999999999".replace("999", "998").as_str()) > number("+12025550162"));
    }

    #[test]
    fn debug_hides_at_least_five_digits() {
        for (text, shown) in [
            ("+12025550162", "+1202•••••62"),
            ("+1202555", "+•••••55"),
            ("+12025550", "+1•••••50"),
            ("+123456789012345", "+1234•••••••••45"),
        ] {
            assert_eq!(format!("{:?}", number(text)), shown);
        }
    }

    #[test]
    fn display_honours_width() {
        assert_eq!(format!("{:>14}", number("+12025550")), "     +12025550");
    }
}
