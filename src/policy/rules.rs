//! The rules of one channel, with the answers computed from them.

use core::fmt;

use super::answers::Answers;
use super::kinds::Kinds;
use crate::region::RegionSet;

/// The rules of one channel. Every change recomputes the answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    unsupported: RegionSet,
    allowed: RegionSet,
    denied: RegionSet,
    kinds: Kinds,
    answers: Answers,
}

impl Rules {
    pub(super) const fn new(unsupported: RegionSet, allowed: RegionSet, kinds: Kinds) -> Self {
        let denied = RegionSet::EMPTY;
        let answers = Answers::new(unsupported, denied, allowed, kinds);
        Self { unsupported, allowed, denied, kinds, answers }
    }

    #[inline]
    pub(super) const fn answers(&self) -> &Answers {
        &self.answers
    }

    pub(super) const fn allowed(&self) -> RegionSet {
        self.allowed
    }

    pub(super) const fn denied(&self) -> RegionSet {
        self.denied
    }

    pub(super) const fn kinds(&self) -> Kinds {
        self.kinds
    }

    pub(super) const fn set_allowed(&mut self, regions: RegionSet) {
        self.allowed = regions;
        self.recompute();
    }

    pub(super) const fn set_denied(&mut self, regions: RegionSet) {
        self.denied = regions;
        self.recompute();
    }

    pub(super) const fn switch(&mut self, number: u16, allow: bool) {
        self.kinds = self.kinds.switched(number, allow);
        self.recompute();
    }

    const fn recompute(&mut self) {
        self.answers = Answers::new(self.unsupported, self.denied, self.allowed, self.kinds);
    }
}

/// Omits the answers, which follow from the other fields.
impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unsupported: _, allowed, denied, kinds, answers: _ } = self;
        f.debug_struct("Rules")
            .field("allowed", allowed)
            .field("denied", denied)
            .field("kinds", kinds)
            .finish_non_exhaustive()
    }
}
