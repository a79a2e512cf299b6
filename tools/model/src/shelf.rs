//! The store of the model: an engine that keeps the contract, and engines that break it.

use core::time::Duration;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

/// Records by key. Revisions count up, so that none is reused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shelf {
    records: BTreeMap<RecordKey, (Arc<[u8]>, Revision)>,
    last_revision: u64,
}

/// A requested write. Time is fixed in the model, so a record is kept for ever, or dropped at once
/// if it need not be kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Write {
    /// The key of the record.
    pub key: RecordKey,
    /// The revision that it replaces.
    pub expected: Revision,
    /// The new record.
    pub record: Arc<[u8]>,
}

/// A defect of the engine or of the driver, to show that the laws detect it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Defect {
    /// No defect.
    #[default]
    None,
    /// A write is applied whatever the revision is.
    StaleWrites,
    /// A conflicting write is reported as applied, as by a driver that ignores conflicts.
    ConflictSaidApplied,
    /// A write is reported as applied before it is, as by a driver that reveals the verdict first.
    AppliedTooSoon,
    /// A lost reply is treated as success, as by a driver that does not load again.
    LostSaidApplied,
    /// A forgotten record leaves no marker, so that the key is absent again.
    ForgetsAtOnce,
    /// The write that settles a charge is reported as applied, but is not.
    NeverSettles,
    /// A guess reveals its verdict when its charge is confirmed.
    RevealsAtTheCharge,
    /// A guess is compared first and charged afterwards.
    ChargesAfterwards,
    /// A guess does not check whether the record still names its charge.
    ForgetsItsCharge,
    /// A guess does not recognise its own writes.
    DoesNotRecogniseWrites,
    /// A guess treats a charge that the record no longer names as never made.
    ChargesOnceMore,
}

impl Write {
    /// Creates a write, with an empty record if it need not be kept.
    pub(crate) fn new(key: RecordKey, expected: Revision, record: &[u8], keep: Keep) -> Self {
        let record = if keep.ttl() == Some(Duration::ZERO) { &[] } else { record };
        Self { key, expected, record: record.into() }
    }
}

impl Shelf {
    /// Returns the value of a key.
    #[must_use]
    pub fn load(&self, key: &RecordKey) -> Option<&(Arc<[u8]>, Revision)> {
        self.records.get(key)
    }

    /// Returns the revision of a key.
    #[must_use]
    pub fn revision(&self, key: &RecordKey) -> Revision {
        self.load(key).map_or(Revision::ABSENT, |held| held.1)
    }

    /// Applies a write if its revision is current.
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

    /// Returns the store for calls without interleaving: those of the setup and of the laws.
    #[must_use]
    pub fn alone(self) -> Alone {
        Alone(RefCell::new(self))
    }
}

/// A store that answers at once.
#[derive(Debug)]
pub struct Alone(RefCell<Shelf>);

impl Alone {
    /// Returns the contents.
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
