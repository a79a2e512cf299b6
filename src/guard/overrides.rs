//! Exceptions that an operator makes for a time.

use core::fmt;
use core::str::FromStr;

use super::prefix::Prefix;
use crate::number::PhoneNumber;
use crate::region::Region;
use crate::time::Timestamp;

/// How strangers of a prefix or a region are treated until a time. The caps of each number, host
/// keys and caps on spend still apply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Override {
    covered: Covered,
    pub(super) treatment: Treatment,
    pub(super) until: Timestamp,
}

/// The numbers that an override covers. As text, `+4477` or `GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Covered {
    Prefix(Prefix),
    Region(Region),
}

impl fmt::Display for Covered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix(prefix) => prefix.fmt(f),
            Self::Region(region) => f.write_str(region.as_str()),
        }
    }
}

impl FromStr for Covered {
    type Err = CoveredError;

    fn from_str(text: &str) -> Result<Self, CoveredError> {
        let prefix = text.parse().map(Self::Prefix);
        prefix.or_else(|_| text.parse().map(Self::Region)).map_err(|_| CoveredError)
    }
}

/// The text is neither a prefix nor a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CoveredError;

impl fmt::Display for CoveredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("scope: expected a prefix such as +4477, or a country such as GB")
    }
}

/// How the strangers that an override covers are treated.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Treatment {
    /// Skips the tallies of blocks, region and purse.
    Allow,
    /// Refuses them, even if they are vouched for.
    Refuse,
    /// Multiplies the bases of blocks, the stake and the vouched base by this factor.
    Scale(f64),
}

impl Override {
    /// An override for the numbers that begin with these digits.
    #[must_use]
    pub const fn prefix(prefix: Prefix, treatment: Treatment, until: Timestamp) -> Self {
        Self { covered: Covered::Prefix(prefix), treatment, until }
    }

    /// An override for the numbers of a region.
    #[must_use]
    pub const fn region(region: Region, treatment: Treatment, until: Timestamp) -> Self {
        Self { covered: Covered::Region(region), treatment, until }
    }

    /// Returns how the covered strangers are treated.
    #[must_use]
    pub const fn treatment(&self) -> Treatment {
        self.treatment
    }

    /// Returns when the override ends.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    pub(super) fn is_for(&self, number: PhoneNumber, region: Option<Region>) -> bool {
        match self.covered {
            Covered::Prefix(prefix) => prefix.covers(number),
            Covered::Region(own) => region == Some(own),
        }
    }

    /// Returns the numbers that it covers.
    pub(crate) const fn covered(&self) -> &Covered {
        &self.covered
    }

    /// Returns the override's precedence. The highest one wins.
    pub(super) const fn rank(&self) -> u32 {
        match self.covered {
            Covered::Prefix(prefix) => prefix.len(),
            Covered::Region(_) => 0,
        }
    }
}
