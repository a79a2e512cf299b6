//! Checks of retention and expiry.

use alloc::format;
use core::time::Duration;
use std::thread::sleep;
use std::time::Instant;

use super::super::bench::{Bench, Checked, Seen, ensure};
use crate::Timestamp;
use crate::store::{Keep, RecordKey, Revision, Swap};

const SHORT: Duration = Duration::from_millis(1500);
const LONG: Duration = Duration::from_secs(3600);
/// The longest retention to check. A machine that is too slow to look at a record in time gets more
/// time, up to this bound.
const LONGEST: Duration = Duration::from_secs(120);

pub(in super::super) fn a_record_is_kept_for_its_time(bench: &Bench<'_>) -> Checked {
    let mut time = SHORT;
    while !is_kept_for(bench, time)? {
        time *= 4;
        ensure(time < LONGEST, || {
            format!("this machine is too slow to look at a record within {LONGEST:?}")
        })?;
    }
    Ok(())
}

/// Checks retention, and returns whether the machine was fast enough for the check to be
/// conclusive.
fn is_kept_for(bench: &Bench<'_>, time: Duration) -> Result<bool, Seen> {
    let [short, prolonged, for_ever, ages, past] = [0; 5].map(|_| bench.key());
    let put = |key, keep| bench.swap_for(keep, key, Revision::ABSENT, b"x", Swap::Applied, "a new record");
    let begun = Instant::now();
    put(&prolonged, bench.keep(time))?;
    let revision = bench.revision(&prolonged)?;
    let swap = bench.store.compare_and_swap(&prolonged, revision, b"y", bench.keep(LONG))?;
    if time <= begun.elapsed() {
        return Ok(false);
    }
    ensure(swap == Swap::Applied, || {
        format!("a longer retention: expected Applied, the store answered {swap:?}")
    })?;
    put(&for_ever, Keep::new(bench.now(), Timestamp::MAX))?;
    put(&ages, Keep::new(bench.now(), Timestamp::MAX - Duration::from_millis(1)))?;
    // It may be dropped before anybody reads it, but writing it is not an error.
    put(&past, Keep::new(bench.now(), Timestamp::EPOCH))?;

    let begun = Instant::now();
    put(&short, bench.keep(time))?;
    let mut seen_at = Duration::ZERO;
    loop {
        let loaded = bench.load(&short)?;
        let age = begun.elapsed();
        if time <= age {
            break;
        }
        ensure(loaded.revision() != Revision::ABSENT, || {
            format!("a record that was to be kept for {time:?} was gone after {age:?}")
        })?;
        seen_at = age;
        sleep(Duration::from_millis(20));
    }
    // Otherwise the record may have been dropped much earlier.
    if seen_at < time.mul_f32(0.75) {
        return Ok(false);
    }
    sleep(time / 10);
    write_others(bench)?;
    for (key, what) in [
        (&prolonged, "whose retention a later write extended"),
        (&for_ever, "that was to be kept for ever"),
        (&ages, "that was to be kept for thousands of years"),
    ] {
        let kept = bench.revision(key)? != Revision::ABSENT;
        ensure(kept, || format!("a record {what} was gone after {:?}", begun.elapsed()))?;
    }
    Ok(true)
}

pub(in super::super) fn a_record_is_dropped_after_its_time(bench: &Bench<'_>) -> Checked {
    let key = bench.key();
    let begun = bench.elapsed();
    let keep = bench.keep(SHORT / 10);
    bench.swap_for(keep, &key, Revision::ABSENT, b"x", Swap::Applied, "a new record")?;
    let old = bench.revision(&key)?;
    sleep(SHORT / 10);
    let mut others = 0;
    while bench.revision(&key)? != Revision::ABSENT {
        let age = bench.elapsed() - begun;
        ensure(others < 2 || age < bench.longest_wait, || {
            format!("a record that was to be kept for {:?} is there after {age:?}", SHORT / 10)
        })?;
        write_others(bench)?;
        others += 1;
        sleep(Duration::from_millis(50));
    }
    if old != Revision::ABSENT {
        bench.swap(&key, old, b"y", Swap::Conflict, "the revision of an expired record")?;
    }
    let new = bench.put(&key, b"z")?;
    ensure(new != old, || format!("{old:?} was reused after the record expired"))
}

/// Writes other records: a store without a clock drops expired records during writes, perhaps only
/// near the written key.
fn write_others(bench: &Bench<'_>) -> Checked {
    (0..=u8::MAX).try_for_each(|first| {
        let key: RecordKey = bench.key_that_ends_in([first, 1, 1, 1, 1, 1, 1, 1]);
        let revision = bench.revision(&key)?;
        bench.swap(&key, revision, b"x", Swap::Applied, "the revision that was loaded")
    })
}
