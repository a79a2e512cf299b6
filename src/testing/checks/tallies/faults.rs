//! Checks of tallies whose engine fails or holds what the store did not write.

use alloc::format;
use core::time::Duration;
use std::thread;

use super::super::super::bench::{Bench, Checked, Seen, ensure};
use crate::store::{Change, Effect, Entry, EntryKind, NumberChange, StoreErrorKind};

/// The number of replies that are lost, one after another.
const LOST: usize = 5;

/// How long a request in flight may take to arrive.
const ARRIVAL: Duration = Duration::from_millis(300);

pub(in super::super) fn damaged_entries_are_replaced(bench: &Bench<'_>) -> Checked {
    let (engine, now, tallies) = (bench.engine()?, bench.now(), bench.both_tallies()?.patient);
    let effects = [
        Effect::Sums { unanswered: 3.0, answered: 1.0 },
        Effect::Number(NumberChange { sends: 1, ..NumberChange::verified(now) }),
    ];
    for (way, effect) in (0..engine.ways_to_damage()).flat_map(|way| effects.map(|effect| (way, effect))) {
        let [key, sound] = bench.tally_keys(effect.kind());
        let changes = [Change::new(key, effect), Change::new(sound, effect)];
        bench.add(&changes, now)?;
        engine.damage_tally(&key, way)?;
        let damaged = format!("an entry of the kind {:?}, damaged in way {way},", effect.kind());
        let keys = [sound, key];
        for (what, given) in [
            ("read", tallies.read(&keys, now)),
            ("read with records", tallies.load_with_tallies(&[], &keys, now).tallies),
        ] {
            match given.map_err(|error| error.kind()) {
                Err(StoreErrorKind::NotATally) => {}
                given => return Err(Seen(format!("{damaged} was {what} as {given:?}"))),
            }
        }
        let records = tallies.load_with_tallies(&[bench.key()], &keys, now).records;
        ensure(records.is_ok(), || format!("{damaged} failed the records in the same call: {records:?}"))?;
        let mut expected = Entry::empty(effect.kind());
        expected.apply(effect, now);
        bench.add(&changes[..1], now)?;
        bench.expect(key, expected, now, &format!("{damaged} and changed"))?;
        bench.expect(sound, expected, now, "an entry beside a damaged one")?;
    }
    Ok(())
}

pub(in super::super) fn lost_adds_are_not_repeated(bench: &Bench<'_>) -> Checked {
    let (engine, now) = (bench.engine()?, bench.now());
    let impatient = bench.both_tallies()?.impatient;
    // One reply was lost to find out whether the hook exists.
    bench.back()?;
    for _ in 0..LOST {
        let [key, other] = bench.tally_keys(EntryKind::Sums);
        // On an open connection, whose next request is the add.
        bench.patiently(|| impatient.add(&[Change::sums(other, 1.0, 0.0)], now))?;
        engine.lose_next_reply()?;
        let change = [Change::sums(key, 1.0, 0.0)];
        let given = bench.within("an add whose reply was lost", || impatient.add(&change, now))?;
        bench.back()?;
        thread::sleep(ARRIVAL);
        let added = bench.sums(key, now)?.unanswered();
        ensure(added <= 1.0, || format!("an add of 1 whose reply was lost added {added}"))?;
        ensure(given.is_err() || added == 1.0, || format!("an add of 1 succeeded, and added {added}"))?;
    }
    Ok(())
}

pub(in super::super) fn a_server_that_stops_answering(bench: &Bench<'_>) -> Checked {
    let (engine, now) = (bench.engine()?, bench.now());
    let impatient = bench.both_tallies()?.impatient;
    let keys = bench.tally_keys::<2>(EntryKind::Sums);
    let records = [bench.key()];
    let changes = keys.map(|key| Change::sums(key, 1.0, 0.0));
    // Over a connection that is already open.
    bench.patiently(|| impatient.read(&keys, now))?;

    engine.pause()?;
    let added = bench.within("an add", || impatient.add(&changes, now));
    let read = bench.within("a read of tallies", || impatient.read(&keys, now));
    let both = bench.within("a read of both", || impatient.load_with_tallies(&records, &keys, now));
    engine.resume()?;

    let (read, both) = (read?.map(drop), both?);
    let given = [
        ("an add", added?),
        ("a read", read),
        ("records", both.records.map(drop)),
        ("tallies", both.tallies.map(drop)),
    ];
    for (what, given) in given {
        let kind = given.map_err(|error| error.kind());
        ensure(kind == Err(StoreErrorKind::Unavailable), || {
            format!("the server did not answer, and {what} returned {kind:?} instead of Unavailable")
        })?;
    }
    bench.back()?;
    thread::sleep(ARRIVAL);
    for key in keys {
        let added = bench.sums(key, now)?.unanswered();
        ensure(added <= 1.0, || format!("an add of 1 to a server that did not answer added {added}"))?;
    }
    Ok(())
}
