//! A store that can break each of its promises, for tests of the kit.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use crate::Timestamp;
use crate::store::{BATCH_RECORDS, Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

/// The fault of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No fault: it has its own clock, and keeps every promise.
    Faultless,
    /// Compares first and writes later: another write may come in between.
    NotAtomic,
    IgnoresTheRevision,
    /// Writes, and answers that it did not.
    CallsItAConflict,
    CutsOffTheLastByte,
    IgnoresTheKeysEnd,
    KeepsEmptyRecords,
    RefusesToForgetNothing,
    /// Starts counting revisions again for each new record.
    CountsAnew,
    /// Derives the revision from the content.
    HashesTheContent,
    /// Treats the expiry as a time of its own clock, which is an hour ahead.
    TakesTheEndForItsOwnTime,
    DropsEarly,
    /// Keeps the expiry of the first write.
    NeverProlongs,
    NeverDrops,
    /// Loads return the previous state.
    ReadsAReplica,
    /// A batch is sorted by key, as a database might return rows.
    SortsABatch,
    /// A batch leaves out absent records.
    LeavesOutTheAbsent,
    /// A batch answers a repeated key only once.
    LeavesOutTheSecond,
    /// A batch has records without their revisions.
    ForgetsTheRevisionsOfABatch,
    /// An oversized batch is answered with its first three records.
    CutsOffABatch,
    /// An oversized batch is an error of another kind.
    CallsTooManyUnavailable,
    /// A batch returns the previous state of records.
    ReadsBatchesFromAReplica,
    /// A batch reads the revisions first and the records later.
    TearsABatch,
}

pub(super) struct Faulty {
    fault: Fault,
    records: Mutex<HashMap<RecordKey, Vec<Held>>>,
    revisions: AtomicU64,
}

#[derive(Clone)]
struct Held {
    record: Vec<u8>,
    revision: u64,
    end: Option<Instant>,
}

impl Faulty {
    pub(super) fn new(fault: Fault) -> Self {
        Self { fault, records: Mutex::default(), revisions: AtomicU64::new(0) }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn key(&self, key: &RecordKey) -> RecordKey {
        let mut bytes = *key.as_bytes();
        if self.is(Fault::IgnoresTheKeysEnd) {
            // The first half of the kit's keys distinguishes the keys of a run.
            bytes[..8].fill(0);
        }
        RecordKey::from_bytes(bytes)
    }

    fn end(&self, keep: Keep) -> Option<Instant> {
        let ttl = keep.ttl()?;
        let ttl = match self.fault {
            Fault::TakesTheEndForItsOwnTime => keep.until().since(Timestamp::now()),
            Fault::DropsEarly => ttl / 2,
            Fault::NeverDrops => return None,
            _ => ttl,
        };
        Instant::now().checked_add(ttl)
    }

    /// Returns the states of a record, or none if the last has expired.
    fn live<'a>(records: &'a HashMap<RecordKey, Vec<Held>>, key: &RecordKey) -> &'a [Held] {
        let states = records.get(key).map_or(&[][..], Vec::as_slice);
        let over = states.last().is_none_or(|held| held.end.is_some_and(|end| end <= Instant::now()));
        if over { &[] } else { states }
    }

    fn records(&self) -> MutexGuard<'_, HashMap<RecordKey, Vec<Held>>> {
        self.records.lock().unwrap()
    }

    fn revision(&self, record: &[u8], held: Option<&Held>) -> u64 {
        match self.fault {
            Fault::CountsAnew => held.map_or(1, |held| held.revision + 1),
            Fault::HashesTheContent => {
                record.iter().fold(7, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(u64::from(*byte)))
            }
            _ => self.revisions.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }
}

impl Faulty {
    /// Reads a record's current or previous state.
    fn read(&self, key: &RecordKey, is_stale: bool) -> Result<Loaded, StoreError> {
        let records = self.records();
        let states = Self::live(&records, &self.key(key));
        let back = usize::from(is_stale && states.len() > 1);
        let seen = states.iter().rev().nth(back);
        seen.map_or(Ok(Loaded::ABSENT), |held| {
            Loaded::new(&held.record, Revision::from_number(held.revision))
        })
    }

    /// Reads a record of a batch.
    fn read_in_batch(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let loaded = self.read(key, self.is(Fault::ReadsBatchesFromAReplica))?;
        match self.fault {
            Fault::ForgetsTheRevisionsOfABatch => Loaded::new(loaded.record(), Revision::ABSENT),
            Fault::TearsABatch => {
                std::thread::sleep(Duration::from_micros(100));
                let later = self.read(key, false)?;
                Loaded::new(later.record(), loaded.revision())
            }
            _ => Ok(loaded),
        }
    }
}

impl Store for Faulty {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.read(key, self.is(Fault::ReadsAReplica))
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let mut keys = keys.to_vec();
        match self.fault {
            Fault::SortsABatch => keys.sort(),
            Fault::LeavesOutTheSecond => {
                let all = core::mem::take(&mut keys);
                for key in all {
                    if !keys.contains(&key) {
                        keys.push(key);
                    }
                }
            }
            Fault::CutsOffABatch => keys.truncate(BATCH_RECORDS),
            Fault::CallsTooManyUnavailable if keys.len() > BATCH_RECORDS => {
                return Err(StoreError::unavailable("too many"));
            }
            _ => {}
        }
        let mut batch = Batch::new();
        for key in keys {
            let loaded = self.read_in_batch(&key)?;
            if !self.is(Fault::LeavesOutTheAbsent) || loaded.revision() != Revision::ABSENT {
                batch.push(loaded)?;
            }
        }
        Ok(batch)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let key = self.key(key);
        let mut records = self.records();
        let held = Self::live(&records, &key).last().cloned();
        let current = held.as_ref().map_or(Revision::ABSENT, |held| Revision::from_number(held.revision));
        if current != expected && !self.is(Fault::IgnoresTheRevision) {
            return Ok(Swap::Conflict);
        }
        if self.is(Fault::NotAtomic) {
            drop(records);
            std::thread::sleep(Duration::from_millis(1));
            records = self.records();
        }
        if record.is_empty() && !self.is(Fault::KeepsEmptyRecords) {
            records.remove(&key);
            let nothing = held.is_none() && self.is(Fault::RefusesToForgetNothing);
            return Ok(if nothing { Swap::Conflict } else { Swap::Applied });
        }
        let mut end = self.end(keep);
        if self.is(Fault::NeverProlongs)
            && let Some(held) = &held
        {
            end = held.end;
        }
        let revision = self.revision(record, held.as_ref());
        let mut record = record.to_vec();
        if self.is(Fault::CutsOffTheLastByte) {
            record.truncate(255);
        }
        let states = records.entry(key).or_default();
        if held.is_none() {
            states.clear();
        }
        states.push(Held { record, revision, end });
        Ok(if self.is(Fault::CallsItAConflict) { Swap::Conflict } else { Swap::Applied })
    }
}
