//! Tests of the kit's time bounds: busy machines break no promise, and stores that wait too long
//! do.

use alloc::format;
use alloc::string::ToString;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io;
use std::thread::sleep;

use super::faulty::{Fault, Faulty};
use super::*;
use crate::store::{Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

/// Once delays a write with a longer retention until the shorter one has expired.
struct Stalls {
    store: Faulty,
    stalled: AtomicBool,
}

impl Store for Stalls {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.store.load(key)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let held = self.store.load(key)?;
        let prolongs = held.revision() == expected && held.record() == b"x" && record == b"y";
        if prolongs && !self.stalled.swap(true, Ordering::Relaxed) {
            sleep(Duration::from_secs(2));
        }
        self.store.compare_and_swap(key, expected, record, keep)
    }
}

#[test]
fn late_calls_break_no_promise() {
    let store = Stalls { store: Faulty::new(Fault::Faultless), stalled: AtomicBool::new(false) };
    let report = Conformance::of(&store).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert!(store.stalled.into_inner());
    assert_eq!(report.broken(), 0);
}

/// A store that gives up after a while if its server is paused.
struct GivesUp<'a> {
    store: &'a Faulty,
    paused: &'a AtomicBool,
    after: Duration,
    batch: Paused,
}

/// How a batch behaves while the server is paused.
#[derive(Clone, Copy)]
enum Paused {
    /// Gives up, as a load does.
    GivesUp,
    /// Waits for each of its records.
    WaitsForEach,
    /// Returns that there are no records.
    IsAbsent,
}

impl GivesUp<'_> {
    fn wait(&self) -> Result<(), StoreError> {
        if !self.paused.load(Ordering::SeqCst) {
            return Ok(());
        }
        sleep(self.after);
        Err(StoreError::unavailable("no answer"))
    }
}

impl Store for GivesUp<'_> {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.wait()?;
        self.store.load(key)
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let waited = match self.batch {
            Paused::WaitsForEach => {
                let mut waited = Ok(());
                for _ in keys {
                    waited = self.wait();
                }
                waited
            }
            Paused::GivesUp | Paused::IsAbsent => self.wait(),
        };
        match (waited, self.batch) {
            (Err(_), Paused::IsAbsent) => {
                let mut batch = Batch::new();
                keys.iter().try_for_each(|_| batch.push(Loaded::ABSENT))?;
                Ok(batch)
            }
            (waited, _) => {
                waited?;
                self.store.load_all(keys)
            }
        }
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.wait()?;
        self.store.compare_and_swap(key, expected, record, keep)
    }
}

struct Pauses<'a>(&'a AtomicBool);

impl Engine for Pauses<'_> {
    fn restart(&self) -> io::Result<()> {
        Ok(())
    }

    fn pause(&self) -> io::Result<()> {
        self.0.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn resume(&self) -> io::Result<()> {
        self.0.store(false, Ordering::SeqCst);
        Ok(())
    }
}

/// The bound is that of the impatient store, and no call of the patient one meets a paused server.
#[test]
fn only_the_impatient_store_is_bounded() {
    let (store, paused) = (Faulty::new(Fault::Faultless), AtomicBool::new(false));
    let gives_up = |after| GivesUp { store: &store, paused: &paused, after, batch: Paused::GivesUp };
    let patient = gives_up(Duration::from_secs(3600));
    let impatient = gives_up(Duration::from_millis(200));
    let engine = Pauses(&paused);
    let conformance = Conformance::of(&patient).engine(&engine);

    let kept = conformance.impatient(&impatient, Duration::from_secs(10)).run();
    assert_eq!(kept.unwrap_or_else(|broken| panic!("{broken}")).broken(), 0);

    let Err(broken) = conformance.impatient(&impatient, Duration::from_millis(100)).run() else {
        panic!("a bound of half the time was not exceeded")
    };
    assert_eq!(broken.report().broken(), 2, "{broken}");
    for bound in ["a server that stops answering", "a batch of a server that stops answering"] {
        let bound = format!("BROKEN     {bound} is an error in bounded time");
        assert!(broken.to_string().contains(&bound), "{broken}");
    }
}

/// A load fails in time, but a batch does not.
#[test]
fn detects_a_batch_without_a_bound() {
    let (store, paused) = (Faulty::new(Fault::Faultless), AtomicBool::new(false));
    for batch in [Paused::WaitsForEach, Paused::IsAbsent] {
        let gives_up = GivesUp { store: &store, paused: &paused, after: Duration::from_millis(1500), batch };
        let engine = Pauses(&paused);
        let conformance = Conformance::of(&gives_up).engine(&engine).longest_wait(Duration::from_secs(3));
        let Err(broken) = conformance.run() else { panic!("a batch without a bound was not detected") };
        assert_eq!(broken.report().broken(), 1, "{broken}");
        let found = "BROKEN     a batch of a server that stops answering is an error in bounded time";
        assert!(broken.to_string().contains(found), "{broken}");
    }
}
