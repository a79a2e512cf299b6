//! Tallies that can break each of their promises, for tests of the kit.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::{io, thread};

use super::*;
use crate::MemoryStore;
use crate::Timestamp;
use crate::store::{
    Batch, Change, Effect, Entries, Entry, EntryError, EntryKind, KEPT_FOR, Keep, Loaded, NumberChange,
    ReadBoth, RecordKey, Revision, Store, StoreError, StoreErrorKind, Sums, Swap, TALLIES_PER_CALL, Tallies,
    TallyKey,
};

/// The fault of a store's tallies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Faultless,
    /// Reads first and writes later: another add may come in between.
    NotAtomic,
    /// Fails if the keys are not in order, as an engine does that ends a deadlock.
    Deadlocks,
    NeverDecays,
    /// Decays by the difference of the times, whichever is the later.
    DecaysBackwards,
    MovesBack,
    HasNoFloor,
    /// Adds what is not a number.
    AddsNan,
    /// Loses the precision of a number that is printed.
    Rounds,
    /// Takes back an owed send whenever a number decays.
    ForgivesOwedSends,
    KeepsForEver,
    /// Drops verified numbers like any other entry.
    ForgetsNumbers,
    SortsKeys,
    LeavesOutTheAbsent,
    AcceptsTooMany,
    RefusesAFullCall,
    ForgetsTalliesBesideRecords,
    /// Reads a damaged entry as an empty one.
    HidesDamage,
    /// Fails to add to a damaged entry.
    KeepsDamage,
    /// Fails the records with the tallies.
    FailsBoth,
    /// Adds again if the reply was lost.
    Repeats,
    /// Treats a lost reply to a read as a reply without entries.
    TakesSilenceForAbsence,
}

struct Faulty {
    fault: Fault,
    records: MemoryStore,
    entries: Mutex<HashMap<TallyKey, Result<Entry, EntryError>>>,
    paused: AtomicBool,
    lost: AtomicBool,
}

impl Faulty {
    fn new(fault: Fault) -> Self {
        let [paused, lost] = [false; 2].map(AtomicBool::new);
        Self { fault, records: MemoryStore::new(), entries: Mutex::default(), paused, lost }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn ask(&self) -> Result<(), StoreError> {
        if self.paused.load(Ordering::SeqCst) { Err(StoreError::unavailable("no answer")) } else { Ok(()) }
    }

    fn answer<T>(&self, answer: T) -> Result<T, StoreError> {
        let is_lost = self.lost.swap(false, Ordering::SeqCst);
        if is_lost { Err(StoreError::unavailable("the reply is lost")) } else { Ok(answer) }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<TallyKey, Result<Entry, EntryError>>> {
        self.entries.lock().unwrap()
    }

    fn check(&self, len: usize) -> Result<(), StoreError> {
        let most = TALLIES_PER_CALL - usize::from(self.is(Fault::RefusesAFullCall));
        let too_many = len > most && !(self.is(Fault::AcceptsTooMany) && len == most + 1);
        if too_many { Err(StoreErrorKind::TooManyTallies.into()) } else { Ok(()) }
    }

    fn expires_at(&self, entry: &Entry) -> Timestamp {
        match self.fault {
            Fault::KeepsForEver => Timestamp::MAX,
            Fault::ForgetsNumbers => entry.at() + KEPT_FOR,
            _ => entry.expires_at(),
        }
    }

    fn change(&self, change: &Change, now: Timestamp) -> Result<(), StoreError> {
        let mut entries = self.entries();
        let (key, effect) = (change.key(), change.effect());
        let held = entries.get(&key).copied().unwrap_or(Ok(Entry::empty(key.kind())));
        let mut entry = match held {
            Err(error) if self.is(Fault::KeepsDamage) => return Err(error.into()),
            held => held.unwrap_or(Entry::empty(key.kind())),
        };
        if self.is(Fault::NotAtomic) {
            drop(entries);
            thread::sleep(Duration::from_micros(200));
            entries = self.entries();
        }
        if now > self.expires_at(&entry) {
            entry = Entry::empty(key.kind());
        }
        self.apply(&mut entry, effect, now);
        entries.insert(key, Ok(entry));
        Ok(())
    }

    fn apply(&self, entry: &mut Entry, effect: Effect, now: Timestamp) {
        let at = entry.at();
        match (self.fault, &mut *entry, effect) {
            (Fault::NeverDecays, Entry::Sums(sums), _) => {
                *sums = Sums::new(sums.unanswered(), sums.answered(), now.max(at)).unwrap();
            }
            (Fault::DecaysBackwards, Entry::Sums(sums), _) if now < at => {
                let decayed = sums.decayed(at + at.since(now));
                *sums = Sums::new(decayed.unanswered(), decayed.answered(), at).unwrap();
            }
            (Fault::MovesBack, Entry::Sums(sums), _) if now < at => {
                *sums = Sums::new(sums.unanswered(), sums.answered(), now).unwrap();
            }
            (Fault::HasNoFloor, Entry::Sums(sums), Effect::Sums { unanswered, .. }) => {
                let decayed = sums.decayed(now);
                if decayed.unanswered() + unanswered < 0.0 {
                    *sums = Sums::new(0.1, decayed.answered(), decayed.at()).unwrap();
                    return;
                }
            }
            (Fault::AddsNan, Entry::Sums(sums), Effect::Sums { unanswered, .. }) if unanswered.is_nan() => {
                *sums = Sums::EMPTY;
            }
            (Fault::ForgivesOwedSends, Entry::Number(memory), _) if now > at => {
                memory.apply(NumberChange { owed: [-1, 0], ..NumberChange::default() }, now);
            }
            _ => {}
        }
        entry.apply(effect, now);
        if let (Fault::Rounds, Entry::Sums(sums)) = (self.fault, entry) {
            let rounded = [sums.unanswered(), sums.answered()].map(|sum| f64::from(sum as f32));
            *sums = Sums::new(rounded[0], rounded[1].min(Sums::MOST), sums.at()).unwrap_or(*sums);
        }
    }
}

impl Store for Faulty {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.ask()?;
        self.answer(self.records.load(key)?)
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        self.ask()?;
        self.answer(self.records.load_all(keys)?)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.ask()?;
        let swap = self.records.compare_and_swap(key, expected, record, keep)?;
        Ok(self.answer(swap).unwrap_or(Swap::Unknown))
    }
}

impl Tallies for Faulty {
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        if self.is(Fault::TakesSilenceForAbsence) && self.ask().is_err() {
            return Entries::absent(keys);
        }
        self.ask()?;
        self.check(keys.len())?;
        let mut keys = keys[..keys.len().min(TALLIES_PER_CALL)].to_vec();
        if self.is(Fault::SortsKeys) {
            keys.sort();
        }
        let (held, mut entries) = (self.entries(), Entries::new());
        for key in keys {
            let entry = match held.get(&key) {
                Some(Err(_)) if self.is(Fault::HidesDamage) => None,
                entry => entry.copied().transpose()?,
            };
            if entry.is_some() || !self.is(Fault::LeavesOutTheAbsent) {
                let entry = entry.filter(|entry| now <= self.expires_at(entry));
                entries.push(entry.unwrap_or(Entry::empty(key.kind())))?;
            }
        }
        self.answer(entries)
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        self.ask()?;
        self.check(changes.len())?;
        if self.is(Fault::Deadlocks) && !changes.is_sorted_by_key(|change| change.key()) && changes.len() > 8
        {
            return Err(StoreError::unavailable("deadlock detected"));
        }
        changes.iter().try_for_each(|change| self.change(change, now))?;
        let answer = self.answer(());
        if answer.is_err() && self.is(Fault::Repeats) {
            changes.iter().try_for_each(|change| self.change(change, now))?;
        }
        answer
    }

    fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
        let read = self.read(tallies, now);
        if self.is(Fault::FailsBoth) && read.is_err() {
            return ReadBoth { records: Err(StoreErrorKind::NotATally.into()), tallies: read };
        }
        if self.is(Fault::ForgetsTalliesBesideRecords) && !records.is_empty() {
            return ReadBoth { records: self.load_all(records), tallies: Entries::absent(tallies) };
        }
        ReadBoth { records: self.load_all(records), tallies: read }
    }
}

impl Engine for Faulty {
    fn restart(&self) -> io::Result<()> {
        Ok(())
    }

    fn pause(&self) -> io::Result<()> {
        self.paused.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn resume(&self) -> io::Result<()> {
        self.paused.store(false, Ordering::SeqCst);
        Ok(())
    }

    fn lose_next_reply(&self) -> io::Result<bool> {
        self.lost.store(true, Ordering::SeqCst);
        Ok(true)
    }

    fn ways_to_damage(&self) -> usize {
        1
    }

    fn damage_tally(&self, key: &TallyKey, _: usize) -> io::Result<()> {
        let damaged =
            Entry::from_bytes(key.kind(), &Entry::empty(EntryKind::Sums).to_bytes().as_slice()[1..]);
        self.entries().insert(*key, damaged);
        Ok(())
    }
}

fn run(store: &Faulty) -> Result<Report, Broken> {
    Conformance::of(store).engine(store).tallies(store).longest_wait(Duration::from_secs(2)).run()
}

#[test]
fn tallies_that_keep_every_promise_conform() {
    let report = run(&Faulty::new(Fault::Faultless)).unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!((report.kept(), report.not_asked()), (31, 0), "{report}");
}

#[test]
fn detects_and_names_each_fault_of_tallies() {
    use Fault::*;
    let faults: Vec<(Fault, &str)> = Vec::from([
        (NotAtomic, "no add is lost"),
        (Deadlocks, "adds in opposite orders all succeed"),
        (NeverDecays, "sums decay, and are floored at 0"),
        (DecaysBackwards, "a clock that went back decays nothing"),
        (MovesBack, "a clock that went back decays nothing"),
        (HasNoFloor, "sums decay, and are floored at 0"),
        (AddsNan, "forgiving clears what was not answered"),
        (Rounds, "sums decay, and are floored at 0"),
        (ForgivesOwedSends, "a number's memory is that of the rule"),
        (ForgetsNumbers, "tallies expire after 10 days, verified numbers after 180"),
        (SortsKeys, "an absent tally is empty"),
        (LeavesOutTheAbsent, "an absent tally is empty"),
        (AcceptsTooMany, "a call has at most 24 tallies"),
        (RefusesAFullCall, "a call has at most 24 tallies"),
        (ForgetsTalliesBesideRecords, "records and tallies in one call are those of two"),
        (HidesDamage, "a damaged tally is an error until an add replaces it"),
        (KeepsDamage, "a damaged tally is an error until an add replaces it"),
        (FailsBoth, "a damaged tally is an error until an add replaces it"),
        (Repeats, "an add whose reply is lost is not repeated"),
        (TakesSilenceForAbsence, "tallies of a server that stops answering are an error in bounded time"),
    ]);
    thread::scope(|scope| {
        for (fault, check) in faults {
            scope.spawn(move || {
                let Err(broken) = run(&Faulty::new(fault)) else { panic!("{fault:?} was not detected") };
                let broken = alloc::string::ToString::to_string(&broken);
                let found = broken.contains(&alloc::format!("BROKEN     {check}\n"));
                assert!(found, "{fault:?} should be detected by '{check}': {broken}");
            });
        }
    });
}

/// What expires is decayed to nothing by whoever reads it, so nothing shows.
#[test]
fn keeping_entries_for_longer_breaks_no_promise() {
    assert!(run(&Faulty::new(Fault::KeepsForEver)).is_ok());
}
