//! Checks of batches: several records read at once.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::super::bench::{Bench, Checked, Seen, ensure};
use super::swaps::count;
use crate::store::{BATCH_RECORDS, Batch, Loaded, RECORD_BYTES, RecordKey, Revision, StoreErrorKind, Swap};

/// The minimum number of batches to read while others write.
const READS: usize = 200;

/// The minimum number of writes to each record, because a machine may be slow to start the writers.
const WRITES: u64 = 50;

pub(in super::super) fn a_batch_gives_what_loads_give(bench: &Bench<'_>) -> Checked {
    // The keys are neither in order nor in the order of the writes.
    let mut keys: Vec<RecordKey> =
        [[0xF0; 8], [0x0F; 8], [0xFF; 8], [0x7F; 8], [0; 8]].map(|end| bench.key_that_ends_in(end)).into();
    for (key, length) in keys.iter().zip([RECORD_BYTES, 1, 9, 257, 64]) {
        let revision = bench.revision(key)?;
        let record = vec![length as u8; length];
        bench.swap(key, revision, &record, Swap::Applied, "the revision that was loaded")?;
    }
    // One key that was never written, and one whose record was deleted.
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
                "in a batch of the keys {:?} the store returned {given:?}, where a load returns {loaded:?}",
                places.flatten().collect::<Vec<_>>()
            )
        })?;
    }
    Ok(())
}

fn is_same(one: &Loaded, other: &Loaded) -> bool {
    (one.record(), one.revision()) == (other.record(), other.revision())
}

/// Reads a batch and expects an answer for each key.
fn load_all(bench: &Bench<'_>, keys: &[RecordKey]) -> Result<Batch, Seen> {
    let batch = bench.store.load_all(keys)?;
    let (asked, given) = (keys.len(), batch.as_slice().len());
    ensure(asked == given, || format!("{asked} records were requested, and {given} were returned"))?;
    Ok(batch)
}

pub(in super::super) fn a_batch_of_too_many_is_an_error(bench: &Bench<'_>) -> Checked {
    let keys: Vec<RecordKey> = (0..=BATCH_RECORDS).map(|_| bench.key()).collect();
    match bench.store.load_all(&keys) {
        Ok(batch) => {
            Err(Seen(format!("a batch of {} keys returned {} records", keys.len(), batch.as_slice().len())))
        }
        Err(error) => ensure(error.kind() == StoreErrorKind::TooManyRecords, || {
            format!("a batch of {} keys failed with {:?} instead of TooManyRecords", keys.len(), error.kind())
        }),
    }
}

pub(in super::super) fn a_batch_is_never_older_than_its_call(bench: &Bench<'_>) -> Checked {
    sees_what_was_applied(bench)?;
    sees_states_while_others_write(bench)
}

/// Reads batches without concurrent writers.
fn sees_what_was_applied(bench: &Bench<'_>) -> Checked {
    let keys = [0; BATCH_RECORDS].map(|_| bench.key());
    for number in 1..=WRITES {
        let mut expected = Vec::new();
        for key in &keys {
            let revision = bench.revision(key)?;
            let record = number.to_be_bytes();
            bench.swap(key, revision, &record, Swap::Applied, "the revision that was loaded")?;
            expected.push(number);
        }
        let batch = load_all(bench, &keys)?;
        let counted: Vec<u64> = batch.as_slice().iter().map(|given| count(given.record())).collect();
        ensure(counted == expected, || {
            format!("{expected:?} were Applied before a batch was requested, and it returned {counted:?}")
        })?;
    }
    Ok(())
}

/// Reads batches while one thread per record counts up and notes each state.
fn sees_states_while_others_write(bench: &Bench<'_>) -> Checked {
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
    let (written, read) = (written?, read?);
    for batch in &read {
        for ((revision, counted), states) in batch.iter().zip(&written) {
            ensure(states.get(revision) == Some(counted), || {
                format!(
                    "a batch returned {counted} with {revision:?}, which was never a state of the record: \
                     the state with this revision was {:?}",
                    states.get(revision)
                )
            })?;
        }
    }
    Ok(())
}

/// A batch as read: the revision and the count of each record.
type Given = [(Revision, u64); BATCH_RECORDS];

fn read_meanwhile(
    bench: &Bench<'_>,
    keys: &[RecordKey; BATCH_RECORDS],
    applied: &[AtomicU64; BATCH_RECORDS],
) -> Result<Vec<Given>, Seen> {
    let mut batches = Vec::with_capacity(READS);
    let begun = bench.elapsed();
    loop {
        let before = applied.each_ref().map(|applied| applied.load(Ordering::SeqCst));
        if READS <= batches.len() && before.iter().all(|&before| WRITES <= before) {
            return Ok(batches);
        }
        let waited = bench.elapsed() - begun;
        ensure(waited < bench.patience(), || format!("{WRITES} writes took more than {waited:?}"))?;
        let batch = load_all(bench, keys)?;
        let mut given = [(Revision::ABSENT, 0); BATCH_RECORDS];
        for ((given, loaded), before) in given.iter_mut().zip(batch.as_slice()).zip(before) {
            let counted = count(loaded.record());
            ensure(before <= counted, || {
                format!("{before} was Applied before a batch was requested, and it returned {counted}")
            })?;
            *given = (loaded.revision(), counted);
        }
        batches.push(given);
    }
}

/// Counts up in a record that nobody else writes. Returns its states by revision.
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
