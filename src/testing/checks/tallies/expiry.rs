//! Checks of the expiry of entries, by the time of the calls: an engine's own clock can't be moved.

use core::time::Duration;

use super::super::super::bench::{Bench, Checked};
use super::DAY;
use crate::store::{Change, Effect, Entry, EntryKind, KEPT_FOR, KNOWN_FOR, NumberChange};

const MILLISECOND: Duration = Duration::from_millis(1);

pub(in super::super) fn entries_expire(bench: &Bench<'_>) -> Checked {
    let now = bench.now();
    let [tally] = bench.tally_keys(EntryKind::Sums);
    let [stranger, verified] = bench.tally_keys(EntryKind::Number);
    let changes = [
        Change::sums(tally, 1e6, 1e3),
        Change::number(stranger, NumberChange::sent([1, 0])),
        Change::number(verified, NumberChange::verified(now - 30 * DAY)),
    ];
    bench.add(&changes, now)?;
    for (change, kept_for) in changes.iter().zip([KEPT_FOR, KEPT_FOR, KNOWN_FOR]) {
        let (key, empty) = (change.key(), Entry::empty(change.key().kind()));
        let mut kept = empty;
        kept.apply(change.effect(), now);
        bench.expect(key, kept, now + (kept_for - MILLISECOND), "just before an entry expires")?;
        bench.expect(key, empty, now + (kept_for + MILLISECOND), "just after an entry expires")?;
        // A read drops nothing for a caller whose clock is right.
        bench.expect(key, kept, now, "after a read by a clock that is days ahead")?;
        // A change of what has expired is one of an empty entry.
        let (late, again) = (now + (kept_for + DAY), again(key.kind()));
        let mut renewed = empty;
        renewed.apply(again, late);
        bench.add(&[Change::new(key, again)], late)?;
        bench.expect(key, renewed, late, "after a change of an entry that had expired")?;
    }
    Ok(())
}

fn again(kind: EntryKind) -> Effect {
    match kind {
        EntryKind::Sums => Effect::Sums { unanswered: 1.0, answered: 0.0 },
        EntryKind::Number => Effect::Number(NumberChange::sent([0, 1])),
    }
}
