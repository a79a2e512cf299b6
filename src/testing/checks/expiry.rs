//! How long a record is kept.

use alloc::format;
use core::time::Duration;
use std::thread::sleep;
use std::time::Instant;

use super::super::bench::{Bench, Checked, ensure};
use crate::Timestamp;
use crate::store::{Keep, RecordKey, Revision, Swap};

const SHORT: Duration = Duration::from_millis(1500);
const LONG: Duration = Duration::from_secs(3600);

pub(in super::super) fn a_record_is_kept_for_its_time(bench: &Bench<'_>) -> Checked {
    let [short, prolonged, for_ever, ages, past] = [0; 5].map(|_| bench.key());
    let put = |key, keep| bench.swap_for(keep, key, Revision::ABSENT, b"x", Swap::Applied, "a new record");
    put(&prolonged, bench.keep(SHORT))?;
    let revision = bench.revision(&prolonged)?;
    bench.swap_for(bench.keep(LONG), &prolonged, revision, b"y", Swap::Applied, "a longer time")?;
    put(&for_ever, Keep::new(bench.now(), Timestamp::MAX))?;
    put(&ages, Keep::new(bench.now(), Timestamp::MAX - Duration::from_millis(1)))?;
    // It may be dropped before anybody sees it, but it is no error.
    put(&past, Keep::new(bench.now(), Timestamp::EPOCH))?;

    let begun = Instant::now();
    put(&short, bench.keep(SHORT))?;
    loop {
        let loaded = bench.load(&short)?;
        let age = begun.elapsed();
        if SHORT <= age {
            break;
        }
        ensure(loaded.revision() != Revision::ABSENT, || {
            format!("a record that was to be kept for {SHORT:?} was gone after {age:?}")
        })?;
        sleep(Duration::from_millis(20));
    }
    sleep(SHORT / 10);
    write_others(bench)?;
    for (key, what) in [
        (&prolonged, "whose time a later write prolonged"),
        (&for_ever, "that was to be kept for ever"),
        (&ages, "that was to be kept for thousands of years"),
    ] {
        let kept = bench.revision(key)? != Revision::ABSENT;
        ensure(kept, || format!("a record {what} was gone after {:?}", begun.elapsed()))?;
    }
    Ok(())
}

pub(in super::super) fn a_record_is_dropped_after_its_time(bench: &Bench<'_>) -> Checked {
    let key = bench.key();
    let begun = Instant::now();
    let keep = bench.keep(SHORT / 10);
    bench.swap_for(keep, &key, Revision::ABSENT, b"x", Swap::Applied, "a new record")?;
    let old = bench.revision(&key)?;
    sleep(SHORT / 10);
    while bench.revision(&key)? != Revision::ABSENT {
        ensure(begun.elapsed() < bench.longest_wait, || {
            format!("a record that was to be kept for {:?} is there after {:?}", SHORT / 10, begun.elapsed())
        })?;
        write_others(bench)?;
        sleep(Duration::from_millis(50));
    }
    if old != Revision::ABSENT {
        bench.swap(&key, old, b"y", Swap::Conflict, "the revision of a record whose time was over")?;
    }
    let new = bench.put(&key, b"z")?;
    ensure(new != old, || format!("{old:?} came again after the record's time was over"))
}

/// A store without a clock drops as it writes, and perhaps only near what it writes.
fn write_others(bench: &Bench<'_>) -> Checked {
    (0..=u8::MAX).try_for_each(|first| {
        let key: RecordKey = bench.key_that_ends_in([first, 1, 1, 1, 1, 1, 1, 1]);
        let revision = bench.revision(&key)?;
        bench.swap(&key, revision, b"x", Swap::Applied, "the revision that was loaded")
    })
}
