//! The kinds of tallies.

use crate::store::EntryKind;

/// A kind of tally, or of recipient memory, by what its key covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Number,
    Address,
    Block100,
    Block1k,
    Block10k,
    Block1M,
    Region,
    Purse,
    Vouched,
    /// A host key, by its position in the challenge.
    Host(u8),
    SpendRegion,
    SpendTenant,
    SpendAll,
}

impl Level {
    pub(super) const BLOCKS: [Self; 4] = [Self::Block100, Self::Block1k, Self::Block10k, Self::Block1M];

    /// Returns the number of the level in keys. It never changes.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Number => 1,
            Self::Block100 => 2,
            Self::Block1k => 3,
            Self::Block10k => 4,
            Self::Block1M => 6,
            Self::Address => 15,
            Self::Region => 16,
            Self::Purse => 17,
            Self::Vouched => 18,
            Self::Host(_) => 19,
            Self::SpendRegion => 32,
            Self::SpendTenant => 33,
            Self::SpendAll => 34,
        }
    }

    pub(super) const fn kind(self) -> EntryKind {
        match self {
            Self::Number | Self::Address => EntryKind::Number,
            _ => EntryKind::Sums,
        }
    }

    /// Returns how many last digits of a number are not part of a block's prefix.
    pub(super) const fn hidden(self) -> Option<u32> {
        match self {
            Self::Block100 => Some(2),
            Self::Block1k => Some(3),
            Self::Block10k => Some(4),
            Self::Block1M => Some(6),
            _ => None,
        }
    }

    /// Returns the level of blocks whose numbers share all but this many last digits.
    pub(super) fn of_hidden(hidden: u32) -> Option<Self> {
        Self::BLOCKS.into_iter().find(|level| level.hidden() == Some(hidden))
    }

    /// Returns whether the tally counts money rather than sends.
    pub(super) const fn is_money(self) -> bool {
        matches!(
            self,
            Self::Region
                | Self::Purse
                | Self::Vouched
                | Self::SpendRegion
                | Self::SpendTenant
                | Self::SpendAll
        )
    }
}
