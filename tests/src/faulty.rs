//! A store whose faults are scripted by the test.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};

use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap};

/// Keeps everything for ever, and fails on demand.
#[derive(Default)]
pub struct Faulty {
    records: RefCell<HashMap<RecordKey, (Vec<u8>, u64)>>,
    revisions: Cell<u64>,
    /// A write in flight.
    late: RefCell<Option<(RecordKey, Revision, Vec<u8>)>>,
    /// The faults of the next calls, in order. After that there is none.
    pub scripted: RefCell<VecDeque<StoreFault>>,
    /// The fault of every call.
    pub always: Cell<Option<StoreFault>>,
    /// The number of calls so far.
    pub calls: Cell<u32>,
}

/// A fault of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// A load gets no reply.
    LoadFails,
    /// A swap gets no reply, and nothing is written.
    SwapFails,
    /// Another write came first: the same record now has another revision.
    Conflict,
    /// The reply to a swap is lost, and nothing was written.
    LostBefore,
    /// The reply to a swap is lost, and the record was written.
    LostAfter,
    /// The reply to a swap is lost, and the write arrives late: just before the next swap, after
    /// the load in between.
    Late,
}

impl Faulty {
    /// Returns the only record.
    pub fn only(&self) -> (RecordKey, Vec<u8>) {
        let records = self.records.borrow();
        assert_eq!(records.len(), 1);
        records.iter().map(|(key, (bytes, _))| (*key, bytes.clone())).next().unwrap()
    }

    /// Returns all records, in the order of their keys.
    pub fn all(&self) -> Vec<(RecordKey, Vec<u8>)> {
        let records = self.records.borrow();
        let mut all: Vec<_> = records.iter().map(|(key, (bytes, _))| (*key, bytes.clone())).collect();
        all.sort_by_key(|(key, _)| *key.as_bytes());
        all
    }

    /// Returns the key of the other of two records.
    pub fn other_than(&self, key: &RecordKey) -> RecordKey {
        let records = self.records.borrow();
        assert_eq!(records.len(), 2);
        *records.keys().find(|other| *other != key).unwrap()
    }

    pub fn put(&self, key: RecordKey, bytes: &[u8]) {
        self.records.borrow_mut().insert(key, (bytes.to_vec(), self.next_revision()));
    }

    pub fn bytes(&self, key: &RecordKey) -> Option<Vec<u8>> {
        self.records.borrow().get(key).map(|(bytes, _)| bytes.clone())
    }

    pub fn len(&self) -> usize {
        self.records.borrow().len()
    }

    fn next_revision(&self) -> u64 {
        self.revisions.set(self.revisions.get() + 1);
        self.revisions.get()
    }

    /// Returns the fault of this call. A scripted fault waits for a call that it applies to.
    fn fault(&self, of_a_swap: bool) -> Option<StoreFault> {
        self.calls.set(self.calls.get() + 1);
        let fits = |fault: &StoreFault| of_a_swap == (*fault != StoreFault::LoadFails);
        let mut scripted = self.scripted.borrow_mut();
        match scripted.front().copied().filter(fits) {
            Some(_) => scripted.pop_front(),
            None => self.always.get().filter(fits),
        }
    }

    fn apply(&self, key: &RecordKey, expected: Revision, record: &[u8]) -> Swap {
        let mut records = self.records.borrow_mut();
        let current = records.get(key).map_or(Revision::ABSENT, |held| Revision::from_number(held.1));
        if current != expected {
            return Swap::Conflict;
        }
        if record.is_empty() {
            records.remove(key);
        } else {
            records.insert(*key, (record.to_vec(), self.next_revision()));
        }
        Swap::Applied
    }
}

impl Store for Faulty {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        if self.fault(false).is_some() {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        let records = self.records.borrow();
        records.get(key).map_or(Ok(Loaded::ABSENT), |(bytes, revision)| {
            Loaded::new(bytes, Revision::from_number(*revision))
        })
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        _: Keep,
    ) -> Result<Swap, StoreError> {
        if let Some((key, expected, record)) = self.late.take() {
            self.apply(&key, expected, &record);
        }
        match self.fault(true) {
            Some(StoreFault::Late) => {
                *self.late.borrow_mut() = Some((*key, expected, record.to_vec()));
                Ok(Swap::Unknown)
            }
            None | Some(StoreFault::LoadFails) => Ok(self.apply(key, expected, record)),
            Some(StoreFault::SwapFails) => Err(StoreError::new(StoreErrorKind::Unavailable)),
            Some(StoreFault::LostBefore) => Ok(Swap::Unknown),
            Some(StoreFault::LostAfter) => {
                self.apply(key, expected, record);
                Ok(Swap::Unknown)
            }
            Some(StoreFault::Conflict) => {
                if let Some((_, revision)) = self.records.borrow_mut().get_mut(key) {
                    *revision = self.next_revision();
                }
                Ok(Swap::Conflict)
            }
        }
    }
}
