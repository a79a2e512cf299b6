//! Clocks that go back, and clocks that show no time at all.

use std::time::Duration;

use countersign::{Channel, Error, Fault, MemoryStore, PhoneNumber, Refusal, Timestamp};

use super::calls;
use super::desk::{DAY, Desk, HOUR, MINUTE, SECOND, number, refusal};
use super::faulty::Faulty;
use super::rng::Seeded;

#[test]
fn a_clock_far_behind_passes_no_code_and_loses_nothing() {
    for by in [5001, 6 * SECOND, HOUR, 10_000 * DAY] {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        let (before, there) = (store.only(), desk.now);
        desk.now -= by;
        let expected = Fault::ClockWentBack { by: Duration::from_millis(by) };
        for (name, call) in calls::all::<_, Seeded>() {
            if matches!(name, "start" | "unlock" | "status") {
                continue;
            }
            let error = call(&mut desk.at(), issued.handle(), issued.code().as_str()).unwrap_err();
            assert!(matches!(error, Error::Fault(fault) if fault == expected), "{name}: {error}");
        }
        assert_eq!(store.only(), before);
        desk.now = there;
        assert!(
            desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok(),
            "and all goes on"
        );
    }
}

#[test]
fn a_clock_a_little_behind_stands_still() {
    for by in [1, 1000, 5000] {
        let mut desk = Desk::new(MemoryStore::new());
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        let there = desk.now;
        desk.now -= by;
        let refused = refusal(desk.at().start(number(), Channel::Sms));
        assert_eq!(refused.retry_at(), Some(Timestamp::from_unix_millis(there + 30 * SECOND)));
        let verified = desk.at().check(number(), issued.handle(), issued.code().as_str()).unwrap();
        assert_eq!(verified.at(), Timestamp::from_unix_millis(there), "time never runs back");
    }
}

/// A clock was a year ahead when a recipient was locked, and is mended. What is left of the lock is left from then on, not
/// until the year is over; and the same with a cooldown.
#[test]
fn what_was_left_when_a_clock_was_ahead_is_left_once() {
    for failures in [0, 10] {
        let mut desk = Desk::new(MemoryStore::new());
        let right_time = desk.now;
        desk.now += 365 * DAY;
        let mut issued = desk.at().start(number(), Channel::Sms).unwrap();
        for failure in 0..failures {
            if failure == 5 {
                desk.now += 30 * SECOND;
                issued = desk.at().resend(number(), issued.handle()).unwrap();
            }
            desk.fail(&issued);
        }
        desk.now = right_time;
        let left = if failures == 10 { HOUR } else { 30 * SECOND };
        let refused = refusal(desk.at().start(number(), Channel::Sms));
        assert_eq!(refused.retry_at(), Some(Timestamp::from_unix_millis(right_time + left)), "{refused}");
        desk.now = right_time + left - 1;
        assert_eq!(refusal(desk.at().start(number(), Channel::Sms)), refused);
        assert_eq!(desk.failures(), failures);
        desk.now += 1;
        assert!(desk.at().start(number(), Channel::Sms).is_ok());
    }
}

/// A code that was issued while the clock was ahead would live too long: it is dead once a start has seen the clock as it is.
#[test]
fn no_code_lives_longer_because_a_clock_went_back() {
    let mut desk = Desk::new(MemoryStore::new());
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    desk.now -= MINUTE;
    refusal(desk.at().start(number(), Channel::Sms));
    desk.now += MINUTE;
    let right = issued.code().as_str();
    assert_eq!(desk.refused(issued.handle(), right), Refusal::UnknownHandle);
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
fn a_forget_at_the_end_of_time_drops_nothing_else() {
    let mut desk = Desk::new(MemoryStore::new());
    let numbers: Vec<PhoneNumber> = (0..500).map(|n| format!("+1202555{n:04}").parse().unwrap()).collect();
    for &number in &numbers {
        let issued = desk.at().start(number, Channel::Sms).unwrap();
        refusal(desk.at().check(number, issued.handle(), &super::desk::wrong(issued.code().as_str(), 0)));
    }
    let there = std::mem::replace(&mut desk.now, u64::MAX);
    numbers[..50].iter().for_each(|&number| drop(desk.at().forget(number)));
    desk.now = there;
    for &number in &numbers[50..] {
        assert_eq!(desk.at().status(number).unwrap().failures_in_a_row, 1);
    }
}
