//! Several records at once.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::super::bench::{Bench, Checked, Seen, ensure};
use super::swaps::count;
use crate::store::{BATCH_RECORDS, Batch, Loaded, RECORD_BYTES, RecordKey, Revision, StoreErrorKind, Swap};

/// So often the records of a batch are read while others write them.
const READS: usize = 200;

pub(in super::super) fn a_batch_gives_what_loads_give(bench: &Bench<'_>) -> Checked {
    // Neither in the order of the keys nor in that of the writes.
    let mut keys: Vec<RecordKey> =
        [[0xF0; 8], [0x0F; 8], [0xFF; 8], [0x7F; 8], [0; 8]].map(|end| bench.key_that_ends_in(end)).into();
    for (key, length) in keys.iter().zip([RECORD_BYTES, 1, 9, 257, 64]) {
        let revision = bench.revision(key)?;
        let record = vec![length as u8; length];
        bench.swap(key, revision, &record, Swap::Applied, "the revision that was loaded")?;
    }
    // One that never was, and one that was forgotten.
    let (never, forgotten) = (bench.key(), bench.key());
    let revision = bench.put(&forgotten, b"x")?;
    bench.swap(&forgotten, revision, b"", Swap::Applied, "an empty record in place of one")?;
    keys.extend([never, forgotten]);

    gives_what_loads_give(bench, &[])?;
    for &first in &keys {
        gives_what_loads_give(bench, &[first])?;
        for &second in &keys {
            gives_what_loads_give(bench, &[first, second])?;
            for &third in &keys {
                gives_what_loads_give(bench, &[first, second, third])?;
            }
        }
    }
    Ok(())
}

fn gives_what_loads_give(bench: &Bench<'_>, keys: &[RecordKey]) -> Checked {
    let batch = load_all(bench, keys)?;
    for (key, given) in keys.iter().zip(batch.as_slice()) {
        let loaded = bench.load(key)?;
        ensure(is_same(given, &loaded), || {
            let places = keys.iter().map(|other| keys.iter().position(|key| key == other));
            format!(
                "in a batch of the keys {:?} the store gave {given:?} where a load gives {loaded:?}",
                places.flatten().collect::<Vec<_>>()
            )
        })?;
    }
    Ok(())
}

fn is_same(one: &Loaded, other: &Loaded) -> bool {
    (one.record(), one.revision()) == (other.record(), other.revision())
}

/// A batch with an answer for each key.
fn load_all(bench: &Bench<'_>, keys: &[RecordKey]) -> Result<Batch, Seen> {
    let batch = bench.store.load_all(keys)?;
    let (asked, given) = (keys.len(), batch.as_slice().len());
    ensure(asked == given, || format!("{asked} records were asked for, and {given} were given"))?;
    Ok(batch)
}

pub(in super::super) fn a_batch_of_too_many_is_an_error(bench: &Bench<'_>) -> Checked {
    let keys: Vec<RecordKey> = (0..=BATCH_RECORDS).map(|_| bench.key()).collect();
    match bench.store.load_all(&keys) {
        Ok(batch) => {
            Err(Seen(format!("{} keys were answered with {} records", keys.len(), batch.as_slice().len())))
        }
        Err(error) => ensure(error.kind() == StoreErrorKind::TooManyRecords, || {
            format!("{} keys are {:?} instead of TooManyRecords", keys.len(), error.kind())
        }),
    }
}

/// One thread counts up in each of the records, and notes each state.
pub(in super::super) fn a_batch_is_never_older_than_its_call(bench: &Bench<'_>) -> Checked {
    let keys = [0; BATCH_RECORDS].map(|_| bench.key());
    let (stop, applied) = (AtomicBool::new(false), [0; BATCH_RECORDS].map(AtomicU64::new));
    let (read, written) = thread::scope(|scope| {
        let writers: Vec<_> = keys
            .iter()
            .zip(&applied)
            .map(|(key, applied)| scope.spawn(|| count_up(bench, key, applied, &stop)))
            .collect();
        let read = read_meanwhile(bench, &keys, &applied);
        stop.store(true, Ordering::Relaxed);
        let joined = writers.into_iter().map(|writer| writer.join());
        let written: Result<Vec<_>, Seen> =
            joined.map(|end| end.unwrap_or_else(|_| Err(Seen("the store panicked".into())))).collect();
        (read, written)
    });
    let (read, written) = (read?, written?);
    for batch in &read {
        for (given, states) in batch.as_slice().iter().zip(&written) {
            let (revision, counted) = (given.revision(), count(given.record()));
            ensure(states.get(&revision) == Some(&counted), || {
                format!(
                    "a batch gave {counted} with {revision:?}, which were never a state of the record: \
                     with this revision it was {:?}",
                    states.get(&revision)
                )
            })?;
        }
    }
    Ok(())
}

fn read_meanwhile(bench: &Bench<'_>, keys: &[RecordKey], applied: &[AtomicU64]) -> Result<Vec<Batch>, Seen> {
    let mut batches = Vec::with_capacity(READS);
    for _ in 0..READS {
        let before: Vec<u64> = applied.iter().map(|applied| applied.load(Ordering::SeqCst)).collect();
        let batch = load_all(bench, keys)?;
        for (given, before) in batch.as_slice().iter().zip(before) {
            let counted = count(given.record());
            ensure(before <= counted, || {
                format!("{before} was Applied before a batch was asked for, and the batch gave {counted}")
            })?;
        }
        batches.push(batch);
    }
    Ok(batches)
}

/// The states of a record that nobody else writes, by their revisions.
fn count_up(
    bench: &Bench<'_>,
    key: &RecordKey,
    applied: &AtomicU64,
    stop: &AtomicBool,
) -> Result<BTreeMap<Revision, u64>, Seen> {
    let mut states = BTreeMap::from([(Revision::ABSENT, 0)]);
    let mut revision = Revision::ABSENT;
    for number in 1.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        bench.swap(
            key,
            revision,
            &u64::to_be_bytes(number),
            Swap::Applied,
            "the revision that was loaded",
        )?;
        applied.store(number, Ordering::SeqCst);
        revision = bench.revision(key)?;
        states.insert(revision, number);
    }
    Ok(states)
}
