//! Stores that break one promise each, and the check that finds it.

use alloc::boxed::Box;
use alloc::string::ToString;
use core::time::Duration;

use super::faulty::{Fault, Faulty};
use super::*;
use crate::MemoryStore;
use crate::store::{AsyncStore, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

#[test]
fn the_memory_store_keeps_every_promise() {
    let report = Conformance::of(&MemoryStore::new()).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!((report.kept(), report.not_asked()), (13, 5), "{report}");
    assert!(report.to_string().ends_with("conformance: 13 kept, 0 broken, 5 not asked"));
}

/// Through an adapter, and woken by another thread.
#[test]
fn so_does_one_that_is_awaited() {
    struct Elsewhere(MemoryStore);

    impl AsyncStore for Elsewhere {
        async fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
            woken_by_another_thread().await;
            Store::load(&self.0, key)
        }

        async fn compare_and_swap(
            &self,
            key: &RecordKey,
            expected: Revision,
            record: &[u8],
            keep: Keep,
        ) -> Result<Swap, StoreError> {
            Store::compare_and_swap(&self.0, key, expected, record, keep)
        }
    }

    async fn woken_by_another_thread() {
        let mut asked = false;
        core::future::poll_fn(|context| {
            if core::mem::replace(&mut asked, true) {
                return core::task::Poll::Ready(());
            }
            let waker = context.waker().clone();
            std::thread::spawn(move || waker.wake());
            core::task::Poll::Pending
        })
        .await;
    }

    let store = Awaited::new(Elsewhere(MemoryStore::new()), ThisThread);
    let report = Conformance::of(&store).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(report.broken(), 0);
}

#[test]
fn each_fault_is_found_and_named() {
    use Fault::*;
    let faults: &[(Fault, &str)] = &[
        (NotAtomic, "no update is lost"),
        (IgnoresTheRevision, "a stale revision conflicts"),
        (CallsItAConflict, "of many swaps at once one is applied"),
        (CutsOffTheLastByte, "records come back as they were"),
        (IgnoresTheKeysEnd, "records come back as they were"),
        (KeepsEmptyRecords, "an empty record is forgotten at once"),
        (RefusesToForgetNothing, "an empty record is forgotten at once"),
        (CountsAnew, "a revision never comes again"),
        (HashesTheContent, "a revision never comes again"),
        (TakesTheEndForItsOwnTime, "a record is kept for its time"),
        (DropsEarly, "a record is kept for its time"),
        (NeverProlongs, "a record is kept for its time"),
        (NeverDrops, "a record is dropped after its time"),
        (ReadsAReplica, "a right code passes though replies are lost"),
        (SortsABatch, "a batch gives what single loads give"),
        (LeavesOutTheAbsent, "a batch gives what single loads give"),
        (LeavesOutTheSecond, "a batch gives what single loads give"),
        (ForgetsTheRevisionsOfABatch, "a batch gives what single loads give"),
        (CutsOffABatch, "a batch of too many is an error"),
        (CallsTooManyUnavailable, "a batch of too many is an error"),
        (ReadsBatchesFromAReplica, "a batch is never older than its call"),
        (TearsABatch, "a batch is never older than its call"),
    ];
    std::thread::scope(|scope| {
        for &(fault, check) in faults {
            scope.spawn(move || {
                let store = Faulty::new(fault);
                let quickly = Conformance::of(&store).longest_wait(Duration::from_secs(2));
                let Err(broken) = quickly.run() else { panic!("{fault:?} is not found") };
                let broken = broken.to_string();
                let found = broken.contains(&alloc::format!("BROKEN     {check}\n"));
                assert!(found, "{fault:?} is found by '{check}': {broken}");
            });
        }
    });
}

#[test]
fn a_store_with_a_clock_of_its_own_keeps_every_promise() {
    let store: Box<dyn Store + Sync> = Box::new(Faulty::new(Fault::Faultless));
    let report = Conformance::of(&*store).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(report.broken(), 0);
}
