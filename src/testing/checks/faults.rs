//! A server in trouble.

use alloc::format;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::thread;

use super::super::Engine;
use super::super::bench::{Bench, Checked, Seen, ensure};
use super::swaps::count;
use super::verdicts::{check, secret, start, verifier};
use crate::store::{Batch, Loaded, RecordKey, Revision, StoreError, StoreErrorKind, Swap};
use crate::{Error, Keys, Verifier};

/// So many replies are lost, one after another.
const LOST: usize = 5;

/// So many writes are applied before a restart, and after it.
const WRITES: u64 = 5;

pub(in super::super) fn a_lost_reply_is_unknown(bench: &Bench<'_>) -> Checked {
    let engine = engine(bench)?;
    // One reply was lost to find out whether that can be done.
    bench.back()?;
    for number in 1..=LOST {
        // A swap whose answer the store did not wait for may still arrive: it is of another key then.
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
                    "the reply was lost, the record is written, and the store says that it failed: {error}"
                )
            })?,
            Ok(Swap::Conflict) => {
                return Err(Seen("the reply was lost, and the store answered Conflict".into()));
            }
            Ok(Swap::Applied) => {
                ensure(written, || "the store answered Applied, and the record is not written".into())?;
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
        // It was the reply to a load, and nothing is written.
        passed = check(bench, &verifier, &issued, issued.code().as_str());
    }
    ensure(passed.is_ok(), || format!("a right code one of whose replies was lost was answered {passed:?}"))
}

pub(in super::super) fn a_restart_loses_nothing(bench: &Bench<'_>) -> Checked {
    let engine = engine(bench)?;
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
        format!(
            "{applied} writes were Applied before, while and after the server was restarted, and {counted} are there"
        )
    })?;
    ensure(counted <= applied + unknown, || {
        format!(
            "{applied} writes were Applied and {unknown} Unknown, and {counted} are there: one that was an error or a conflict was written"
        )
    })?;
    let new = bench.put(&gone, b"y")?;
    ensure(new != old, || format!("{old:?} came again after a restart"))
}

/// What became of writes, one after another.
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
    let engine = engine(bench)?;
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
    // A request that was on its way may arrive now.
    thread::sleep(Duration::from_millis(300));
    let after = bench.patiently(|| bench.store.load(&key))?;
    ensure(swapped.is_ok() || after.record() == b"before", || {
        "a swap was an error, which means that nothing is written, and was written when the server went on"
            .into()
    })?;
    let passed = check(bench, &verifier, &issued, issued.code().as_str());
    ensure(passed.is_ok(), || format!("the right code was answered {passed:?} when the server was back"))
}

/// The calls whose answers must be errors, soon, and what the swap of them answered.
fn ask_while_it_is_paused(
    bench: &Bench<'_>,
    key: &RecordKey,
    revision: Revision,
    right: impl Fn() -> Result<crate::Verified, Error>,
) -> Result<Result<Swap, StoreError>, Seen> {
    // First, while there is a connection over which it can arrive late.
    let swapped = bench
        .within("a swap", || bench.impatient.compare_and_swap(key, revision, b"after", bench.an_hour()))?;
    ensure(matches!(&swapped, Ok(Swap::Unknown) | Err(_)), || {
        format!("the server does not answer, and a swap was answered {swapped:?}")
    })?;
    let loaded = bench.within("a load", || bench.impatient.load(key))?;
    match loaded {
        Err(error) => ensure(error.kind() == StoreErrorKind::Unavailable, || {
            format!("the server does not answer, and the error is {:?} instead of Unavailable", error.kind())
        })?,
        Ok(loaded) => return Err(Seen(format!("the server does not answer, and a load gave {loaded:?}"))),
    }
    let decided = bench.within("the check of a code", right)?;
    ensure(matches!(&decided, Err(Error::Store(_))), || {
        format!("the server does not answer, and the check of a code gave {decided:?}")
    })?;
    Ok(swapped)
}

/// Three records, for one batch.
fn records(bench: &Bench<'_>) -> Result<[RecordKey; 3], Seen> {
    let keys = [0; 3].map(|_| bench.key());
    for (key, record) in keys.iter().zip([b"1", b"2", b"3"]) {
        bench.put(key, record)?;
    }
    Ok(keys)
}

/// Whether a batch has what [`records`] wrote.
fn has_records(batch: &Batch) -> bool {
    batch.as_slice().iter().map(Loaded::record).eq([b"1", b"2", b"3"])
}

pub(in super::super) fn a_batch_whose_reply_is_lost(bench: &Bench<'_>) -> Checked {
    let engine = engine(bench)?;
    bench.back()?;
    let keys = records(bench)?;
    for _ in 0..LOST {
        bench.back()?;
        engine.lose_next_reply()?;
        let given = bench.within("a batch whose reply was lost", || bench.impatient.load_all(&keys))?;
        if let Ok(batch) = &given {
            ensure(has_records(batch), || format!("the reply was lost, and a batch gave {batch:?}"))?;
        }
        let after = bench.patiently(|| bench.impatient.load_all(&keys))?;
        ensure(has_records(&after), || format!("after a reply that was lost a batch gave {after:?}"))?;
    }
    Ok(())
}

pub(in super::super) fn a_batch_of_a_server_that_stops_answering(bench: &Bench<'_>) -> Checked {
    let engine = engine(bench)?;
    let keys = records(bench)?;
    // Over a connection that is there already.
    bench.patiently(|| bench.impatient.load_all(&keys))?;

    engine.pause()?;
    let paused = bench.within("a batch", || bench.impatient.load_all(&keys));
    engine.resume()?;
    match paused? {
        Err(error) => ensure(error.kind() == StoreErrorKind::Unavailable, || {
            format!("the server does not answer, and the error is {:?} instead of Unavailable", error.kind())
        })?,
        Ok(batch) => return Err(Seen(format!("the server does not answer, and a batch gave {batch:?}"))),
    }
    bench.back()?;
    let after = bench.patiently(|| bench.impatient.load_all(&keys))?;
    ensure(has_records(&after), || format!("when the server was back a batch gave {after:?}"))
}

fn engine<'a>(bench: &Bench<'a>) -> Result<&'a dyn Engine, Seen> {
    bench.engine.ok_or_else(|| Seen("no hooks to its server were given".into()))
}
