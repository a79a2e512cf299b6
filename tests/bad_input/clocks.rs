//! Clocks that go back, and clocks that show no time at all.

use std::time::Duration;

use countersign::error::Fault;
use countersign::{Channel, Error, MemoryStore, PhoneNumber, Refusal, Timestamp};
use countersign_tests::desk::{DAY, Desk, HOUR, MINUTE, SECOND, number, refusal, wrong};
use countersign_tests::faulty::Faulty;
use countersign_tests::rng::Seeded;

use super::calls;

/// Behind the issuer by more than clocks may differ: no code passes, and nothing is lost.
#[test]
fn a_clock_behind_the_issuers_passes_no_code_and_loses_nothing() {
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
            "and all goes on"
        );
    }
}

/// More than a day behind the record: only what operators do works.
#[test]
fn a_clock_more_than_a_day_behind_changes_nothing() {
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
fn a_clock_a_little_behind_is_as_good() {
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

/// A clock was a year ahead when a recipient was locked, and is corrected. Nothing passes and nothing is sent until an
/// operator unlocks or forgets the recipient, which sets record time to the right clock.
#[test]
fn an_operator_reopens_what_a_clock_far_ahead_has_written() {
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

/// A refused start writes nothing, whatever its clock shows: the code that runs is still good.
#[test]
fn a_start_refused_by_a_slow_clock_leaves_the_code_as_it_is() {
    let mut desk = Desk::new(MemoryStore::new());
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    desk.now -= 10 * SECOND;
    refusal(desk.at().start(number(), Channel::Sms));
    desk.now += 10 * SECOND;
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

/// Seconds passed as milliseconds, or a clock that was never set: codes would live for hours.
#[test]
fn a_clock_before_2020_is_refused() {
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
fn a_clock_beyond_all_time_is_refused_and_loses_nothing() {
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

/// Operators forget by hand, on machines whose clocks are what they are: that must not drop anybody else's lock.
#[test]
fn a_forget_at_the_end_of_time_is_refused_and_drops_nothing_else() {
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
