//! What kind of number it is.

use core::fmt;

/// The kinds of telephone numbers, as libphonenumber has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Kind {
    /// A fixed line.
    FixedLine = 1,
    /// A mobile telephone.
    Mobile = 2,
    /// Either: the plan does not tell (all of North America).
    FixedLineOrMobile = 3,
    /// Free for the caller.
    TollFree = 4,
    /// Dear for the caller, and a prize for fraud.
    PremiumRate = 5,
    /// The caller pays a share.
    SharedCost = 6,
    /// Voice over IP.
    Voip = 7,
    /// Follows its owner to any telephone.
    PersonalNumber = 8,
    /// A pager.
    Pager = 9,
    /// A company's universal access number.
    Uan = 10,
    /// A mailbox.
    Voicemail = 11,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::FixedLine,
        Self::Mobile,
        Self::FixedLineOrMobile,
        Self::TollFree,
        Self::PremiumRate,
        Self::SharedCost,
        Self::Voip,
        Self::PersonalNumber,
        Self::Pager,
        Self::Uan,
        Self::Voicemail,
    ];

    /// The name in snake case, such as `fixed_line_or_mobile`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FixedLine => "fixed_line",
            Self::Mobile => "mobile",
            Self::FixedLineOrMobile => "fixed_line_or_mobile",
            Self::TollFree => "toll_free",
            Self::PremiumRate => "premium_rate",
            Self::SharedCost => "shared_cost",
            Self::Voip => "voip",
            Self::PersonalNumber => "personal_number",
            Self::Pager => "pager",
            Self::Uan => "uan",
            Self::Voicemail => "voicemail",
        }
    }

    /// The place in `build/tables/plan/rows.rs`, from 1.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1..=11 => Some(Self::ALL[(number - 1) as usize]),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether the numbering plan knows a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Allocation {
    /// It is in an assigned range, of this kind.
    Assigned(Kind),
    /// Its length is one that numbers of its calling code have, but its range is not assigned, or not yet: a plan that is a
    /// year old misses some percent of the numbers that are in use.
    Unallocated,
    /// No range of its calling code has numbers of this length.
    Impossible,
}

impl Allocation {
    /// The kind's name, `unallocated` or `impossible`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned(kind) => kind.as_str(),
            Self::Unallocated => "unallocated",
            Self::Impossible => "impossible",
        }
    }
}

impl fmt::Display for Allocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn kinds_come_back_from_their_numbers() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number()), Some(kind));
        }
        assert_eq!(Kind::from_number(0), None);
        assert_eq!(Kind::from_number(12), None);
    }

    #[test]
    fn an_allocation_is_called_by_its_kind_or_by_why_it_has_none() {
        for (allocation, name) in [
            (Allocation::Assigned(Kind::TollFree), "toll_free"),
            (Allocation::Unallocated, "unallocated"),
            (Allocation::Impossible, "impossible"),
        ] {
            assert_eq!((allocation.as_str(), allocation.to_string().as_str()), (name, name));
        }
    }
}
