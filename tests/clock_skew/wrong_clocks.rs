//! Clocks more than a day behind a record, and clocks that are out of range.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign::error::Fault;
use countersign::{Channel, Error, Issued, MemoryStore, Refusal, Timestamp};
use countersign_tests::desk::{DAY, Desk, HOUR, SECOND, number, refusal};
use countersign_tests::engine::Engine;

type Host = Desk<Arc<Engine>>;
type Remedy = fn(&mut Host) -> Result<(), Error>;

/// 2020-01-01T00:00:00Z.
const YEAR_2020: u64 = 1_577_836_800_000;

fn host() -> (Host, Arc<Engine>) {
    let engine = Arc::new(Engine::default());
    (Desk::new(Arc::clone(&engine)), engine)
}

/// Returns the fault of each call except `unlock` and `forget`.
fn faults(desk: &mut Host, issued: &Issued) -> Vec<(&'static str, Option<Fault>)> {
    let (handle, code) = (issued.handle(), issued.code().as_str());
    let at = desk.at();
    [
        ("start", at.start(number(), Channel::Sms).map(drop)),
        ("resend", at.resend(number(), handle).map(drop)),
        ("check", at.check(number(), handle, code).map(drop)),
        ("cancel", at.cancel(number(), handle)),
        ("undelivered", at.undelivered(number(), handle)),
    ]
    .into_iter()
    .map(|(name, result)| match result {
        Err(Error::Fault(fault)) => (name, Some(fault)),
        _ => (name, None),
    })
    .collect()
}

fn is_went_back(fault: Option<Fault>) -> bool {
    matches!(fault, Some(Fault::ClockWentBack { .. }))
}

/// Fails until the record is locked, and returns the last code that was sent.
fn lock(desk: &mut Host) -> Issued {
    loop {
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        for _ in 0..5 {
            desk.fail(&issued);
        }
        desk.now += 31 * SECOND;
        if matches!(desk.at().start(number(), Channel::Sms), Err(Error::Refused(Refusal::Locked { .. }))) {
            return issued;
        }
        desk.now += 31 * SECOND;
    }
}

#[test]
fn clock_more_than_a_day_behind_the_record_is_a_fault() {
    let (mut desk, engine) = host();
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    let (right_time, writes) = (desk.now, engine.applied());
    for by in [DAY + 1, 2 * DAY, 365 * DAY] {
        desk.now = right_time - by;
        for (name, fault) in faults(&mut desk, &issued) {
            assert!(is_went_back(fault), "{name}, {by} ms behind: {fault:?}");
        }
    }
    assert_eq!(engine.applied(), writes, "nothing was written");
    desk.now = right_time - DAY;
    let a_day_behind = faults(&mut desk, &issued);
    assert!(a_day_behind.iter().all(|(_, fault)| fault.is_none()), "{a_day_behind:?}");
}

#[test]
fn clock_a_day_behind_ends_no_lock_and_no_code() {
    let (mut desk, _engine) = host();
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    let right_time = desk.now;
    desk.now -= DAY;
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_err());
    desk.now = right_time;
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
    desk.now += HOUR;
    let _ = lock(&mut desk);
    let locked_at = desk.now;
    for behind in [SECOND, 6 * SECOND, HOUR, DAY, 2 * DAY, 50 * 365 * DAY] {
        desk.now = locked_at - behind;
        assert!(desk.at().start(number(), Channel::Sms).is_err());
        desk.now = locked_at;
        let refused = refusal(desk.at().start(number(), Channel::Sms));
        assert!(matches!(refused, Refusal::Locked { .. }), "{behind} ms behind: {refused}");
    }
}

#[test]
fn operators_recover_a_record_written_by_a_clock_days_ahead() {
    let remedies: [Remedy; 2] = [|desk| desk.at().unlock(number()), |desk| desk.at().forget(number())];
    for remedy in remedies {
        let (mut desk, _engine) = host();
        let right_time = desk.now;
        desk.now += 3 * DAY;
        let issued = lock(&mut desk);
        desk.now = right_time;
        assert!(faults(&mut desk, &issued).iter().all(|&(_, fault)| is_went_back(fault)));
        remedy(&mut desk).unwrap();
        let again = desk.at().start(number(), Channel::Sms).unwrap();
        assert!(desk.at().check(number(), again.handle(), again.code().as_str()).is_ok());
        assert_eq!(desk.failures(), 0);
    }
}

/// A clock days ahead forgot the record, and no correct clock has done so yet. `forget` resets the
/// record time in this case too.
#[test]
fn operators_recover_a_record_forgotten_by_a_clock_days_ahead() {
    let remedies: [Remedy; 2] = [|desk| desk.at().unlock(number()), |desk| desk.at().forget(number())];
    for remedy in remedies {
        let (mut desk, engine) = host();
        let _ = desk.at().start(number(), Channel::Sms).unwrap();
        let right_time = desk.now;
        desk.now += 3 * DAY;
        desk.at().forget(number()).unwrap();
        desk.now = right_time;
        let started = desk.at().start(number(), Channel::Sms);
        assert!(matches!(started, Err(Error::Fault(Fault::ClockWentBack { .. }))));
        remedy(&mut desk).unwrap();
        let writes = engine.writes();
        desk.at().forget(number()).unwrap();
        desk.at().forget(number()).unwrap();
        assert!(engine.writes() <= writes + 1, "a forgotten record is not written again");
        assert!(desk.at().start(number(), Channel::Sms).is_ok());
    }
}

/// The store's own clock advances, and nobody else writes.
#[test]
fn memory_store_drops_a_record_written_by_a_clock_days_ahead() {
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&seconds);
    let store = MemoryStore::new().with_clock(move || Duration::from_secs(clock.load(Ordering::Relaxed)));
    let mut desk = Desk::new(store);
    let right_time = desk.now;
    desk.now += 30 * DAY;
    let _ = desk.at().start(number(), Channel::Sms).unwrap();
    for (elapsed, is_there) in [(0, true), (86_399, true), (86_400, false)] {
        seconds.store(elapsed, Ordering::Relaxed);
        desk.now = right_time + 1000 * elapsed;
        let started = desk.at().start(number(), Channel::Sms);
        assert_eq!(started.is_err(), is_there, "after {elapsed} seconds: {started:?}");
    }
}

/// The record time is reset too: a budget that was used up days ahead is not blocked for days.
#[test]
fn unlock_resets_budgets_to_the_operators_clock() {
    let (mut desk, _engine) = host();
    let right_time = desk.now;
    desk.now += 3 * DAY;
    let _ = desk.at().start(number(), Channel::Sms).unwrap();
    desk.now = right_time;
    desk.at().unlock(number()).unwrap();
    let mut sends: Vec<u64> = Vec::new();
    while desk.now < right_time + DAY {
        if desk.at().start(number(), Channel::Sms).is_ok() {
            sends.push(desk.now);
            assert!(sends.iter().filter(|&&sent| desk.now < sent + 600 * SECOND).count() <= 5);
        }
        desk.now += 30 * SECOND;
    }
    assert!((19..=20).contains(&sends.len()), "{} sends in a day", sends.len());
}

#[test]
fn rejects_clocks_before_2020_and_beyond_the_last_timestamp() {
    let (mut desk, engine) = host();
    let beyond = Timestamp::MAX.unix_millis();
    for now in [0, 1, 1_800_000_000, YEAR_2020 - 1, beyond, beyond + 1, u64::MAX] {
        desk.now = now;
        let started = desk.at().start(number(), Channel::Sms);
        assert!(matches!(started, Err(Error::Fault(Fault::ClockOutOfRange))), "{now}");
    }
    assert_eq!(engine.writes(), 0);
    desk.now = 1_800_000_000_000;
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    let (right_time, writes) = (desk.now, engine.writes());
    for now in [0, right_time / 1000, YEAR_2020 - 1, beyond, u64::MAX] {
        desk.now = now;
        for (name, fault) in faults(&mut desk, &issued) {
            assert!(matches!(fault, Some(Fault::ClockOutOfRange)), "{name} at {now}: {fault:?}");
        }
        assert!(matches!(desk.at().unlock(number()), Err(Error::Fault(Fault::ClockOutOfRange))));
    }
    assert_eq!(engine.writes(), writes);
    desk.now = right_time;
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

#[test]
fn accepts_the_first_millisecond_of_2020() {
    let mut desk = host().0.with(|verifier| verifier);
    desk.now = YEAR_2020;
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    assert!(matches!(desk.fail(&issued), Refusal::WrongCode { tries_left: 4, .. }));
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}
