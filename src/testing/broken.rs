//! Stores that break one promise each, and the check that detects it.

use alloc::boxed::Box;
use alloc::string::ToString;
use core::time::Duration;

use super::faulty::{Fault, Faulty};
use super::*;
use crate::MemoryStore;
use crate::store::{AsyncStore, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};

#[test]
fn memory_store_conforms() {
    let report = Conformance::of(&MemoryStore::new()).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!((report.kept(), report.not_asked()), (13, 5), "{report}");
    assert!(report.to_string().ends_with("conformance: 13 kept, 0 broken, 5 not asked"));
}

#[test]
fn memory_store_conforms_with_its_tallies() {
    let store = MemoryStore::new();
    let report = Conformance::of(&store).tallies(&store).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!((report.kept(), report.not_asked()), (23, 8), "{report}");
    let store = Awaited::new(store, ThisThread);
    let report = Conformance::of(&store).tallies(&store).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!((report.kept(), report.not_asked()), (23, 8), "{report}");
}

/// Through an adapter, and woken by another thread.
#[test]
fn asynchronous_store_conforms() {
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
fn detects_and_names_each_fault() {
    use Fault::*;
    let faults: &[(Fault, &str)] = &[
        (NotAtomic, "no update is lost"),
        (IgnoresTheRevision, "a stale revision conflicts"),
        (CallsItAConflict, "one of many concurrent swaps is applied"),
        (CutsOffTheLastByte, "records are returned unchanged"),
        (IgnoresTheKeysEnd, "records are returned unchanged"),
        (KeepsEmptyRecords, "an empty record is deleted at once"),
        (RefusesToForgetNothing, "an empty record is deleted at once"),
        (CountsAnew, "a revision is never reused"),
        (HashesTheContent, "a revision is never reused"),
        (TakesTheEndForItsOwnTime, "a record is kept until it expires"),
        (DropsEarly, "a record is kept until it expires"),
        (NeverProlongs, "a record is kept until it expires"),
        (NeverDrops, "a record is dropped after it expires"),
        (ReadsAReplica, "a correct code passes even if replies are lost"),
        (SortsABatch, "a batch returns the same as single loads"),
        (LeavesOutTheAbsent, "a batch returns the same as single loads"),
        (LeavesOutTheSecond, "a batch returns the same as single loads"),
        (ForgetsTheRevisionsOfABatch, "a batch returns the same as single loads"),
        (CutsOffABatch, "an oversized batch is an error"),
        (CallsTooManyUnavailable, "an oversized batch is an error"),
        (ReadsBatchesFromAReplica, "a batch is never older than its call"),
        (TearsABatch, "a batch is never older than its call"),
    ];
    std::thread::scope(|scope| {
        for &(fault, check) in faults {
            scope.spawn(move || {
                let store = Faulty::new(fault);
                let quickly = Conformance::of(&store).longest_wait(Duration::from_secs(2));
                let Err(broken) = quickly.run() else { panic!("{fault:?} was not detected") };
                let broken = broken.to_string();
                let found = broken.contains(&alloc::format!("BROKEN     {check}\n"));
                assert!(found, "{fault:?} should be detected by '{check}': {broken}");
            });
        }
    });
}

#[test]
fn store_with_its_own_clock_conforms() {
    let store: Box<dyn Store + Sync> = Box::new(Faulty::new(Fault::Faultless));
    let report = Conformance::of(&*store).run().unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(report.broken(), 0);
}
