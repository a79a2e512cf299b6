//! Telephone numbers of ITU-T E.164.

mod kind;
mod lenient;
mod national;
mod parse;
pub(crate) mod plan;
mod text;
mod typed;

use core::fmt;
use core::num::NonZeroU64;
use core::str::FromStr;

pub use kind::{Allocation, Kind};
pub use lenient::Lenient;
pub use parse::{ParseError, ParseErrorKind};
pub use text::E164;

pub use crate::tables::METADATA_VERSION;

use crate::region::Region;
use plan::Label;

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
/// # Ok::<(), countersign::number::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(NonZeroU64);

impl PhoneNumber {
    /// `digits` is not 0, and `label` the plan's answer for them. The digits, as one integer, stand above the label. No calling code begins with 0, so
    /// the integer says it all, zeros that lead a national number (Italy) included; 15 digits take 50 bits.
    const fn new(digits: u64, label: Label) -> Option<Self> {
        match NonZeroU64::new(digits << Label::BITS | label.bits() as u64) {
            Some(packed) => Some(Self(packed)),
            None => None,
        }
    }

    pub(crate) const fn label(self) -> Label {
        Label::from_bits(self.0.get() as u16)
    }

    /// The country or territory that the number belongs to; none for the satellite and global services (+800, +808,
    /// +870, +878, +881, +882, +883, +888, +979). A number that is unallocated or impossible belongs to the region of all
    /// ranges around it or, where these have several, to the main region of its calling code. Source:
    /// `data/numbering_plan.csv`.
    #[inline]
    #[must_use]
    pub const fn region(self) -> Option<Region> {
        self.label().region()
    }

    /// Whether the numbering plan knows the number, and its kind if it does. Source: `data/numbering_plan.csv`.
    ///
    /// ```
    /// use countersign::{Kind, PhoneNumber};
    /// use countersign::number::Allocation;
    ///
    /// let allocation = |number: &str| number.parse().map(PhoneNumber::allocation);
    /// assert_eq!(allocation("+447400123456")?, Allocation::Assigned(Kind::Mobile));
    /// assert_eq!(allocation("+11025550162")?, Allocation::Unallocated);       // area codes begin with 2 to 9
    /// assert_eq!(allocation("+120255501")?, Allocation::Impossible);          // too short for North America
    /// # Ok::<(), countersign::number::ParseError>(())
    /// ```
    #[inline]
    #[must_use]
    pub const fn allocation(self) -> Allocation {
        self.label().allocation()
    }

    /// The kind of the number, if the plan knows it.
    #[inline]
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        match self.allocation() {
            Allocation::Assigned(kind) => Some(kind),
            Allocation::Unallocated | Allocation::Impossible => None,
        }
    }

    /// The calling code, such as 1 or 44.
    #[must_use]
    pub fn calling_code(self) -> u16 {
        let text = self.to_e164();
        let digits = text.digits().bytes().map(|byte| u16::from(byte & 0x0F));
        plan::calling_code(digits).unwrap_or(0)
    }

    /// The digits after the `+`, read as one integer.
    #[must_use]
    pub const fn digits(self) -> u64 {
        self.0.get() >> Label::BITS
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

    #[inline]
    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse::parse(text.as_bytes())
    }
}

/// The bytes need not be UTF-8.
impl TryFrom<&[u8]> for PhoneNumber {
    type Error = ParseError;

    #[inline]
    fn try_from(text: &[u8]) -> Result<Self, ParseError> {
        parse::parse(text)
    }
}

impl TryFrom<&str> for PhoneNumber {
    type Error = ParseError;

    #[inline]
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
    fn calling_codes() {
        for (text, code) in
            [("+12025550162", 1), ("+442079460958", 44), ("+85291234567", 852), ("+79161234567", 7)]
        {
            assert_eq!(number(text).calling_code(), code);
        }
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
