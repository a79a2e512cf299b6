//! What an add does to an entry.

use super::{EntryKind, NumberChange, TallyKey};

/// A change of one entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    key: TallyKey,
    effect: Effect,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// Adds to the sums of a tally. Negative numbers take back.
    Sums {
        /// To what was sent and not answered.
        unanswered: f64,
        /// To what was answered.
        answered: f64,
    },
    /// Changes the memory of a recipient.
    Number(NumberChange),
}

impl Effect {
    /// The kind of entry that is changed.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Sums { .. } => EntryKind::Sums,
            Self::Number(_) => EntryKind::Number,
        }
    }
}

impl Change {
    /// An effect on the entry under a key; the key is made one of its kind.
    #[must_use]
    pub const fn new(key: TallyKey, effect: Effect) -> Self {
        Self { key: TallyKey::new(effect.kind(), *key.as_bytes()), effect }
    }

    /// Adds to the sums of a tally.
    #[must_use]
    pub const fn sums(key: TallyKey, unanswered: f64, answered: f64) -> Self {
        Self::new(key, Effect::Sums { unanswered, answered })
    }

    /// Clears what was not answered, and keeps what was.
    #[must_use]
    pub const fn forgive(key: TallyKey) -> Self {
        Self::sums(key, f64::MIN, 0.0)
    }

    /// Changes the memory of a recipient.
    #[must_use]
    pub const fn number(key: TallyKey, change: NumberChange) -> Self {
        Self::new(key, Effect::Number(change))
    }

    /// The key of the entry.
    #[must_use]
    pub const fn key(&self) -> TallyKey {
        self.key
    }

    /// What it does.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }
}
