//! E.164 phone numbers.

mod block;
mod digits;
mod kind;
mod lenient;
mod national;
mod parse;
pub(crate) mod plan;
pub(crate) mod program;
mod text;
mod typed;

use core::fmt;
use core::num::NonZeroU64;
use core::str::FromStr;

pub use kind::{Allocation, Kind};
pub use lenient::Lenient;
pub use parse::{ParseError, ParseErrorKind};
pub use text::E164;

pub use crate::tables::{METADATA_DATE, METADATA_VERSION};
pub(crate) use block::{BLOCK, Block};
#[cfg(feature = "format")]
pub(crate) use digits::digits;

use crate::region::Region;
use plan::Label;

/// An E.164 phone number (ITU-T): an assigned calling code and 7 to 15 digits in all.
///
/// Takes eight bytes, is `Copy`, and is ordered by the integer that its digits form. Parsing is
/// strict: `+` followed by ASCII digits and nothing else. To read what people type or paste, use
/// [`Lenient`].
///
/// `Display` writes the number. `Debug` hides most of it, because a phone number is personal data.
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
/// assert_eq!(
///     error.to_string(),
///     "not an E.164 number: byte 2 is not a digit; expected `+` and 7 to 15 ASCII digits"
/// );
/// # Ok::<(), countersign::number::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(NonZeroU64);

impl PhoneNumber {
    /// Packs the digits, as one integer, above the label that the plan assigns to them. Returns
    /// `None` if both are 0. No calling code begins with 0, so the integer identifies the number
    /// even where its national number has leading zeros (Italy). 15 digits take 50 bits.
    const fn new(digits: u64, label: Label) -> Option<Self> {
        match NonZeroU64::new(digits << Label::BITS | label.bits() as u64) {
            Some(packed) => Some(Self(packed)),
            None => None,
        }
    }

    pub(crate) const fn label(self) -> Label {
        Label::from_bits(self.0.get() as u16)
    }

    /// Returns the country or territory of the number, or `None` for the satellite and global
    /// services (+800, +808, +870, +878, +881, +882, +883, +888, +979).
    ///
    /// An unallocated or impossible number belongs to the region of all ranges around it. If those
    /// ranges have several regions, it belongs to the main region of its calling code. Source:
    /// `data/numbering_plan.csv`.
    #[inline]
    #[must_use]
    pub const fn region(self) -> Option<Region> {
        self.label().region()
    }

    /// Returns whether the numbering plan knows the number, with its kind if so. Source:
    /// `data/numbering_plan.csv`.
    ///
    /// ```
    /// use countersign::{Kind, PhoneNumber};
    /// use countersign::number::Allocation;
    ///
    /// let allocation = |number: &str| number.parse().map(PhoneNumber::allocation);
    /// assert_eq!(allocation("+447400123456")?, Allocation::Assigned(Kind::Mobile));
    /// // Area codes begin with 2 to 9.
    /// assert_eq!(allocation("+11025550162")?, Allocation::Unallocated);
    /// // Too short for North America.
    /// assert_eq!(allocation("+120255501")?, Allocation::Impossible);
    /// # Ok::<(), countersign::number::ParseError>(())
    /// ```
    #[inline]
    #[must_use]
    pub const fn allocation(self) -> Allocation {
        self.label().allocation()
    }

    /// Returns the kind of the number, or `None` if it is not assigned.
    #[inline]
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        match self.allocation() {
            Allocation::Assigned(kind) => Some(kind),
            Allocation::Unallocated | Allocation::Impossible => None,
        }
    }

    /// Returns the calling code, such as 1 or 44.
    #[must_use]
    pub fn calling_code(self) -> u16 {
        let text = self.to_e164();
        let digits = text.digits().bytes().map(|byte| u16::from(byte & 0x0F));
        plan::calling_code(digits).unwrap_or(0)
    }

    /// Returns the digits after the `+` as one integer.
    #[must_use]
    pub const fn digits(self) -> u64 {
        self.0.get() >> Label::BITS
    }

    /// Returns the number as text, without allocating.
    #[must_use]
    pub fn to_e164(self) -> E164 {
        E164::new(self.digits())
    }
}

/// Writes the E.164 form, such as `+12025550162`.
impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.to_e164().as_str())
    }
}

/// Shows at most the first four digits and the last two. At least five digits are hidden.
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

/// Parses bytes, which need not be UTF-8.
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
    fn number_and_optional_number_take_eight_bytes() {
        assert_eq!(size_of::<PhoneNumber>(), 8);
        assert_eq!(size_of::<Option<PhoneNumber>>(), 8);
    }

    #[test]
    fn returns_the_calling_code() {
        for (text, code) in
            [("+12025550162", 1), ("+442079460958", 44), ("+85291234567", 852), ("+79161234567", 7)]
        {
            assert_eq!(number(text).calling_code(), code);
        }
    }

    #[test]
    fn keeps_leading_zeros_of_national_numbers() {
        assert_eq!(number("+390612345678").to_string(), "+390612345678");
        assert_eq!(number("+3906698").to_string(), "+3906698");
        assert_ne!(number("+390612345678"), number("+39612345678"));
    }

    #[test]
    fn orders_by_digits() {
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
