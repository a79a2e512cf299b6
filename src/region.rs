//! Countries and territories by ISO 3166-1 alpha-2 code.

mod set;

use core::fmt;
use core::num::NonZeroU8;
use core::str::FromStr;

pub use set::{RegionSet, Regions};

use crate::tables::{REGION_CODES, REGION_NAMES};

/// A country or territory: one of ISO 3166-1, or one of three others with phone numbers of their
/// own: XK (Kosovo), AC (Ascension Island) and TA (Tristan da Cunha). Source: `data/regions.csv`.
///
/// Every region has an associated constant. Regions are ordered by code.
///
/// ```
/// use countersign::Region;
///
/// assert_eq!("bs".parse(), Ok(Region::BS));
/// assert_eq!(Region::BS.as_str(), "BS");
/// assert_eq!(Region::BS.name(), "Bahamas");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(NonZeroU8);

impl Region {
    /// The number of regions.
    pub const COUNT: usize = REGION_CODES.len();

    /// Returns the region at a position of the sorted table.
    pub(crate) const fn at(index: u8) -> Self {
        Self(NonZeroU8::MIN.saturating_add(index))
    }

    /// Returns the region of a label in a table or a number, or `None` for the labels 0 and
    /// `NO_COUNTRY`.
    pub(crate) const fn from_label(label: u8) -> Option<Self> {
        match NonZeroU8::new(label) {
            Some(number) if (label as usize) <= Self::COUNT => Some(Self(number)),
            _ => None,
        }
    }

    /// Returns the label of this region, which is never 0.
    pub(crate) const fn label(self) -> u8 {
        self.0.get()
    }

    pub(crate) const fn index(self) -> usize {
        (self.0.get() - 1) as usize
    }

    /// Returns the two-letter code in upper case.
    #[inline]
    #[must_use]
    pub fn as_str(self) -> &'static str {
        TEXTS[self.index()]
    }

    /// Returns the English name.
    #[must_use]
    pub fn name(self) -> &'static str {
        REGION_NAMES[self.index()]
    }

    /// Returns an iterator over all regions, ordered by code.
    #[must_use]
    pub fn all() -> Regions {
        RegionSet::ALL.iter()
    }
}

/// The codes as text, in the order of the table. They are validated as UTF-8 here, when the crate
/// is compiled, so that a call is a load: validating two letters costs as much as parsing a number.
static TEXTS: [&str; Region::COUNT] = {
    let mut texts = [""; Region::COUNT];
    let mut index = 0;
    while index < texts.len() {
        if let Ok(text) = core::str::from_utf8(&REGION_CODES[index]) {
            texts[index] = text;
        }
        index += 1;
    }
    texts
};

/// Writes the two-letter code.
impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Parses two ASCII letters of either case.
impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(code: &str) -> Result<Self, UnknownRegion> {
        let [a, b] = *code.as_bytes() else { return Err(UnknownRegion { letters: None }) };
        let letters = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
        let index = REGION_CODES.binary_search(&letters).ok().and_then(|index| u8::try_from(index).ok());
        index
            .map(Self::at)
            .ok_or(UnknownRegion { letters: letters.iter().all(u8::is_ascii_uppercase).then_some(letters) })
    }
}

/// The error of parsing a code that names no country or territory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRegion {
    /// The code, if it was two letters. Errors repeat nothing longer.
    letters: Option<[u8; 2]>,
}

impl fmt::Display for UnknownRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.letters.as_ref().and_then(|letters| core::str::from_utf8(letters).ok()) {
            Some(letters) => write!(f, "{letters} is not an ISO 3166-1 alpha-2 code (nor XK, AC, TA)"),
            None => f.write_str("not a country code: expected two letters of ISO 3166-1 alpha-2, such as US"),
        }
    }
}

impl core::error::Error for UnknownRegion {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn parses_codes_of_either_case() {
        assert_eq!(Region::all().count(), Region::COUNT);
        for region in Region::all() {
            assert_eq!(region.as_str().parse(), Ok(region));
            assert_eq!(region.as_str().to_ascii_lowercase().parse(), Ok(region));
            assert!(!region.name().is_empty());
        }
    }

    #[test]
    fn displays_the_code_and_has_an_english_name() {
        assert_eq!((Region::BS.to_string(), alloc::format!("{:?}", Region::BS)), ("BS".into(), "BS".into()));
        assert_eq!((Region::BS.name(), Region::ZW.name()), ("Bahamas", "Zimbabwe"));
    }

    #[test]
    fn errors_repeat_unknown_codes_of_two_letters_only() {
        let message = |code: &str| code.parse::<Region>().unwrap_err().to_string();
        assert_eq!(message("zz"), "ZZ is not an ISO 3166-1 alpha-2 code (nor XK, AC, TA)");
        for code in ["", "U", "USA", "1\n", "é"] {
            assert_eq!(
                message(code),
                "not a country code: expected two letters of ISO 3166-1 alpha-2, such as US"
            );
        }
    }

    #[test]
    fn labels_outside_the_table_are_no_region() {
        assert_eq!(Region::from_label(0), None);
        assert_eq!(Region::from_label(0xFF), None);
        assert_eq!(Region::from_label(1), Some(Region::AC));
        assert_eq!(Region::from_label(Region::COUNT as u8), Some(Region::ZW));
        assert_eq!(Region::from_label(Region::COUNT as u8 + 1), None);
    }
}
