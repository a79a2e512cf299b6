//! Changes of entries.

use super::{EntryKind, NumberChange, TallyKey};

/// A change of one entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    key: TallyKey,
    effect: Effect,
}

/// The effect of a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// Adds to the sums of a tally. Negative numbers subtract.
    Sums {
        /// Added to the unanswered sum.
        unanswered: f64,
        /// Added to the answered sum.
        answered: f64,
    },
    /// Changes the memory of a recipient.
    Number(NumberChange),
}

impl Effect {
    /// Returns the kind of entry that is changed.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Sums { .. } => EntryKind::Sums,
            Self::Number(_) => EntryKind::Number,
        }
    }
}

impl Change {
    /// Creates a change of the entry under a key. The key's kind is set to that of the effect.
    #[must_use]
    pub const fn new(key: TallyKey, effect: Effect) -> Self {
        Self { key: TallyKey::new(effect.kind(), *key.as_bytes()), effect }
    }

    /// Returns a change that adds to the sums of a tally.
    #[must_use]
    pub const fn sums(key: TallyKey, unanswered: f64, answered: f64) -> Self {
        Self::new(key, Effect::Sums { unanswered, answered })
    }

    /// Returns a change that clears the unanswered sum.
    #[must_use]
    pub const fn forgive(key: TallyKey) -> Self {
        Self::sums(key, f64::MIN, 0.0)
    }

    /// Changes the memory of a recipient.
    #[must_use]
    pub const fn number(key: TallyKey, change: NumberChange) -> Self {
        Self::new(key, Effect::Number(change))
    }

    /// Returns the key of the entry.
    #[must_use]
    pub const fn key(&self) -> TallyKey {
        self.key
    }

    /// Returns the effect.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }
}
