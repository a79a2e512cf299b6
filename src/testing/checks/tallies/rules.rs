//! Checks that a store counts as the rules in Rust do.

use alloc::format;
use core::time::Duration;

use super::super::super::bench::{Bench, Checked, ensure};
use super::DAY;
use crate::Timestamp;
use crate::store::{Change, Effect, Entry, EntryKind, NumberChange, Sums, TallyKey};

/// The length of a pseudo-random sequence of changes.
const CHANGES: usize = 150;

pub(in super::super) fn sums_are_those_of_the_rule(bench: &Bench<'_>) -> Checked {
    let [key] = bench.tally_keys(EntryKind::Sums);
    follows_the_rule(bench, key, |random, _, _| Effect::Sums {
        unanswered: f64::from(random.below(2000)) / 300.0 - 2.0,
        answered: f64::from(random.below(2000)) / 700.0 - 1.0,
    })?;
    // Random changes need not reach the floor.
    let [key] = bench.tally_keys(EntryKind::Sums);
    let (now, mut expected) = (bench.now(), Sums::EMPTY);
    for (unanswered, answered) in [(1.0, 1.0), (-3.0, 0.5), (0.25, -4.0)] {
        expected.add(unanswered, answered, now);
        bench.add(&[Change::sums(key, unanswered, answered)], now)?;
        bench.expect(key, Entry::Sums(expected), now, "after an add below 0")?;
    }
    // Far below what is shown of a number, and not below what a double holds.
    let [key] = bench.tally_keys(EntryKind::Sums);
    let now = bench.now();
    let mut expected = Sums::EMPTY;
    for day in 0..130 {
        let now = now + 9 * day * DAY;
        let answered = if day == 0 { 1.0 } else { 0.0 };
        expected.add(1.0, answered, now);
        bench.add(&[Change::sums(key, 1.0, answered)], now)?;
    }
    bench.expect(key, Entry::Sums(expected), now, "after years without an answer")
}

pub(in super::super) fn memories_are_those_of_the_rule(bench: &Bench<'_>) -> Checked {
    for _ in 0..3 {
        let [key] = bench.tally_keys(EntryKind::Number);
        follows_the_rule(bench, key, |random, now, memory| {
            let mut owed = || match random.below(8) {
                0 => -1,
                1..=3 => 1,
                4 => random.below(256) as u8 as i8,
                _ => 0,
            };
            let (unanswered, owed) = (owed(), [owed(), owed()]);
            let verified_since = match random.below(8) {
                0 => Some(now),
                1 => Some(now - 30 * DAY),
                _ => None,
            };
            // Few enough for the smallest store, which counts up to 15 a day.
            let are_few = matches!(memory, Entry::Number(memory) if memory.sends_in_24h(now) <= 12.0);
            let sends = u8::from(are_few && random.below(2) == 0);
            Effect::Number(NumberChange { sends, unanswered, owed, verified_since })
        })?;
    }
    Ok(())
}

/// Applies a pseudo-random sequence of changes to an entry and to the rule, and compares the two
/// after each.
fn follows_the_rule(
    bench: &Bench<'_>,
    key: TallyKey,
    mut effect: impl FnMut(&mut Random, Timestamp, &Entry) -> Effect,
) -> Checked {
    let mut random = Random(bench.unused());
    let mut now = bench.now();
    let mut expected = Entry::empty(key.kind());
    // The first change creates an entry, and others need not.
    let first = match key.kind() {
        EntryKind::Sums => Effect::Sums { unanswered: 1.0, answered: 1.0 },
        EntryKind::Number => Effect::Number(NumberChange::sent([1, 0])),
    };
    for number in 0..CHANGES {
        let effect = if number == 0 { first } else { effect(&mut random, now, &expected) };
        expected.apply(effect, now);
        bench.add(&[Change::new(key, effect)], now)?;
        let when = || format!("after {} changes, the last of them {effect:?} at {now:?}", number + 1);
        bench.expect(key, expected, now, &when())?;
        let step = Duration::from_millis(u64::from(match random.below(16) {
            0 => 0,
            1 => 86_400_000,
            2 | 3 => random.below(1000),
            // For days, and sometimes until the entry has expired.
            4 => random.below(u32::MAX),
            _ => random.below(6 * 3_600_000),
        }));
        now = if random.below(12) == 0 { now - step } else { now + step };
        bench.expect(key, expected, now, "read at the time of the next change")?;
    }
    Ok(())
}

/// Steele's and Vigna's SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        let high = ((mixed ^ mixed >> 31) >> 32) as u32;
        ((u64::from(high) * u64::from(end)) >> 32) as u32
    }
}

pub(in super::super) fn time_never_moves_back(bench: &Bench<'_>) -> Checked {
    let now = bench.now();
    let [sums] = bench.tally_keys(EntryKind::Sums);
    let [number] = bench.tally_keys(EntryKind::Number);
    let sent = NumberChange::sent([1, 0]);
    for at in [now, now - 5 * DAY, now - DAY] {
        bench.add(&[Change::sums(sums, 8.0, 4.0), Change::number(number, sent)], at)?;
    }
    for key in [sums, number] {
        let at = bench.entry(key, now - 20 * DAY)?.at();
        ensure(at == now, || format!("changed at {now:?} and earlier, an entry's time is {at:?}"))?;
    }
    let mut expected = Entry::empty(EntryKind::Number);
    (0..3).for_each(|_| expected.apply(Effect::Number(sent), now));
    bench.expect(number, expected, now, "sends of a clock that went back")?;
    bench.expect(sums, Entry::Sums(Sums::new(24.0, 12.0, now)?), now, "adds of a clock that went back")
}

pub(in super::super) fn extreme_changes_stay_in_range(bench: &Bench<'_>) -> Checked {
    let now = bench.now();
    let [key, absent] = bench.tally_keys(EntryKind::Sums);
    bench.add(&[Change::sums(key, 8.0, 4.0)], now)?;
    let mut expected = Sums::new(8.0, 4.0, now)?;
    let (most, least) = (f64::MAX, f64::MIN);
    for (unanswered, answered) in [
        (-3.0, 0.0),
        (least, 0.0),
        (1.0, 1.0),
        (f64::NAN, f64::NAN),
        (most, f64::INFINITY),
        (most, most),
        (f64::NEG_INFINITY, least),
        (1e-300, 0.1),
    ] {
        expected.add(unanswered, answered, now);
        bench.add(&[Change::sums(key, unanswered, answered)], now)?;
        let when = format!("after an add of {unanswered:e} and {answered:e}");
        bench.expect(key, Entry::Sums(expected), now, &when)?;
    }
    bench.add(&[Change::forgive(absent)], now)?;
    let sums = bench.sums(absent, now)?;
    ensure((sums.unanswered(), sums.answered()) == (0.0, 0.0), || {
        format!("an absent tally was forgiven, and is {sums:?}")
    })
}
