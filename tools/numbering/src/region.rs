//! libphonenumber's region codes.

use core::{fmt, str::FromStr};

/// A two-letter region code: ISO 3166-1 alpha-2, or AC, TA and XK.
///
/// The library defines which codes exist (`data/regions.csv`). This type accepts any two letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region([u8; 2]);

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        match *text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([a, b])),
            _ => Err(RegionError(text.to_owned())),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(self.0[0]), char::from(self.0[1]))
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The error of a text that is not a region code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionError(String);

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "region {:?} is not two upper-case letters, such as \"AQ\"", self.0)
    }
}

impl core::error::Error for RegionError {}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn accepts_two_upper_case_letters() {
        assert_eq!("AQ".parse::<Region>().unwrap().to_string(), "AQ");
        for text in ["", "A", "aq", "AQA", "001", "Å"] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
        assert_eq!(
            "aq".parse::<Region>().unwrap_err().to_string(),
            "region \"aq\" is not two upper-case letters, such as \"AQ\""
        );
    }
}
