//! A store that can break each of its promises, for the tests of the kit.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use crate::Timestamp;
use crate::store::{BATCH_RECORDS, Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

/// What a store does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// None: it has a clock of its own, and keeps every promise.
    Faultless,
    /// It compares, and later writes: somebody else may have written in between.
    NotAtomic,
    IgnoresTheRevision,
    /// Writes, and says that it did not.
    CallsItAConflict,
    CutsOffTheLastByte,
    IgnoresTheKeysEnd,
    KeepsEmptyRecords,
    RefusesToForgetNothing,
    /// Counts anew for every record that is made anew.
    CountsAnew,
    /// The revision follows from the content.
    HashesTheContent,
    /// Takes the end for a time of its own clock, which is an hour ahead.
    TakesTheEndForItsOwnTime,
    DropsEarly,
    /// The time of the first write stays.
    NeverProlongs,
    NeverDrops,
    /// Loads see the state of a moment ago.
    ReadsAReplica,
    /// A batch is in the order of its keys' bytes, as a database gives rows.
    SortsABatch,
    /// A batch has no place for what is absent.
    LeavesOutTheAbsent,
    /// A key that is asked for twice is answered once.
    LeavesOutTheSecond,
    /// A batch has records without their revisions.
    ForgetsTheRevisionsOfABatch,
    /// As many as are asked for, it answers the first three.
    CutsOffABatch,
    /// Too many are an error of another kind.
    CallsTooManyUnavailable,
    /// A batch sees the state of a moment ago.
    ReadsBatchesFromAReplica,
    /// A batch reads the records first and later their revisions.
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
            // The kit's keys end in what all keys of a run have in common.
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

    /// The states of a record, unless the last is over.
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
    /// A record as it is, or as it was before.
    fn read(&self, key: &RecordKey, is_stale: bool) -> Result<Loaded, StoreError> {
        let records = self.records();
        let states = Self::live(&records, &self.key(key));
        let back = usize::from(is_stale && states.len() > 1);
        let seen = states.iter().rev().nth(back);
        seen.map_or(Ok(Loaded::ABSENT), |held| {
            Loaded::new(&held.record, Revision::from_number(held.revision))
        })
    }

    /// A record of a batch.
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
