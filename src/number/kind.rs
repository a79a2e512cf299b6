//! Kinds of phone numbers.

use core::fmt;

/// The kind of a phone number, as libphonenumber classifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Kind {
    /// A fixed line.
    FixedLine = 1,
    /// A mobile phone.
    Mobile = 2,
    /// A fixed line or a mobile phone: the plan does not distinguish them (all of North America).
    FixedLineOrMobile = 3,
    /// Free for the caller.
    TollFree = 4,
    /// Expensive to call; a common fraud target.
    PremiumRate = 5,
    /// Caller and callee share the cost.
    SharedCost = 6,
    /// Voice over IP.
    Voip = 7,
    /// A personal number, routed to whichever phone its owner chooses.
    PersonalNumber = 8,
    /// A pager.
    Pager = 9,
    /// A company's universal access number (UAN).
    Uan = 10,
    /// Access to a voice mailbox.
    Voicemail = 11,
}

impl Kind {
    /// All kinds.
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

    /// Returns the name in snake case, such as `fixed_line_or_mobile`.
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

    /// The kind's position in `build/tables/plan/rows.rs`, counted from 1.
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
    /// The number is in an assigned range of this kind.
    Assigned(Kind),
    /// The length is valid for the calling code, but the range is not assigned, or not yet. A plan
    /// that is a year old misses a few percent of the numbers in use.
    Unallocated,
    /// No range of the calling code has numbers of this length.
    Impossible,
}

impl Allocation {
    /// Returns the kind's name, `unallocated` or `impossible`.
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
    fn kinds_round_trip_through_their_numbers() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number()), Some(kind));
        }
        assert_eq!(Kind::from_number(0), None);
        assert_eq!(Kind::from_number(12), None);
    }

    #[test]
    fn allocation_displays_its_kind_or_status() {
        for (allocation, name) in [
            (Allocation::Assigned(Kind::TollFree), "toll_free"),
            (Allocation::Unallocated, "unallocated"),
            (Allocation::Impossible, "impossible"),
        ] {
            assert_eq!((allocation.as_str(), allocation.to_string().as_str()), (name, name));
        }
    }
}
