//! A store that loses a reply to a batch says so, or the kit finds it.

use alloc::string::ToString;
use core::sync::atomic::{AtomicBool, Ordering};
use std::io;

use super::faulty::{Fault, Faulty};
use super::*;
use crate::store::{Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

/// A store and its server, which can be paused and lose replies.
struct Lossy {
    store: Faulty,
    paused: AtomicBool,
    lost: AtomicBool,
    /// Takes a reply that it did not get for one that there are no records.
    takes_silence_for_none: bool,
}

impl Lossy {
    fn new(takes_silence_for_none: bool) -> Self {
        let [paused, lost] = [false; 2].map(AtomicBool::new);
        Self { store: Faulty::new(Fault::Faultless), paused, lost, takes_silence_for_none }
    }

    fn ask(&self) -> Result<(), StoreError> {
        if self.paused.load(Ordering::SeqCst) { Err(StoreError::unavailable("no answer")) } else { Ok(()) }
    }

    fn loses(&self) -> bool {
        self.lost.swap(false, Ordering::SeqCst)
    }
}

impl Store for Lossy {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.ask()?;
        if self.loses() { Err(StoreError::unavailable("the reply is lost")) } else { self.store.load(key) }
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        self.ask()?;
        if !self.loses() {
            return self.store.load_all(keys);
        }
        if !self.takes_silence_for_none {
            return Err(StoreError::unavailable("the reply is lost"));
        }
        let mut batch = Batch::new();
        keys.iter().try_for_each(|_| batch.push(Loaded::ABSENT))?;
        Ok(batch)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.ask()?;
        let swap = self.store.compare_and_swap(key, expected, record, keep)?;
        Ok(if self.loses() { Swap::Unknown } else { swap })
    }
}

impl Engine for Lossy {
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
}

#[test]
fn a_store_that_says_what_it_lost_keeps_every_promise() {
    let store = Lossy::new(false);
    let report = Conformance::of(&store).engine(&store).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!((report.kept(), report.not_asked()), (18, 0), "{report}");
}

#[test]
fn a_batch_that_takes_silence_for_no_records_is_found() {
    let store = Lossy::new(true);
    let Err(broken) = Conformance::of(&store).engine(&store).run() else {
        panic!("a batch that invents an answer is not found")
    };
    assert_eq!(broken.report().broken(), 1, "{broken}");
    let found = "BROKEN     a batch whose reply is lost is an error or right";
    assert!(broken.to_string().contains(found), "{broken}");
}
