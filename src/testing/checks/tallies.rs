//! Checks of tallies, and what they share.

mod calls;
mod expiry;
mod faults;
mod rules;
mod together;

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use super::super::bench::{Bench, BothTallies, Checked, Seen, ensure, pair};
use super::{Check, Needs};
use crate::Timestamp;
use crate::store::{Change, Entry, EntryKind, Sums, TallyKey};

pub(in super::super) const TALLY_CHECKS: &[Check] = &[
    Check {
        name: "an absent tally is empty",
        promise: "the entries of the keys, in the order of the keys; an absent one is the empty one of its kind",
        needs: Needs::Nothing,
        run: calls::absent_entries_are_empty,
    },
    Check {
        name: "a call has at most 24 tallies",
        promise: "a call has at most TALLIES_PER_CALL keys; if there are too many changes, none is applied",
        needs: Needs::Nothing,
        run: calls::too_many_keys_are_an_error,
    },
    Check {
        name: "records and tallies in one call are those of two",
        promise: "load_with_tallies reads records and tallies",
        needs: Needs::Nothing,
        run: calls::both_in_one_call_are_those_of_two,
    },
    Check {
        name: "no add is lost",
        promise: "each key is updated atomically: no add is lost, whoever else adds at the same time",
        needs: Needs::Nothing,
        run: together::no_add_is_lost,
    },
    Check {
        name: "adds in opposite orders all succeed",
        promise: "an engine that locks rows locks them in the order of the keys",
        needs: Needs::Nothing,
        run: together::opposite_orders_do_not_deadlock,
    },
    Check {
        name: "sums decay, and are floored at 0",
        promise: "an add first decays the entry by max(0, now - at), then adds, then floors at 0 (Sums::add)",
        needs: Needs::Nothing,
        run: rules::sums_are_those_of_the_rule,
    },
    Check {
        name: "a number's memory is that of the rule",
        promise: "an add first decays the entry by max(0, now - at), then adds, then floors at 0 (NumberMemory::apply)",
        needs: Needs::Nothing,
        run: rules::memories_are_those_of_the_rule,
    },
    Check {
        name: "a clock that went back decays nothing",
        promise: "the entry's at becomes max(at, now): it never moves back",
        needs: Needs::Nothing,
        run: rules::time_never_moves_back,
    },
    Check {
        name: "forgiving clears what was not answered",
        promise: "each sum is floored at 0; what is not a number adds nothing (Sums::add)",
        needs: Needs::Nothing,
        run: rules::extreme_changes_stay_in_range,
    },
    Check {
        name: "tallies expire after 10 days, verified numbers after 180",
        promise: "entries expire after KEPT_FOR without a change, a verified number KNOWN_FOR after its last verification",
        needs: Needs::Nothing,
        run: expiry::entries_expire,
    },
    Check {
        name: "a damaged tally is an error until an add replaces it",
        promise: "a read of a damaged entry fails; an add replaces it by the change applied to an empty one",
        needs: Needs::Damage,
        run: faults::damaged_entries_are_replaced,
    },
    Check {
        name: "an add whose reply is lost is not repeated",
        promise: "an add whose reply was lost is not retried, neither by the store nor by its client",
        needs: Needs::LostReplies,
        run: faults::lost_adds_are_not_repeated,
    },
    Check {
        name: "tallies of a server that stops answering are an error in bounded time",
        promise: "an error if the engine does not answer; an add is not retried",
        needs: Needs::Engine,
        run: faults::a_server_that_stops_answering,
    },
];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How far sums may be from those of the rule, relative to the sum.
const TOLERANCE: f64 = 1e-9;

impl<'a> Bench<'a> {
    fn both_tallies(&self) -> Result<BothTallies<'a>, Seen> {
        self.tallies.ok_or_else(|| Seen("no tallies were given".into()))
    }

    /// Returns keys of this kind that only this check uses.
    fn tally_keys<const N: usize>(&self, kind: EntryKind) -> [TallyKey; N] {
        [(); N].map(|()| {
            let halves = [self.unused(), self.unused()].map(u64::to_be_bytes);
            TallyKey::new(kind, pair(halves[0], halves[1]))
        })
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Checked {
        Ok(self.both_tallies()?.patient.add(changes, now)?)
    }

    /// Reads the entries, and expects one for each key.
    fn entries(&self, keys: &[TallyKey], now: Timestamp) -> Result<Vec<Entry>, Seen> {
        let entries = self.both_tallies()?.patient.read(keys, now)?;
        let (asked, given) = (keys.len(), entries.as_slice().len());
        ensure(asked == given, || format!("{asked} tallies were requested, and {given} were returned"))?;
        Ok(entries.as_slice().to_vec())
    }

    fn entry(&self, key: TallyKey, now: Timestamp) -> Result<Entry, Seen> {
        self.entries(&[key], now)?.pop().ok_or_else(|| Seen("no entry was returned".into()))
    }

    fn sums(&self, key: TallyKey, now: Timestamp) -> Result<Sums, Seen> {
        match self.entry(key, now)? {
            Entry::Sums(sums) => Ok(sums.decayed(now)),
            Entry::Number(_) => Err(Seen("the key of a tally returned the memory of a number".into())),
        }
    }

    /// Expects that the entry is this one, once both have decayed to `now`.
    fn expect(&self, key: TallyKey, expected: Entry, now: Timestamp, when: &str) -> Checked {
        let given = self.entry(key, now)?;
        ensure(is_same(&given, &expected, now), || {
            let [given, expected] = [given, expected].map(|entry| as_of(entry, now));
            format!("{when}: expected {expected:?}, the store returned {given:?}")
        })
    }
}

fn is_same(one: &Entry, other: &Entry, now: Timestamp) -> bool {
    match (as_of(*one, now), as_of(*other, now)) {
        (Entry::Sums(one), Entry::Sums(other)) => {
            one.at() == other.at()
                && is_close(one.unanswered(), other.unanswered())
                && is_close(one.answered(), other.answered())
        }
        (one, other) => one == other,
    }
}

fn as_of(entry: Entry, now: Timestamp) -> Entry {
    match entry {
        Entry::Sums(sums) => Entry::Sums(sums.decayed(now)),
        Entry::Number(memory) => Entry::Number(memory.as_of(now)),
    }
}

fn is_close(one: f64, other: f64) -> bool {
    (one - other).abs() <= TOLERANCE * other.max(1.0)
}
