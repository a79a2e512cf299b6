//! The rules that can refuse a send.

use core::fmt;

use crate::policy::Reason;
use crate::refusal::Refusal;

/// A rule that refuses a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The policy.
    Policy(Reason),
    /// A limit of the recipient's record.
    Limit(Refusal),
    /// The cap of 5 unanswered sends (decayed) to a number.
    NumberUnanswered,
    /// The cap of 10 sends to a number in 24 hours.
    NumberSends,
    /// An override that refuses strangers of a prefix or region.
    Override,
    /// Unanswered sends in a block of 100 numbers.
    Block100,
    /// Unanswered sends in a block of 1,000 numbers.
    Block1000,
    /// Unanswered sends in a block of 10,000 numbers.
    Block10000,
    /// Unanswered sends in a block of 1,000,000 numbers.
    Block1000000,
    /// All sends in a block of 100 numbers.
    Pace100,
    /// All sends in a block of 1,000 numbers.
    Pace1000,
    /// All sends in a block of 10,000 numbers.
    Pace10000,
    /// Spend on unanswered sends in a region.
    Region,
    /// Spend on unanswered sends in all regions that have not earned their traffic.
    Purse,
    /// Spend on unanswered sends to vouched strangers of a region.
    Vouched,
    /// Unanswered sends from an IP network.
    Ip,
    /// Unanswered sends of an account.
    Account,
    /// Unanswered sends of another host key.
    Key,
    /// The cap on spend in a region.
    SpendRegion,
    /// The cap on spend by a tenant.
    SpendTenant,
    /// The cap on spend in all.
    SpendAll,
}

impl Rule {
    /// Returns the rule in snake case, without the part that decides it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Policy(reason) => reason.as_str(),
            Self::Limit(refusal) => refusal.as_str(),
            Self::NumberUnanswered => "number_unanswered",
            Self::NumberSends => "number_sends",
            Self::Override => "override",
            Self::Block100 => "block_100",
            Self::Block1000 => "block_1000",
            Self::Block10000 => "block_10000",
            Self::Block1000000 => "block_1000000",
            Self::Pace100 => "pace_100",
            Self::Pace1000 => "pace_1000",
            Self::Pace10000 => "pace_10000",
            Self::Region => "region",
            Self::Purse => "purse",
            Self::Vouched => "vouched",
            Self::Ip => "ip",
            Self::Account => "account",
            Self::Key => "key",
            Self::SpendRegion => "spend_region",
            Self::SpendTenant => "spend_tenant",
            Self::SpendAll => "spend_all",
        }
    }

    /// Returns the rule's stable number: that of the policy's reason or of the refusal, or one from
    /// 500 on. A number never changes its meaning.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Policy(reason) => reason.number(),
            Self::Limit(refusal) => refusal.number(),
            Self::NumberUnanswered => 501,
            Self::NumberSends => 502,
            Self::Override => 503,
            Self::Block100 => 504,
            Self::Block1000 => 505,
            Self::Block10000 => 506,
            Self::Block1000000 => 507,
            Self::Pace100 => 508,
            Self::Pace1000 => 509,
            Self::Pace10000 => 510,
            Self::Region => 511,
            Self::Purse => 512,
            Self::Vouched => 513,
            Self::Ip => 514,
            Self::Account => 515,
            Self::Key => 516,
            Self::SpendRegion => 517,
            Self::SpendTenant => 518,
            Self::SpendAll => 519,
        }
    }

    /// Returns the part that decides the rule: `policy`, `limit` or `guard`.
    #[must_use]
    pub const fn part(self) -> &'static str {
        match self {
            Self::Policy(_) => "policy",
            Self::Limit(_) => "limit",
            _ => "guard",
        }
    }

    /// Returns whether vouching lifts the rule: rules of blocks of 10,000 numbers and of larger
    /// tallies.
    #[must_use]
    pub const fn may_vouch(self) -> bool {
        matches!(self, Self::Block10000 | Self::Block1000000 | Self::Pace10000 | Self::Region | Self::Purse)
    }
}

/// Writes the part and the rule, such as `guard:block_10000`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.part(), self.as_str())
    }
}
