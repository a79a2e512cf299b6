//! Random operations, beside a model that keeps the numbers of charges in sets.

extern crate alloc;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::time::Duration;

use super::*;
use crate::Keys;
use crate::account::record::{AccountRecord, AccountState};
use crate::store::RecordKey;

const START: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// The charges of one factor.
#[derive(Clone, Default)]
struct Numbers {
    counting: BTreeSet<u32>,
    last: u32,
    forget_at: Timestamp,
}

/// What the budget has to agree with.
#[derive(Clone, Default)]
struct Model {
    factors: [[Numbers; 3]; 2],
    locks: [u32; 2],
    /// The end of the last lock, and the charge that caused it.
    lock: [Option<(Timestamp, ChargeId)>; 2],
    closed_by: Option<ChargeId>,
}

impl Model {
    fn sum(&self, group: Group) -> usize {
        self.factors[group as usize].iter().map(|numbers| numbers.counting.len()).sum()
    }

    fn total(&self) -> usize {
        Group::ALL.iter().map(|&group| self.sum(group)).sum()
    }

    fn numbers(&mut self, group: Group, factor: Factor) -> &mut Numbers {
        &mut self.factors[group as usize][factor as usize]
    }

    fn charge(&mut self, id: ChargeId, at: Timestamp, limits: &Limits) {
        let numbers = self.numbers(id.group, id.factor);
        assert!(numbers.last == 0 || id.number == numbers.last + 1, "numbers never recur");
        (numbers.last, numbers.forget_at) = (id.number, numbers.forget_at.max(after(at, limits)));
        numbers.counting.insert(id.number);
        let place = id.group as usize;
        if self.total() >= 100 {
            self.closed_by = Some(id);
        } else if self.sum(id.group).is_multiple_of(limits.failures_before_lock().into()) {
            let longest = limits.lock().max(Duration::from_secs(86_400));
            let end = at + (limits.lock() * 2_u32.pow(self.locks[place].min(16))).min(longest);
            self.locks[place] += 1;
            self.lock[place] = Some((end, id));
            let outlasts_memory = after(at, limits) <= end;
            for (factor, numbers) in self.factors[place].iter_mut().enumerate() {
                if !numbers.counting.is_empty() && (factor == id.factor as usize || outlasts_memory) {
                    numbers.forget_at = numbers.forget_at.max(after(end, limits));
                }
            }
        }
    }

    /// Removes the numbers of this factor that `is_cleared` selects, if the charge is a recent one.
    fn clear(&mut self, id: ChargeId, is_cleared: impl Fn(u32) -> bool) {
        let numbers = self.numbers(id.group, id.factor);
        if id.number <= numbers.last && numbers.last - id.number < 64 {
            numbers.counting.retain(|&number| !is_cleared(number));
        }
        self.closed_by.take_if(|by| *by == id);
        let place = id.group as usize;
        if self.lock[place].take_if(|(_, by)| *by == id).is_some() {
            self.locks[place] = self.locks[place].saturating_sub(1);
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        for group in Group::ALL {
            let place = group as usize;
            let empty = self.factors[place].iter_mut().filter(|numbers| numbers.counting.is_empty());
            empty.for_each(|numbers| numbers.forget_at = Timestamp::EPOCH);
            if self.sum(group) == 0 {
                self.locks[place] = 0;
            }
        }
    }

    fn run_out(&mut self, at: Timestamp) {
        if self.closed_by.is_none() {
            let all = self.factors.iter_mut().flatten();
            all.filter(|numbers| numbers.forget_at <= at).for_each(|numbers| numbers.counting.clear());
            self.tidy();
        }
    }

    fn lock(&self, group: Group, at: Timestamp) -> Option<Lock> {
        let timed = self.lock[group as usize].map(|(end, _)| end).filter(|end| at < *end);
        self.closed_by.map(|_| Lock::Closed).or(timed.map(Lock::Until))
    }
}

fn after(from: Timestamp, limits: &Limits) -> Timestamp {
    limits.failure_memory().map_or(Timestamp::MAX, |memory| from + memory)
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % bound
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// The budget and its model, side by side.
struct Walk {
    budget: Budget,
    model: Model,
    at: Timestamp,
    limits: Limits,
    made: Vec<ChargeId>,
    keys: Keys,
    /// Guesses one factor, never succeeds, and waits for every lock to end.
    is_attack: bool,
}

impl Walk {
    fn new(random: &mut Random) -> Self {
        let lock = Duration::from_secs(random.one_of(&[300, 3600, 604_800]));
        let memory = Duration::from_secs(random.one_of(&[86_400, 2_592_000]));
        let limits = Limits::default()
            .with_failures_before_lock(random.one_of(&[1, 2, 3, 10, 10, 100]))
            .and_then(|limits| limits.with_lock(lock)?.with_failure_memory(memory))
            .unwrap();
        let limits = if random.below(4) == 0 { limits.with_failure_memory_forever() } else { limits };
        let keys = Keys::from_secret([7; 32]).unwrap();
        let (budget, model) = Default::default();
        let is_attack = random.below(2) == 0;
        Self { budget, model, at: START, limits, made: Vec::new(), keys, is_attack }
    }

    fn step(&mut self, random: &mut Random) {
        if self.is_attack && random.below(100) > 0 {
            self.guess(random);
        } else {
            self.any(random);
        }
        self.budget.run_out(self.at);
        self.model.run_out(self.at);
        self.compare();
    }

    fn guess(&mut self, random: &mut Random) {
        match self.budget.lock(Group::Common, self.at) {
            None => self.charge(Group::Common, Factor::Totp, random),
            Some(Lock::Until(end)) => self.at = end,
            Some(Lock::Closed) => self.wait(random),
        }
    }

    fn any(&mut self, random: &mut Random) {
        let (group, factor) = (random.one_of(&Group::ALL), random.one_of(&Factor::ALL));
        // Mostly one of the last charges, as calls under way are.
        let recent = self.made.len().saturating_sub(random.one_of(&[1, 3, 12, 1000]));
        let id = self.made.get(recent..).filter(|made| !made.is_empty()).map(|made| random.one_of(made));
        match (random.below(100), id) {
            (0..60, _) if self.budget.lock(group, self.at).is_none() => self.charge(group, factor, random),
            (60..70, Some(id)) => {
                self.budget.settle(id);
                self.model.clear(id, |number| number <= id.number);
            }
            (70..76, Some(id)) => {
                self.budget.refund(id);
                self.model.clear(id, |number| number == id.number);
            }
            (76, _) => {
                self.budget.succeed(group, factor);
                self.model.numbers(group, factor).counting.clear();
                self.model.tidy();
            }
            (77, _) if random.below(4) == 0 => {
                self.budget.clear();
                self.model.factors.iter_mut().flatten().for_each(|numbers| numbers.counting.clear());
                (self.model.closed_by, self.model.lock) = (None, [None; 2]);
                self.model.tidy();
            }
            _ => self.wait(random),
        }
    }

    fn charge(&mut self, group: Group, factor: Factor, random: &mut Random) {
        let first = random.below(u64::MAX) as u32;
        let id = self.budget.charge(group, factor, first, self.at, &self.limits);
        self.model.charge(id, self.at, &self.limits);
        self.made.push(id);
    }

    fn wait(&mut self, random: &mut Random) {
        let seconds = random.one_of(&[0, 1, 60, 3600, 3600, 86_400, 86_400, 40 * 86_400]);
        self.at = self.at + Duration::from_millis(random.below(1000 * seconds + 1));
    }

    fn compare(&self) {
        let Self { budget, model, at, limits, .. } = self;
        assert_eq!(usize::from(budget.sum()), model.total());
        for group in Group::ALL {
            let lock = model.lock(group, *at);
            assert_eq!(budget.lock(group, *at), lock);
            let before = usize::from(limits.failures_before_lock());
            let left = (before - model.sum(group) % before).min(100_usize.saturating_sub(model.total()));
            let left = if lock.is_some() { 0 } else { left };
            assert_eq!(usize::from(budget.tries_left(group, *at, limits)), left);
            for factor in Factor::ALL {
                let (charges, numbers) = (
                    budget.group(group).factors[factor as usize],
                    &model.factors[group as usize][factor as usize],
                );
                assert_eq!(
                    (usize::from(charges.count()), charges.forget_at),
                    (numbers.counting.len(), numbers.forget_at)
                );
            }
        }
        assert!(self.made.iter().rev().take(64).all(|id| budget.knows(*id)));
        self.kept_long_enough();
        self.round_trips();
    }

    /// The store keeps the record for as long as anything in it counts.
    fn kept_long_enough(&self) {
        let keep = self.budget.keep_until();
        let last = self.model.factors.iter().flatten().map(|numbers| numbers.forget_at).max();
        assert!(last.unwrap() == Timestamp::EPOCH || keep > last.unwrap() || keep == Timestamp::MAX);
        for group in Group::ALL {
            match self.model.lock(group, self.at) {
                Some(Lock::Until(end)) => assert!(keep > end),
                Some(Lock::Closed) => assert_eq!(keep, Timestamp::MAX),
                None => {}
            }
        }
    }

    fn round_trips(&self) {
        let key = RecordKey::from_bytes([3; 16]);
        let value = AccountState { budget: self.budget.clone(), ..AccountState::default() };
        let bytes = AccountRecord { value, ..AccountRecord::default() }.encode(&key, &self.keys).unwrap();
        let back = AccountRecord::decode(bytes.as_slice(), &key, &self.keys).unwrap();
        assert_eq!(back.value.budget, self.budget);
    }
}

#[test]
fn random_operations_agree_with_sets_of_charges() {
    let mut random = Random(14);
    let (mut locked, mut closed, mut cleared, mut crowded) = (0, 0, 0, 0);
    for _ in 0..400 {
        let mut walk = Walk::new(&mut random);
        for _ in 0..300 {
            let before = walk.budget.sum();
            walk.step(&mut random);
            let lock = walk.budget.lock(Group::Common, walk.at);
            let factors = walk.budget.groups.iter().flat_map(|failures| &failures.factors);
            locked += u32::from(matches!(lock, Some(Lock::Until(_))));
            closed += u32::from(lock == Some(Lock::Closed));
            cleared += u32::from(walk.budget.sum() + 1 < before);
            crowded += u32::from(factors.max_by_key(|charges| charges.older).unwrap().older > 0);
        }
    }
    let seen = [locked, closed, cleared, crowded];
    assert!(seen.iter().all(|&times| times > 100), "too few of a kind were seen: {seen:?}");
}
