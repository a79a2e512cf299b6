//! Checks of a store whose server is restarted, paused or loses replies.

use alloc::format;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::thread;

use super::super::bench::{Bench, Checked, Seen, ensure};
use super::swaps::count;
use super::verdicts::{check, secret, start, verifier};
use crate::store::{Batch, Loaded, RecordKey, Revision, StoreError, StoreErrorKind, Swap};
use crate::{Error, Keys, Verifier};

/// The number of replies that are lost, one after another.
const LOST: usize = 5;

/// The number of writes applied before a restart, and after it.
const WRITES: u64 = 5;

pub(in super::super) fn a_lost_reply_is_unknown(bench: &Bench<'_>) -> Checked {
    let engine = bench.engine()?;
    // One reply was lost to find out whether the hook exists.
    bench.back()?;
    for number in 1..=LOST {
        // A swap that the store gave up on may still arrive, so each uses another key.
        let key = bench.key();
        bench.put(&key, b"before")?;
        let before = bench.patiently(|| bench.impatient.load(&key))?;
        let record = [number as u8];
        engine.lose_next_reply()?;
        let given = bench.within("a swap whose reply was lost", || {
            bench.impatient.compare_and_swap(&key, before.revision(), &record, bench.an_hour())
        })?;
        let after = bench.patiently(|| bench.store.load(&key))?;
        let written = after.record() == record;
        match given {
            Err(error) => ensure(!written, || {
                format!(
                    "the reply was lost, the record was written, and the store reported an error: {error}"
                )
            })?,
            Ok(Swap::Conflict) => {
                return Err(Seen("the reply was lost, and the store answered Conflict".into()));
            }
            Ok(Swap::Applied) => {
                ensure(written, || "the store answered Applied, and the record was not written".into())?;
            }
            Ok(Swap::Unknown) => {}
        }
    }

    bench.back()?;
    let verifier = verifier(bench.store)?;
    let issued = start(bench, &verifier)?;
    engine.lose_next_reply()?;
    let mut passed = check(bench, &verifier, &issued, issued.code().as_str());
    if matches!(passed, Err(Error::Store(_))) {
        // The lost reply was that of a load, and nothing was written.
        passed = check(bench, &verifier, &issued, issued.code().as_str());
    }
    ensure(passed.is_ok(), || format!("a check of a correct code with one lost reply returned {passed:?}"))
}

pub(in super::super) fn a_restart_loses_nothing(bench: &Bench<'_>) -> Checked {
    let engine = bench.engine()?;
    let [standing, counter, gone] = [0; 3].map(|_| bench.key());
    let revision = bench.put(&standing, b"it stands")?;
    let old = bench.put(&gone, b"x")?;
    bench.swap(&gone, old, b"", Swap::Applied, "the revision that was loaded")?;

    let (stop, applied) = (AtomicBool::new(false), AtomicU64::new(0));
    let (restarted, tally) = thread::scope(|scope| {
        let writer = scope.spawn(|| count_up(bench, &counter, &stop, &applied));
        let some_more = || {
            let (begun, before) = (bench.elapsed(), applied.load(Ordering::Relaxed));
            while applied.load(Ordering::Relaxed) < before + WRITES && !writer.is_finished() {
                let waited = bench.elapsed() - begun;
                ensure(waited < bench.patience(), || format!("{WRITES} writes took more than {waited:?}"))?;
                thread::sleep(Duration::from_millis(5));
            }
            Ok::<_, Seen>(())
        };
        let restarted = || {
            some_more()?;
            engine.restart()?;
            bench.back()?;
            some_more()?;
            bench.load(&standing)
        };
        let restarted = restarted();
        stop.store(true, Ordering::Relaxed);
        (restarted, writer.join().map_err(|_| Seen("the store panicked".into())))
    });
    let (tally, loaded) = (tally??, restarted?);

    ensure((loaded.record(), loaded.revision()) == (b"it stands", revision), || {
        format!("a record that was Applied is {loaded:?} after a restart")
    })?;
    let counted = count(bench.patiently(|| bench.store.load(&counter))?.record());
    let Tally { applied, unknown, .. } = tally;
    ensure(applied <= counted, || {
        format!("{applied} writes were Applied around a restart of the server, and {counted} are stored")
    })?;
    ensure(counted <= applied + unknown, || {
        format!(
            "{applied} writes were Applied and {unknown} Unknown, and {counted} are stored: a write that failed or conflicted was applied"
        )
    })?;
    let new = bench.put(&gone, b"y")?;
    ensure(new != old, || format!("{old:?} was reused after a restart"))
}

/// The results of successive writes.
#[derive(Default)]
struct Tally {
    applied: u64,
    unknown: u64,
}

fn count_up(
    bench: &Bench<'_>,
    key: &RecordKey,
    stop: &AtomicBool,
    applied: &AtomicU64,
) -> Result<Tally, Seen> {
    let mut tally = Tally::default();
    while !stop.load(Ordering::Relaxed) {
        match add_one(bench, key)? {
            Ok(Swap::Applied) => {
                tally.applied += 1;
                applied.store(tally.applied, Ordering::Relaxed);
            }
            Ok(Swap::Unknown) => tally.unknown += 1,
            Ok(Swap::Conflict) => {}
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
    Ok(tally)
}

fn add_one(bench: &Bench<'_>, key: &RecordKey) -> Result<Result<Swap, StoreError>, Seen> {
    let loaded = match bench.within("a load while the server was restarted", || bench.impatient.load(key))? {
        Ok(loaded) => loaded,
        Err(error) => return Ok(Err(error)),
    };
    let next = (count(loaded.record()) + 1).to_be_bytes();
    bench.within("a swap while the server was restarted", || {
        bench.impatient.compare_and_swap(key, loaded.revision(), &next, bench.an_hour())
    })
}

pub(in super::super) fn a_server_that_stops_answering(bench: &Bench<'_>) -> Checked {
    let engine = bench.engine()?;
    let key = bench.key();
    bench.put(&key, b"before")?;
    // Over the connection on which the next swap can arrive late.
    let revision = bench.patiently(|| {
        let revision = bench.impatient.load(&key)?.revision();
        bench.impatient.compare_and_swap(&key, revision, b"before", bench.an_hour())?;
        Ok(bench.impatient.load(&key)?.revision())
    })?;
    let secret = secret()?;
    let verifier = Verifier::new(Keys::from_secret(secret)?, bench.store);
    let impatient = Verifier::new(Keys::from_secret(secret)?, bench.impatient);
    let issued = start(bench, &verifier)?;
    let right = || check(bench, &impatient, &issued, issued.code().as_str());

    engine.pause()?;
    let paused = ask_while_it_is_paused(bench, &key, revision, right);
    engine.resume()?;
    let swapped = paused?;

    bench.back()?;
    // A request in flight may arrive now.
    thread::sleep(Duration::from_millis(300));
    let after = bench.patiently(|| bench.store.load(&key))?;
    ensure(swapped.is_ok() || after.record() == b"before", || {
        "a swap returned an error, which means that nothing was written, but was applied when the server resumed"
            .into()
    })?;
    let passed = check(bench, &verifier, &issued, issued.code().as_str());
    ensure(passed.is_ok(), || {
        format!("a check of the correct code after the server resumed returned {passed:?}")
    })
}

/// Makes the calls that must fail in bounded time, and returns the result of the swap.
fn ask_while_it_is_paused(
    bench: &Bench<'_>,
    key: &RecordKey,
    revision: Revision,
    right: impl Fn() -> Result<crate::Verified, Error>,
) -> Result<Result<Swap, StoreError>, Seen> {
    // First, while there is a connection over which the swap can arrive late.
    let swapped = bench
        .within("a swap", || bench.impatient.compare_and_swap(key, revision, b"after", bench.an_hour()))?;
    ensure(matches!(&swapped, Ok(Swap::Unknown) | Err(_)), || {
        format!("the server did not answer, and a swap returned {swapped:?}")
    })?;
    let loaded = bench.within("a load", || bench.impatient.load(key))?;
    match loaded {
        Err(error) => ensure(error.kind() == StoreErrorKind::Unavailable, || {
            format!("the server did not answer, and the error is {:?} instead of Unavailable", error.kind())
        })?,
        Ok(loaded) => return Err(Seen(format!("the server did not answer, and a load returned {loaded:?}"))),
    }
    let decided = bench.within("the check of a code", right)?;
    ensure(matches!(&decided, Err(Error::Store(_))), || {
        format!("the server did not answer, and the check of a code returned {decided:?}")
    })?;
    Ok(swapped)
}

/// Writes three records, for one batch.
fn records(bench: &Bench<'_>) -> Result<[RecordKey; 3], Seen> {
    let keys = [0; 3].map(|_| bench.key());
    for (key, record) in keys.iter().zip([b"1", b"2", b"3"]) {
        bench.put(key, record)?;
    }
    Ok(keys)
}

/// Returns whether a batch contains the records written by [`records`].
fn has_records(batch: &Batch) -> bool {
    batch.as_slice().iter().map(Loaded::record).eq([b"1", b"2", b"3"])
}

pub(in super::super) fn a_batch_whose_reply_is_lost(bench: &Bench<'_>) -> Checked {
    let engine = bench.engine()?;
    bench.back()?;
    let keys = records(bench)?;
    for _ in 0..LOST {
        bench.back()?;
        engine.lose_next_reply()?;
        let given = bench.within("a batch whose reply was lost", || bench.impatient.load_all(&keys))?;
        if let Ok(batch) = &given {
            ensure(has_records(batch), || format!("the reply was lost, and a batch returned {batch:?}"))?;
        }
        let after = bench.patiently(|| bench.impatient.load_all(&keys))?;
        ensure(has_records(&after), || format!("after a lost reply, a batch returned {after:?}"))?;
    }
    Ok(())
}

pub(in super::super) fn a_batch_of_a_server_that_stops_answering(bench: &Bench<'_>) -> Checked {
    let engine = bench.engine()?;
    let keys = records(bench)?;
    // Over a connection that is already open.
    bench.patiently(|| bench.impatient.load_all(&keys))?;

    engine.pause()?;
    let paused = bench.within("a batch", || bench.impatient.load_all(&keys));
    engine.resume()?;
    match paused? {
        Err(error) => ensure(error.kind() == StoreErrorKind::Unavailable, || {
            format!("the server did not answer, and the error is {:?} instead of Unavailable", error.kind())
        })?,
        Ok(batch) => return Err(Seen(format!("the server did not answer, and a batch returned {batch:?}"))),
    }
    bench.back()?;
    let after = bench.patiently(|| bench.impatient.load_all(&keys))?;
    ensure(has_records(&after), || format!("after the server resumed, a batch returned {after:?}"))
}
