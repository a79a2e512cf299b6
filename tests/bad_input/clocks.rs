//! Clocks that go back, and clocks that are out of range.

use std::time::Duration;

use countersign::error::Fault;
use countersign::{Channel, Error, MemoryStore, PhoneNumber, Refusal, Timestamp};
use countersign_tests::desk::{DAY, Desk, HOUR, MINUTE, SECOND, number, refusal, wrong};
use countersign_tests::faulty::Faulty;
use countersign_tests::rng::Seeded;

use super::calls;

/// Behind the issuer by more than the tolerance: no code passes, and nothing is lost.
#[test]
fn clock_behind_the_issuers_rejects_codes_and_loses_nothing() {
    for by in [5001, 6 * SECOND, HOUR, DAY] {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        let (before, there) = (store.only(), desk.now);
        desk.now -= by;
        let error = desk.at().check(number(), issued.handle(), issued.code().as_str()).unwrap_err();
        let expected = Fault::ClockWentBack { by: Duration::from_millis(by) };
        assert!(matches!(error, Error::Fault(fault) if fault == expected), "{error}");
        assert_eq!(store.only(), before);
        desk.now = there;
        assert!(
            desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok(),
            "the code is still valid with the right clock"
        );
    }
}

/// More than a day behind the record: only calls for operators work.
#[test]
fn clock_more_than_a_day_behind_changes_nothing() {
    for by in [DAY + 1, 365 * DAY] {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        let before = store.only();
        desk.now -= by;
        let expected = Fault::ClockWentBack { by: Duration::from_millis(by) };
        for (name, call) in calls::all::<_, Seeded>() {
            if matches!(name, "unlock" | "status") {
                continue;
            }
            let error = call(&mut desk.at(), issued.handle(), issued.code().as_str()).unwrap_err();
            assert!(matches!(error, Error::Fault(fault) if fault == expected), "{name}: {error}");
        }
        assert_eq!(store.only(), before);
    }
}

#[test]
fn clock_within_the_tolerance_is_accepted() {
    for by in [1, 1000, 5000] {
        let mut desk = Desk::new(MemoryStore::new());
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        let there = desk.now;
        desk.now -= by;
        let refused = refusal(desk.at().start(number(), Channel::Sms));
        assert_eq!(refused.retry_at(), Some(Timestamp::from_unix_millis(there + 30 * SECOND)));
        let verified = desk.at().check(number(), issued.handle(), issued.code().as_str()).unwrap();
        assert_eq!(verified.at(), Timestamp::from_unix_millis(desk.now), "by the checker's clock");
    }
}

/// A clock was a year ahead when a recipient was locked, and is then corrected. Nothing passes or
/// is sent until an operator unlocks or forgets the recipient, which sets the record time to the
/// correct clock.
#[test]
fn operators_recover_records_written_by_a_clock_far_ahead() {
    type Remedy = fn(&mut Desk<MemoryStore>) -> Result<(), Error>;
    let remedies: [Remedy; 2] = [|desk| desk.at().unlock(number()), |desk| desk.at().forget(number())];
    for remedy in remedies {
        let mut desk = Desk::new(MemoryStore::new());
        let right_time = desk.now;
        desk.now += 365 * DAY;
        for _ in 0..2 {
            let issued = desk.at().start(number(), Channel::Sms).unwrap();
            (0..5).for_each(|_| _ = desk.fail(&issued));
            desk.now += MINUTE;
        }
        assert!(matches!(refusal(desk.at().start(number(), Channel::Sms)), Refusal::Locked { .. }));
        desk.now = right_time;
        let error = desk.at().start(number(), Channel::Sms).unwrap_err();
        assert!(matches!(error, Error::Fault(Fault::ClockWentBack { .. })), "{error}");
        remedy(&mut desk).unwrap();
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
    }
}

/// A refused start writes nothing, whatever its clock shows: the running code remains valid.
#[test]
fn start_refused_under_a_slow_clock_keeps_the_code() {
    let mut desk = Desk::new(MemoryStore::new());
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    desk.now -= 10 * SECOND;
    refusal(desk.at().start(number(), Channel::Sms));
    desk.now += 10 * SECOND;
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

/// Seconds passed as milliseconds, or a clock that was never set: codes would be valid for hours.
#[test]
fn rejects_a_clock_before_2020() {
    let mut desk = Desk::new(MemoryStore::new());
    for now in [0, 1_800_000_000, 1_577_836_799_999] {
        desk.now = now;
        let error = desk.at().start(number(), Channel::Sms).unwrap_err();
        assert!(matches!(error, Error::Fault(Fault::ClockOutOfRange)), "{error}");
    }
    desk.now = 1_577_836_800_000;
    assert!(desk.at().start(number(), Channel::Sms).is_ok());
}

#[test]
fn rejects_a_clock_beyond_the_last_timestamp() {
    let store = Faulty::default();
    let mut desk = Desk::new(&store);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    let (before, there) = (store.only(), desk.now);
    for beyond in [(1 << 48) - 1, 1 << 48, u64::MAX] {
        desk.now = beyond;
        for (name, call) in calls::all::<_, Seeded>() {
            let error = call(&mut desk.at(), issued.handle(), issued.code().as_str()).unwrap_err();
            assert!(matches!(error, Error::Fault(Fault::ClockOutOfRange)), "{name}: {error}");
        }
    }
    assert_eq!(store.only(), before);
    desk.now = there;
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

/// Operators call forget by hand, on machines whose clocks may be wrong. This must not drop other
/// recipients' locks.
#[test]
fn forget_beyond_the_last_timestamp_is_rejected_and_drops_nothing() {
    let mut desk = Desk::new(MemoryStore::new());
    let numbers: Vec<PhoneNumber> = (0..500).map(|n| format!("+1202555{n:04}").parse().unwrap()).collect();
    for &number in &numbers {
        let issued = desk.at().start(number, Channel::Sms).unwrap();
        refusal(desk.at().check(number, issued.handle(), &wrong(issued.code().as_str(), 0)));
    }
    let there = std::mem::replace(&mut desk.now, u64::MAX);
    for &number in &numbers[..50] {
        assert!(matches!(desk.at().forget(number), Err(Error::Fault(Fault::ClockOutOfRange))));
    }
    desk.now = there;
    for &number in &numbers {
        assert_eq!(desk.at().status(number).unwrap().failures_in_a_row, 1);
    }
}
