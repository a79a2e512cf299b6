//! The store of the model: what an engine that keeps the contract does with one write, and engines that break it.

use core::time::Duration;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

/// Records under their keys. Revisions count up, so that none comes again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shelf {
    records: BTreeMap<RecordKey, (Arc<[u8]>, Revision)>,
    last_revision: u64,
}

/// A write that a call wants. Time stands still in the model, so a record is kept for ever, or dropped at once where the
/// call does not ask for more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Write {
    /// Where.
    pub key: RecordKey,
    /// What it replaces.
    pub expected: Revision,
    /// By what.
    pub record: Arc<[u8]>,
}

/// How an engine, or the driver over it, is broken: to see that the laws find it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Skew {
    /// It is not.
    #[default]
    None,
    /// A write is applied whatever the revision is.
    StaleWrites,
    /// A write that lost is said to be applied; as a driver that ignores the conflict.
    ConflictSaidApplied,
    /// A write is said to be applied before it is; as a driver that gives the verdict first.
    AppliedTooSoon,
    /// A lost reply is taken for a success; as a driver that does not load again.
    LostSaidApplied,
    /// A forgotten record leaves nothing behind, so that there is none once more.
    ForgetsAtOnce,
    /// A guess gives its verdict out as its charge is confirmed.
    RevealsAtTheCharge,
    /// A guess is compared first and charged afterwards.
    ChargesAfterwards,
    /// A guess does not look whether its charge is still to be seen.
    ForgetsItsCharge,
    /// A guess does not know its own writes again.
    KnowsNoWriteAgain,
    /// A guess takes a charge that the record does not tell of for one that was never made.
    ChargesOnceMore,
}

impl Write {
    /// What is to be written, which is nothing where it need not be kept.
    pub(crate) fn new(key: RecordKey, expected: Revision, record: &[u8], keep: Keep) -> Self {
        let record = if keep.ttl() == Some(Duration::ZERO) { &[] } else { record };
        Self { key, expected, record: record.into() }
    }
}

impl Shelf {
    /// What a load answers.
    #[must_use]
    pub fn load(&self, key: &RecordKey) -> Option<&(Arc<[u8]>, Revision)> {
        self.records.get(key)
    }

    /// Which revision stands under a key.
    #[must_use]
    pub fn revision(&self, key: &RecordKey) -> Revision {
        self.load(key).map_or(Revision::ABSENT, |held| held.1)
    }

    /// Applies a write if its revision still holds.
    pub fn swap(&mut self, write: &Write) -> Swap {
        if self.revision(&write.key) != write.expected {
            return Swap::Conflict;
        }
        self.put(write);
        Swap::Applied
    }

    /// Applies a write, whatever the revision is.
    pub fn put(&mut self, write: &Write) {
        if write.record.is_empty() {
            self.records.remove(&write.key);
        } else {
            self.last_revision += 1;
            let revision = Revision::from_number(self.last_revision);
            self.records.insert(write.key, (Arc::clone(&write.record), revision));
        }
    }

    /// The same, for calls that nobody interleaves: of the setup, and of those who look.
    #[must_use]
    pub fn alone(self) -> Alone {
        Alone(RefCell::new(self))
    }
}

/// A shelf that answers at once.
#[derive(Debug)]
pub struct Alone(RefCell<Shelf>);

impl Alone {
    /// What stands on it now.
    #[must_use]
    pub fn into_inner(self) -> Shelf {
        self.0.into_inner()
    }
}

impl Store for Alone {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        loaded(self.0.borrow().load(key))
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        Ok(self.0.borrow_mut().swap(&Write::new(*key, expected, record, keep)))
    }
}

pub(crate) fn loaded(held: Option<&(Arc<[u8]>, Revision)>) -> Result<Loaded, StoreError> {
    held.map_or(Ok(Loaded::ABSENT), |(record, revision)| Loaded::new(record, *revision))
}
