//! Checks of what one call reads and changes.

use alloc::format;
use alloc::vec::Vec;

use super::super::super::bench::{Bench, Checked, Seen, ensure};
use super::{as_of, is_same};
use crate::store::{
    BATCH_RECORDS, Change, Entry, EntryKind, NumberChange, StoreError, StoreErrorKind, TALLIES_PER_CALL,
    TallyKey,
};

pub(in super::super) fn absent_entries_are_empty(bench: &Bench<'_>) -> Checked {
    let now = bench.now();
    let [sums, numbers] = [EntryKind::Sums, EntryKind::Number].map(|kind| bench.tally_keys::<4>(kind));
    let keys: Vec<TallyKey> = sums.into_iter().zip(numbers).flat_map(<[_; 2]>::from).collect();
    ensure(bench.entries(&[], now)?.is_empty(), || "no keys were read, and entries were returned".into())?;
    for key in &keys {
        bench.expect(*key, Entry::empty(key.kind()), now, "a key that was never changed")?;
    }
    // Some are there, some are absent, and the keys are not in order.
    let changes = [
        Change::sums(keys[6], 6.0, 0.5),
        Change::number(keys[1], NumberChange::sent([1, 0])),
        Change::sums(keys[2], 2.0, 0.0),
        Change::number(keys[7], NumberChange::verified(now)),
    ];
    bench.add(&[], now)?;
    bench.add(&changes, now)?;
    for (key, given) in keys.iter().zip(bench.entries(&keys, now)?) {
        let mut expected = Entry::empty(key.kind());
        if let Some(change) = changes.iter().find(|change| change.key() == *key) {
            expected.apply(change.effect(), now);
        }
        ensure(is_same(&given, &expected, now), || {
            format!("among {} keys: expected {expected:?}, the store returned {given:?}", keys.len())
        })?;
    }
    Ok(())
}

pub(in super::super) fn too_many_keys_are_an_error(bench: &Bench<'_>) -> Checked {
    let (now, tallies) = (bench.now(), bench.both_tallies()?.patient);
    let keys = bench.tally_keys::<{ TALLIES_PER_CALL + 1 }>(EntryKind::Sums);
    let changes = keys.map(|key| Change::sums(key, 1.0, 0.0));
    is_too_many("a read", tallies.read(&keys, now))?;
    is_too_many("an add", tallies.add(&changes, now))?;
    let untouched = bench.entries(&keys[..TALLIES_PER_CALL], now)?;
    ensure(untouched.iter().all(|entry| is_same(entry, &Entry::empty(EntryKind::Sums), now)), || {
        "an add of too many changes applied some of them".into()
    })?;
    bench.add(&changes[1..], now)?;
    for entry in bench.entries(&keys[1..], now)? {
        let mut expected = Entry::empty(EntryKind::Sums);
        expected.apply(changes[0].effect(), now);
        ensure(is_same(&entry, &expected, now), || {
            format!("of {TALLIES_PER_CALL} adds of 1, one is {entry:?}")
        })?;
    }
    bench.expect(keys[0], Entry::empty(EntryKind::Sums), now, "the key that was left out")
}

fn is_too_many<T>(what: &str, given: Result<T, StoreError>) -> Checked {
    match given.map_err(|error| error.kind()) {
        Err(StoreErrorKind::TooManyTallies) => Ok(()),
        Err(kind) => {
            Err(Seen(format!("{what} of 25 tallies failed with {kind:?} instead of TooManyTallies")))
        }
        Ok(_) => Err(Seen(format!("{what} of 25 tallies succeeded"))),
    }
}

pub(in super::super) fn both_in_one_call_are_those_of_two(bench: &Bench<'_>) -> Checked {
    let (now, store) = (bench.now(), bench.both_tallies()?.patient);
    let records = [0; BATCH_RECORDS].map(|_| bench.key());
    bench.put(&records[0], b"first")?;
    bench.put(&records[2], b"third")?;
    let [sums, numbers] =
        [EntryKind::Sums, EntryKind::Number].map(|kind| bench.tally_keys::<{ TALLIES_PER_CALL / 2 }>(kind));
    let tallies = [numbers, sums].concat();
    bench.add(
        &[Change::number(numbers[3], NumberChange::sent([0, 1])), Change::sums(sums[5], 2.5, 1.0)],
        now,
    )?;

    for (records, tallies) in
        [(&records[..], &tallies[..]), (&records[..1], &[]), (&[], &tallies[4..20]), (&[], &[])]
    {
        let both = store.load_with_tallies(records, tallies, now);
        let (batch, entries) = (both.records?, both.tallies?);
        let alone = store.load_all(records)?;
        let told = |batch: &crate::store::Batch| -> Vec<_> {
            batch.as_slice().iter().map(|loaded| (loaded.record().to_vec(), loaded.revision())).collect()
        };
        ensure(told(&batch) == told(&alone), || {
            format!("with tallies, the records {batch:?} were returned, and without {alone:?}")
        })?;
        let alone: Vec<_> = bench.entries(tallies, now)?.into_iter().map(|entry| as_of(entry, now)).collect();
        let given: Vec<_> = entries.as_slice().iter().map(|entry| as_of(*entry, now)).collect();
        ensure(given == alone, || {
            format!("with records, the tallies {given:?} were returned, and without {alone:?}")
        })?;
    }
    Ok(())
}
