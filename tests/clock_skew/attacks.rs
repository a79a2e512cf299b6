//! Attacks that two servers with differing clocks once allowed, one in each test.

use std::sync::Arc;
use std::time::Duration;

use countersign::{Channel, Issued, Limits, Refusal, SendQuota};
use countersign_tests::desk::{DAY, Desk, HOUR, MINUTE, SECOND, number, refusal};
use countersign_tests::engine::Engine;

type Host = Desk<Arc<Engine>>;

fn host() -> (Host, Arc<Engine>) {
    let engine = Arc::new(Engine::default());
    (Desk::new(Arc::clone(&engine)), engine)
}

/// Returns the real times of the sends by two servers whose clocks are `apart` milliseconds apart
/// and that take turns every second.
fn sends_in_turn(apart: u64, seconds: u64) -> Vec<u64> {
    let (mut desk, _) = host();
    let mut sends = Vec::new();
    for turn in 0..seconds {
        let real = 1_800_000_000_000 + turn * SECOND;
        desk.now = real + apart * (turn % 2);
        if let Ok(issued) = desk.at().start(number(), Channel::Sms) {
            sends.push(real);
            let _ = desk.at().undelivered(number(), issued.handle());
        }
    }
    sends
}

/// A correct server uses up a budget. Then a fast server writes once, and thus tells the engine by
/// a clock ahead how long to keep the record. Then both wait until the record is dropped, or for
/// the length of the window.
#[test]
fn a_fast_servers_write_does_not_shorten_the_send_log() {
    for (sends, window, ahead) in
        [(3, 30 * MINUTE, 73 * MINUTE), (5, DAY, 23 * HOUR), (2, 30 * DAY, 23 * HOUR)]
    {
        let quota = SendQuota::new(sends, Duration::from_millis(window)).unwrap();
        let limits = Limits::default().with_send_quotas(&[quota]).unwrap();
        let times =
            uses_up_and_waits(limits, window, ahead, |desk| desk.at().start(number(), Channel::Sms).ok());
        let most = most_in(window, &times);
        assert!(most <= 2 * usize::from(sends), "{most} sends of {sends} in {window} ms, {ahead} ms ahead");
    }
}

#[test]
fn a_fast_servers_write_does_not_shorten_the_failure_memory() {
    let memory = Duration::from_millis(DAY);
    let limits = Limits::default().with_lock(memory).unwrap().with_failure_memory(memory).unwrap();
    let limits = limits.with_send_quotas(&[]).unwrap().with_cooldown(Duration::ZERO).unwrap();
    let times = uses_up_and_waits(limits, DAY, 23 * HOUR, |desk| {
        // One failure less than the number that locks.
        let issued = (desk.failures() < 9).then(|| desk.at().start(number(), Channel::Sms).ok())??;
        matches!(desk.fail(&issued), Refusal::WrongCode { .. }).then_some(issued)
    });
    let most = most_in(DAY, &times);
    assert!(most <= 2 * 10, "{most} guesses in a day");
}

/// Returns when the correct server granted something, within two windows.
fn uses_up_and_waits(
    limits: Limits,
    window: u64,
    ahead: u64,
    mut get: impl FnMut(&mut Host) -> Option<Issued>,
) -> Vec<u64> {
    let (desk, engine) = host();
    let mut desk = desk.with(|verifier| verifier.with_limits(limits));
    let (end, mut times) = (desk.now + 2 * window, Vec::new());
    let mut last = None;
    while desk.now < end {
        engine.set_time(desk.now);
        if let Some(issued) = get(&mut desk) {
            last = Some(issued);
            times.push(desk.now);
            desk.now += MINUTE;
            continue;
        }
        if let Some(issued) = last.take() {
            let real = desk.now;
            desk.now = real + ahead;
            desk.at().cancel(number(), issued.handle()).unwrap();
            desk.now = real;
        }
        let wait = engine.next_due().map_or(window, |due| due.saturating_sub(desk.now).min(window));
        desk.now += wait.max(MINUTE);
    }
    times
}

fn most_in(window: u64, times: &[u64]) -> usize {
    let within = |from: &u64| times.iter().filter(|&time| (*from..from + window).contains(time)).count();
    times.iter().map(within).max().unwrap_or_default()
}

#[test]
fn two_servers_130_seconds_apart_send_at_most_twice_the_quota() {
    let most = most_in(10 * MINUTE, &sends_in_turn(130 * SECOND, 1200));
    assert!(most <= 2 * 5, "{most} sends in ten minutes");
}

#[test]
fn two_servers_73_minutes_apart_send_at_most_twice_the_quotas() {
    let sends = sends_in_turn(73 * MINUTE, 2 * 3600);
    let (a_while, a_day) = (most_in(10 * MINUTE, &sends), sends.len());
    assert!(a_while <= 2 * 5 && a_day <= 2 * 20, "{a_while} sends in ten minutes, {a_day} in a day");
}

#[test]
fn two_servers_an_hour_apart_compare_at_most_twice_the_guesses() {
    let (desk, _) = host();
    let limits = Limits::default().with_send_quotas(&[]).unwrap().with_cooldown(Duration::ZERO).unwrap();
    let mut desk = desk.with(|verifier| verifier.with_limits(limits));
    let mut guesses = 0;
    for turn in 0..60 {
        desk.now = 1_800_000_000_000 + turn * SECOND + HOUR * (turn % 2);
        let Ok(issued) = desk.at().start(number(), Channel::Sms) else { continue };
        guesses += (0..5).filter(|_| matches!(desk.fail(&issued), Refusal::WrongCode { .. })).count();
    }
    assert!(guesses <= 2 * 10, "{guesses} guesses in a minute");
}

#[test]
fn refused_start_of_a_slow_server_keeps_the_code() {
    for behind in [1, 5 * SECOND, 5001, 6 * SECOND, MINUTE, HOUR, DAY, 50 * 365 * DAY] {
        let (mut desk, engine) = host();
        let mut issued = desk.at().start(number(), Channel::Sms).unwrap();
        for _ in 0..4 {
            desk.now += 30 * SECOND;
            issued = desk.at().start(number(), Channel::Sms).unwrap();
        }
        let (right_time, writes) = (desk.now, engine.applied());
        desk.now -= behind;
        assert!(desk.at().start(number(), Channel::Sms).is_err(), "the quota is full");
        assert_eq!(engine.applied(), writes, "{behind} ms behind");
        desk.now = right_time;
        assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
    }
}

fn lock(desk: &mut Host) -> Issued {
    loop {
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        for _ in 0..5 {
            if let Refusal::WrongCode { lock: Some(_), .. } = desk.fail(&issued) {
                return issued;
            }
        }
        desk.now += 30 * SECOND;
    }
}

#[test]
fn a_slow_server_does_not_shorten_a_lock() {
    for behind in [6 * SECOND, MINUTE, HOUR, DAY, 57 * 365 * DAY] {
        let (mut desk, _) = host();
        let issued = lock(&mut desk);
        let end = desk.now + HOUR;
        desk.now = (desk.now + MINUTE).saturating_sub(behind);
        assert!(desk.at().start(number(), Channel::Sms).is_err());
        assert!(desk.at().resend(number(), issued.handle()).is_err());
        assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_err());
        desk.now = end - 1;
        let refused = refusal(desk.at().start(number(), Channel::Sms));
        assert!(matches!(refused, Refusal::Locked { .. }), "{behind} ms behind: {refused}");
        desk.now = end;
        assert!(desk.at().start(number(), Channel::Sms).is_ok());
    }
}

/// A server whose clock is up to a day ahead sends a code and counts a failure. People at a server
/// with a correct clock are sent a code all the same, and nothing the other server does later
/// invalidates it.
#[test]
fn a_fast_server_does_not_block_sends_of_a_correct_one() {
    for ahead in [30 * SECOND, MINUTE, HOUR, 23 * HOUR, DAY - 2 * MINUTE] {
        let (mut desk, _) = host();
        let right_time = desk.now;
        desk.now += ahead;
        let theirs = desk.at().start(number(), Channel::Sms).unwrap();
        desk.fail(&theirs);
        desk.now = right_time;
        let ours = desk.at().start(number(), Channel::Sms).unwrap();
        desk.now = right_time + MINUTE + ahead;
        desk.at().undelivered(number(), ours.handle()).unwrap();
        desk.now = right_time + 2 * MINUTE - 1;
        let checked = desk.at().check(number(), ours.handle(), ours.code().as_str());
        assert!(checked.is_ok(), "{ahead} ms ahead: {checked:?}");
    }
}
