//! Lost replies of the store: the driver recognises its own write, so that no honest person is told
//! that the code was already used, and no guess is free.

use std::cell::Cell;

use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap};
use countersign::{Channel, Error, Limits, MemoryStore, Refusal};
use countersign_tests::desk::{Desk, number, refusal, wrong};
use countersign_tests::faulty::{Faulty, StoreFault};

const FAULTS: [StoreFault; 3] = [StoreFault::LostBefore, StoreFault::LostAfter, StoreFault::Late];

#[test]
fn lost_reply_does_not_report_a_correct_code_as_used() {
    for fault in FAULTS {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        store.scripted.borrow_mut().push_back(fault);
        let code = issued.code().as_str();
        assert!(desk.at().check(number(), issued.handle(), code).is_ok(), "{fault:?}");
        assert_eq!(refusal(desk.at().check(number(), issued.handle(), code)), Refusal::AlreadyUsed);
    }
}

#[test]
fn start_returns_the_recorded_code_and_counts_one_send() {
    for fault in FAULTS {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        store.scripted.borrow_mut().push_back(fault);
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok(), "{fault:?}");
        for sends in 2..=5 {
            desk.now += 30_000;
            assert!(desk.at().start(number(), Channel::Sms).is_ok(), "send {sends} of 5");
        }
    }
}

#[test]
fn lost_reply_counts_a_wrong_code_once() {
    for fault in FAULTS {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        store.scripted.borrow_mut().push_back(fault);
        let refused = desk.fail(&issued);
        assert_eq!(refused, Refusal::WrongCode { tries_left: 4, lock: None }, "{fault:?}");
        assert_eq!(desk.failures(), 1);
    }
}

/// An outage right after the write: the loads that would reveal what became of it fail.
#[test]
fn retries_through_a_short_outage_after_the_write_but_not_a_long_one() {
    for (outage, expected) in [(3, true), (4, false)] {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        store.scripted.borrow_mut().push_back(StoreFault::LostAfter);
        store.scripted.borrow_mut().extend(vec![StoreFault::LoadFails; outage]);
        let checked = desk.at().check(number(), issued.handle(), issued.code().as_str());
        assert_eq!(checked.is_ok(), expected, "{outage} failing loads");
        if let Err(error) = checked {
            assert!(
                matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::Unavailable),
                "{error}"
            );
        }
    }
}

/// A store on which others write right after a write whose reply was lost.
struct Meddled<'a> {
    store: &'a MemoryStore,
    /// How many writes follow the lost one.
    writes: Cell<u32>,
    meddle: &'a dyn Fn(),
}

impl Store for Meddled<'_> {
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
        let swap = self.store.compare_and_swap(key, expected, record, keep)?;
        if self.writes.get() == 0 {
            return Ok(swap);
        }
        (0..self.writes.take()).for_each(|_| (self.meddle)());
        Ok(Swap::Unknown)
    }
}

/// Checks a correct code whose reply is lost, followed by this many starts of strangers before the
/// driver reads again.
fn checked_under_strangers(writes: u32) -> Result<(), Refusal> {
    let store = MemoryStore::new();
    let limits = Limits::default().with_cooldown(std::time::Duration::ZERO).unwrap();
    let stranger = Cell::new(7);
    let meddle = || {
        let mut desk = Desk::new(&store).with(|verifier| verifier.with_limits(limits));
        desk.rng.0 = stranger.replace(stranger.get() + 1);
        let _ = desk.at().start(number(), Channel::Sms).unwrap();
    };
    let meddled = Meddled { store: &store, writes: Cell::new(0), meddle: &meddle };
    let mut desk = Desk::new(&meddled).with(|verifier| verifier.with_limits(limits));
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    meddled.writes.set(writes);
    match desk.at().check(number(), issued.handle(), issued.code().as_str()) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.refusal().unwrap()),
    }
}

#[test]
fn recognises_its_write_under_two_later_ones() {
    for writes in 1..=2 {
        assert_eq!(checked_under_strangers(writes), Ok(()), "{writes} writes after it");
    }
    // A record names the operations of its last three writes.
    assert_eq!(checked_under_strangers(3), Err(Refusal::UnknownHandle));
}

/// The engine sends the same write twice: the second copy conflicts with the first, and neither
/// counts twice.
#[test]
fn counts_a_duplicated_write_once() {
    struct Twice<'a>(&'a MemoryStore);
    impl Store for Twice<'_> {
        fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
            self.0.load(key)
        }
        fn compare_and_swap(
            &self,
            key: &RecordKey,
            at: Revision,
            record: &[u8],
            keep: Keep,
        ) -> Result<Swap, StoreError> {
            self.0.compare_and_swap(key, at, record, keep)?;
            self.0.compare_and_swap(key, at, record, keep)
        }
    }
    let store = MemoryStore::new();
    let mut desk = Desk::new(Twice(&store));
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    let code = issued.code().as_str();
    assert_eq!(desk.fail(&issued), Refusal::WrongCode { tries_left: 4, lock: None });
    assert_eq!(
        desk.refused(issued.handle(), &wrong(code, 1)),
        Refusal::WrongCode { tries_left: 3, lock: None }
    );
    assert!(desk.at().check(number(), issued.handle(), code).is_ok());
}
