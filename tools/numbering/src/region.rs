//! Region codes as libphonenumber has them.

use core::{fmt, str::FromStr};

/// A two-letter region code: ISO 3166-1 alpha-2, and AC, TA and XK.
///
/// Which codes exist is the library's business (`data/regions.csv`); here they only pass through.
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

/// A text that is no region code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionError(String);

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "region {:?} is not a code of two capital letters, such as \"AQ\"", self.0)
    }
}

impl core::error::Error for RegionError {}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn takes_two_capital_letters() {
        assert_eq!("AQ".parse::<Region>().unwrap().to_string(), "AQ");
        for text in ["", "A", "aq", "AQA", "001", "Å"] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
        assert_eq!(
            "aq".parse::<Region>().unwrap_err().to_string(),
            "region \"aq\" is not a code of two capital letters, such as \"AQ\""
        );
    }
}
