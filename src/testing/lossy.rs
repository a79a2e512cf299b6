//! Tests of the kit with a store that loses the reply to a batch.

use alloc::string::ToString;
use core::sync::atomic::{AtomicBool, Ordering};
use std::io;

use super::faulty::{Fault, Faulty};
use super::*;
use crate::store::{Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

/// A store and its server, which can be paused and can lose replies.
struct Lossy {
    store: Faulty,
    paused: AtomicBool,
    lost: AtomicBool,
    /// Treats a lost reply as a reply without records.
    treats_silence_as_absent: bool,
}

impl Lossy {
    fn new(treats_silence_as_absent: bool) -> Self {
        let [paused, lost] = [false; 2].map(AtomicBool::new);
        Self { store: Faulty::new(Fault::Faultless), paused, lost, treats_silence_as_absent }
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
        if !self.treats_silence_as_absent {
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
fn store_that_reports_lost_replies_conforms() {
    let store = Lossy::new(false);
    let report = Conformance::of(&store).engine(&store).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!((report.kept(), report.not_asked()), (18, 0), "{report}");
}

#[test]
fn detects_a_batch_that_treats_a_lost_reply_as_empty() {
    let store = Lossy::new(true);
    let Err(broken) = Conformance::of(&store).engine(&store).run() else {
        panic!("a batch that invents an answer was not detected")
    };
    assert_eq!(broken.report().broken(), 1, "{broken}");
    let found = "BROKEN     a batch whose reply is lost is an error or correct";
    assert!(broken.to_string().contains(found), "{broken}");
}
