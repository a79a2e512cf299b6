//! Checks of adds from many threads at once.

use alloc::format;
use alloc::vec::Vec;

use super::super::super::bench::{Bench, Checked, Seen, THREADS, ensure};
use super::super::swaps::at_once;
use crate::store::{Change, Effect, Entry, EntryKind, NumberChange, TALLIES_PER_CALL};

/// How many times each thread adds one.
const ADDS: usize = 25;

pub(in super::super) fn no_add_is_lost(bench: &Bench<'_>) -> Checked {
    let now = bench.now();
    let [hot, warm] = bench.tally_keys(EntryKind::Sums);
    let [number] = bench.tally_keys(EntryKind::Number);
    let unanswered = NumberChange { unanswered: 1, ..NumberChange::default() };
    let changes =
        [Change::sums(hot, 1.0, 0.5), Change::number(number, unanswered), Change::sums(warm, 0.0, 2.0)];
    let added = at_once(|_| (0..ADDS).try_for_each(|_| bench.add(&changes, now)));
    added.into_iter().collect::<Result<(), Seen>>()?;
    for change in changes {
        let mut expected = Entry::empty(change.key().kind());
        (0..THREADS * ADDS).for_each(|_| expected.apply(change.effect(), now));
        bench.expect(
            change.key(),
            expected,
            now,
            &format!("after {ADDS} adds from each of {THREADS} threads"),
        )?;
    }
    Ok(())
}

/// Half of the threads add in the order of the keys, half in the opposite order, as two servers
/// may. Some keys are new in each round, for inserts lock too.
pub(in super::super) fn opposite_orders_do_not_deadlock(bench: &Bench<'_>) -> Checked {
    let now = bench.now();
    let mut keys = bench.tally_keys::<{ TALLIES_PER_CALL - 4 }>(EntryKind::Sums).to_vec();
    let numbers = bench.tally_keys::<4>(EntryKind::Number);
    keys.extend(numbers);
    for _ in 0..4 {
        let fresh = bench.tally_keys::<8>(EntryKind::Sums);
        keys[..8].copy_from_slice(&fresh);
        keys.sort();
        let before = bench.entries(&keys, now)?;
        let one = |kind| match kind {
            EntryKind::Sums => Effect::Sums { unanswered: 1.0, answered: 0.0 },
            EntryKind::Number => Effect::Number(NumberChange { unanswered: 1, ..NumberChange::default() }),
        };
        let forwards: Vec<Change> = keys.iter().map(|key| Change::new(*key, one(key.kind()))).collect();
        let backwards: Vec<Change> = forwards.iter().rev().copied().collect();
        let added = at_once(|thread| {
            let changes = if thread % 2 == 0 { &forwards } else { &backwards };
            (0..5).try_for_each(|_| bench.add(changes, now))
        });
        added.into_iter().collect::<Result<(), Seen>>()?;
        for ((given, before), change) in bench.entries(&keys, now)?.into_iter().zip(before).zip(&forwards) {
            let mut expected = before;
            (0..5 * THREADS).for_each(|_| expected.apply(change.effect(), now));
            ensure(super::is_same(&given, &expected, now), || {
                format!("after adds in opposite orders: expected {expected:?}, the store returned {given:?}")
            })?;
        }
    }
    Ok(())
}
