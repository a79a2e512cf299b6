//! Checks of conditional writes.

use alloc::format;
use alloc::vec::Vec;
use std::sync::Barrier;
use std::thread;

use super::super::bench::{Bench, Checked, Seen, THREADS, ensure};
use crate::store::{RECORD_BYTES, RecordKey, Revision, Swap};

/// How many times each thread adds one.
const INCREMENTS: u64 = 25;

pub(in super::super) fn no_update_is_lost(bench: &Bench<'_>) -> Checked {
    let key = bench.key();
    let added = at_once(|_| {
        for _ in 0..INCREMENTS {
            let mut conflicts = 0;
            while !add_one(bench, &key)? {
                conflicts += 1;
                // Each conflict is another thread's success, and there are no more of these.
                ensure(conflicts <= THREADS as u64 * INCREMENTS, || {
                    format!("{conflicts} conflicts, more than other threads made writes")
                })?;
            }
        }
        Ok(())
    });
    added.into_iter().collect::<Result<(), Seen>>()?;
    let (counted, expected) = (count(bench.load(&key)?.record()), THREADS as u64 * INCREMENTS);
    ensure(counted == expected, || {
        format!("{expected} increments from {THREADS} threads were Applied, and the sum is {counted}")
    })
}

/// Adds one, unless another write came first. Returns whether it was applied.
fn add_one(bench: &Bench<'_>, key: &RecordKey) -> Result<bool, Seen> {
    let loaded = bench.load(key)?;
    let next = (count(loaded.record()) + 1).to_be_bytes();
    match bench.store.compare_and_swap(key, loaded.revision(), &next, bench.an_hour())? {
        Swap::Applied => Ok(true),
        Swap::Conflict => Ok(false),
        Swap::Unknown => Err(Seen("the answer is Unknown, although the server was not disturbed".into())),
    }
}

/// Returns the number that a record of the kit contains.
pub(super) fn count(record: &[u8]) -> u64 {
    record.try_into().map_or(0, u64::from_be_bytes)
}

pub(in super::super) fn one_of_many_is_applied(bench: &Bench<'_>) -> Checked {
    let key = bench.key();
    for round in 0..20_u8 {
        let expected = bench.revision(&key)?;
        let answers = at_once(|thread| {
            let record = [round, thread];
            Ok((record, bench.store.compare_and_swap(&key, expected, &record, bench.an_hour())?))
        });
        let answers: Vec<_> = answers.into_iter().collect::<Result<_, Seen>>()?;
        let applied: Vec<_> = answers.iter().filter(|(_, swap)| *swap == Swap::Applied).collect();
        ensure(answers.iter().all(|(_, swap)| *swap != Swap::Unknown), || {
            "an answer is Unknown, although the server was not disturbed".into()
        })?;
        ensure(applied.len() == 1, || {
            format!("{THREADS} concurrent swaps of one revision, and {} were Applied", applied.len())
        })?;
        let stands = bench.load(&key)?;
        ensure(applied.iter().all(|(record, _)| record == stands.record()), || {
            format!("{:?} were Applied, and the record contains {:?}", applied, stands.record())
        })?;
    }
    Ok(())
}

pub(in super::super) fn a_stale_revision_conflicts(bench: &Bench<'_>) -> Checked {
    let key = bench.key();
    let nowhere = Revision::from_number(1);
    bench.swap(&key, nowhere, b"x", Swap::Conflict, "a revision where there is no record")?;
    ensure(bench.revision(&key)? == Revision::ABSENT, || "a conflicting swap created a record".into())?;

    let first = bench.put(&key, b"first")?;
    bench.swap(&key, first, b"second", Swap::Applied, "the revision that was loaded")?;
    let second = bench.load(&key)?;
    for (stale, when) in
        [(first, "the revision before the last"), (Revision::ABSENT, "no revision where there is a record")]
    {
        bench.swap(&key, stale, b"third", Swap::Conflict, when)?;
        bench.swap(&key, stale, b"", Swap::Conflict, when)?;
    }
    let now = bench.load(&key)?;
    ensure((now.record(), now.revision()) == (b"second", second.revision()), || {
        format!("after swaps that conflicted, {second:?} has become {now:?}")
    })
}

pub(in super::super) fn records_come_back(bench: &Bench<'_>) -> Checked {
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(RECORD_BYTES).collect();
    let keys = [[0; 8], [0xFF; 8], *b"}{\r\n\0'\"\\"].map(|end| bench.key_that_ends_in(end));
    for (key, other) in keys.into_iter().zip(0_u8..) {
        for length in [RECORD_BYTES, 1, 2, 63, 64, 127, 128, 255, 256, RECORD_BYTES] {
            let mut record = bytes[..length].to_vec();
            record.rotate_left(usize::from(other) % length);
            let revision = bench.revision(&key)?;
            bench.swap(&key, revision, &record, Swap::Applied, "the revision that was loaded")?;
            let loaded = bench.load(&key)?;
            ensure(loaded.record() == record, || {
                format!(
                    "{length} bytes were Applied, and {} different bytes were returned",
                    loaded.record().len()
                )
            })?;
        }
    }
    let lengths: Result<Vec<_>, Seen> =
        keys.iter().map(|key| Ok(bench.load(key)?.record().to_vec())).collect();
    let lengths = lengths?;
    ensure(lengths[0] != lengths[1] && lengths[1] != lengths[2], || "two keys share one record".into())
}

/// Calls the function on all threads at the same time, and returns their results.
pub(super) fn at_once<T: Send>(call: impl Fn(u8) -> Result<T, Seen> + Sync) -> Vec<Result<T, Seen>> {
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        let threads: Vec<_> = (0_u8..)
            .take(THREADS)
            .map(|thread| {
                let (call, barrier) = (&call, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    call(thread)
                })
            })
            .collect();
        let ended = threads.into_iter().map(|thread| thread.join());
        ended.map(|end| end.unwrap_or_else(|_| Err(Seen("the store panicked".into())))).collect()
    })
}
