//! What an operator decides by hand, for a time.

use super::scope::Prefix;
use crate::number::PhoneNumber;
use crate::region::Region;
use crate::time::Timestamp;

/// How strangers of a prefix or a region are treated until a time. Number caps, host keys and caps
/// on spend hold nevertheless.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Override {
    pub(super) whom: Whom,
    pub(super) treatment: Treatment,
    pub(super) until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    Prefix(Prefix),
    Region(Region),
}

/// How the strangers that an override covers are treated.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Treatment {
    /// Blocks, region and purse are not asked.
    Allow,
    /// They are refused, and can't be vouched for.
    Refuse,
    /// Bases of blocks, stake and vouched base are multiplied by this factor.
    Scale(f64),
}

impl Override {
    /// For the numbers that begin with these digits.
    #[must_use]
    pub const fn prefix(prefix: Prefix, treatment: Treatment, until: Timestamp) -> Self {
        Self { whom: Whom::Prefix(prefix), treatment, until }
    }

    /// For the numbers of a region.
    #[must_use]
    pub const fn region(region: Region, treatment: Treatment, until: Timestamp) -> Self {
        Self { whom: Whom::Region(region), treatment, until }
    }

    /// How those that it covers are treated.
    #[must_use]
    pub const fn treatment(&self) -> Treatment {
        self.treatment
    }

    /// When it ends.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    pub(super) fn is_for(&self, number: PhoneNumber, region: Option<Region>) -> bool {
        match self.whom {
            Whom::Prefix(prefix) => prefix.covers(number),
            Whom::Region(own) => region == Some(own),
        }
    }

    /// The larger wins.
    pub(super) const fn rank(&self) -> u32 {
        match self.whom {
            Whom::Prefix(prefix) => prefix.len(),
            Whom::Region(_) => 0,
        }
    }
}
