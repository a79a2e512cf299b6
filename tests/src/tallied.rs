//! A store with tallies whose faults are scripted by the test.

use std::cell::{Cell, RefCell};

use countersign::Timestamp;
use countersign::store::{
    Change, Effect, Entries, Keep, Loaded, MemoryTallies, ReadBoth, RecordKey, Revision, Store, StoreError,
    StoreErrorKind, Swap, Tallies, TallyKey,
};

use super::faulty::Faulty;

/// Keeps records and tallies, and logs the calls.
pub struct Tallied {
    pub records: Faulty,
    pub tallies: MemoryTallies,
    /// Whether it answers reads from memory, as [`Tallies::is_local`] says.
    pub is_local: bool,
    /// Whether reads of tallies fail.
    pub is_blind: Cell<bool>,
    /// What happens to adds.
    pub adds: Cell<Adds>,
    /// The changes of each add, whether it was applied or not.
    pub log: RefCell<Vec<Vec<Change>>>,
    /// The number of tallies of each read.
    pub reads: RefCell<Vec<usize>>,
}

/// What happens to adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adds {
    #[default]
    Applied,
    /// They fail, and nothing is changed.
    Fail,
    /// Their reply is lost, and everything is changed.
    LoseReply,
}

impl Tallied {
    pub fn new(is_local: bool) -> Self {
        Self {
            records: Faulty::default(),
            tallies: MemoryTallies::with_capacity(1 << 12, 1 << 12),
            is_local,
            is_blind: Cell::default(),
            adds: Cell::default(),
            log: RefCell::default(),
            reads: RefCell::default(),
        }
    }

    /// Returns and clears the changes of all adds.
    pub fn added(&self) -> Vec<Vec<Change>> {
        self.log.take()
    }

    /// Returns how many sends were added to the memory of a recipient, less those taken back, since
    /// the last [`added`](Self::added).
    pub fn sends(&self) -> i32 {
        let log = self.log.borrow();
        let of = |change: &Change| match change.effect() {
            Effect::Number(change) => i32::from(change.unanswered),
            Effect::Sums { .. } => 0,
        };
        log.iter().flatten().map(of).sum()
    }
}

fn unavailable() -> StoreError {
    StoreErrorKind::Unavailable.into()
}

impl Store for Tallied {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.records.load(key)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.records.compare_and_swap(key, expected, record, keep)
    }
}

impl Tallies for Tallied {
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        self.reads.borrow_mut().push(keys.len());
        if self.is_blind.get() { Err(unavailable()) } else { self.tallies.read(keys, now) }
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        self.log.borrow_mut().push(changes.to_vec());
        match self.adds.get() {
            Adds::Applied => self.tallies.add(changes, now),
            Adds::Fail => Err(unavailable()),
            Adds::LoseReply => self.tallies.add(changes, now).and(Err(unavailable())),
        }
    }

    fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
        ReadBoth { records: self.load_all(records), tallies: self.read(tallies, now) }
    }

    fn is_local(&self) -> bool {
        self.is_local
    }
}
