//! Servers whose clocks differ: locks and failures last by record time, pending enrolments by the
//! clock of each server, and a code is accepted once whatever the clocks say.

use std::time::Duration;

use countersign::error::Fault;
use countersign::limits::Lock;
use countersign::{Error, Refusal};
use countersign_tests::desk::{DAY, HOUR, MINUTE, SECOND};

use super::scene::Scene;

/// Enters an entry at a server.
fn enter(scene: &mut Scene, server: usize, entry: &str) -> Result<(), Error> {
    let operation = scene.begin_totp(server, entry);
    scene.finish(server, operation).map(drop)
}

fn refusal(result: Result<(), Error>) -> Option<Refusal> {
    result.err().and_then(|error| error.refusal())
}

fn went_back(result: &Result<(), Error>) -> bool {
    matches!(result, Err(Error::Fault(Fault::ClockWentBack { .. })))
}

/// Guesses by two servers in turn. Each clock gets ten guesses per lock, never more.
#[test]
fn servers_in_turn_get_no_more_guesses_than_their_clocks() {
    for ahead in [0, 73 * MINUTE as i64, -73 * MINUTE as i64, 20 * HOUR as i64] {
        let mut scene = Scene::new(1).with_clocks(&[0, ahead]);
        scene.import();
        let mut verdicts = 0;
        // Just before the hour is over by real time.
        for guess in 0..300 {
            if guess == 150 {
                scene.later(HOUR - SECOND);
            }
            let entry = scene.wrong_code(guess);
            match refusal(enter(&mut scene, guess as usize % 2, &entry)).unwrap() {
                Refusal::WrongCode { .. } => verdicts += 1,
                refusal => assert!(matches!(refusal, Refusal::Locked { .. }), "{refusal:?}"),
            }
        }
        assert!(verdicts <= if ahead == 0 { 10 } else { 20 }, "{verdicts} verdicts, {ahead} ms ahead");
    }
}

/// A lock by a fast clock is in force for slow ones until it has ended by them or by a write.
#[test]
fn a_slow_clock_neither_ends_a_lock_nor_forgets_failures() {
    let mut scene = Scene::new(1).with_clocks(&[0, 20 * HOUR as i64]);
    scene.import();
    for guess in 0..10 {
        let entry = scene.wrong_code(guess);
        assert!(enter(&mut scene, 1, &entry).is_err());
    }
    let end = scene.clock(1) + Duration::from_millis(HOUR);
    for wait in [0, HOUR, 12 * HOUR, 8 * HOUR - 1] {
        scene.later(wait);
        let code = scene.code(0);
        assert_eq!(refusal(enter(&mut scene, 0, &code)), Some(Refusal::Locked { until: end }));
        assert_eq!(scene.lock(), Some(Lock::Until(end)));
    }
    scene.later(1);
    let code = scene.code(0);
    assert!(enter(&mut scene, 0, &code).is_ok());
}

/// Neither a slow server's right code nor its settled charge moves the record time back.
#[test]
fn a_slow_servers_writes_keep_the_record_time() {
    let mut scene = Scene::new(1).with_clocks(&[0, 10 * HOUR as i64]);
    scene.import();
    let codes = scene.issue().unwrap();
    for guess in 0..9 {
        let entry = scene.wrong_code(guess);
        assert!(enter(&mut scene, 1, &entry).is_err());
    }
    scene.recover(&codes[0]).unwrap();
    let entry = scene.wrong_code(9);
    let end = scene.clock(1) + Duration::from_millis(HOUR);
    let locked = Refusal::WrongCode { tries_left: 0, lock: Some(Lock::Until(end)) };
    assert_eq!(refusal(enter(&mut scene, 0, &entry)), Some(locked), "an hour from the latest write");
}

/// A clock more than a day behind does nothing, and an operator's unlock sets the record's time.
#[test]
fn a_clock_a_day_behind_is_a_fault_until_an_unlock() {
    let mut scene = Scene::new(1).with_clocks(&[0, DAY as i64 + 1]);
    scene.import();
    let (code, codes) = (scene.code(0), scene.issue().unwrap());
    let sent = scene.start(0).unwrap();
    assert!(refusal(enter(&mut scene, 1, &code)).is_some(), "written by the fast clock");
    assert!(scene.start(0).is_err());
    assert!(went_back(&enter(&mut scene, 0, &code)));
    assert!(went_back(&scene.recover(&codes[0])));
    assert!(went_back(&scene.pass(&sent, &sent.right())));
    scene.call(0, |at, account| at.account(account).unlock()).unwrap();
    assert!(enter(&mut scene, 0, &code).is_ok());
    scene.recover(&codes[0]).unwrap();
    scene.pass(&sent, &sent.right()).unwrap();
}

/// An enrolment waits by the clock of whoever checks. A server that is behind by more than five
/// seconds would keep it alive for longer, and refuses.
#[test]
fn a_pending_enrolment_expires_by_the_checkers_clock() {
    let pending = 5 * MINUTE as i64;
    for (ahead, expected) in [
        (0, Ok(())),
        (-5000, Ok(())),
        (-5001, Err(true)),
        (pending - 1, Ok(())),
        (pending, Err(false)),
        (HOUR as i64, Err(false)),
    ] {
        let mut scene = Scene::new(1).with_clocks(&[0, ahead]);
        scene.enrol(0, 5).unwrap();
        let step = scene.settings.step(scene.clock(1));
        let code = scene.settings.code(&scene.secret, step).as_str().to_owned();
        let result = enter(&mut scene, 1, &code);
        match expected {
            Ok(()) => assert!(result.is_ok(), "{ahead}"),
            Err(true) => assert!(went_back(&result), "{ahead}"),
            Err(false) => assert_eq!(refusal(result), Some(Refusal::NotEnrolled), "{ahead}"),
        }
        // On the server that began it, the time is not shortened by others.
        scene.later(5 * MINUTE - 30_001);
        let code = scene.code(0);
        let again = enter(&mut scene, 0, &code);
        assert_eq!(again.is_ok(), expected.is_err() || ahead < pending - 1, "{ahead}: {again:?}");
    }
}

/// Whatever the other server's clock, a code that one accepted passes on none.
#[test]
fn a_code_passes_once_on_servers_with_differing_clocks() {
    for ahead in [-30_000, -29_999, -15_000, 0, 15_000, 29_999, 30_000] {
        for first in 0..2 {
            let mut scene = Scene::new(1).with_clocks(&[0, ahead]);
            scene.import();
            let code = scene.code(0);
            assert!(enter(&mut scene, first, &code).is_ok(), "{ahead}");
            for server in [1 - first, first] {
                let again = refusal(enter(&mut scene, server, &code));
                assert_eq!(again, Some(Refusal::AlreadyUsed), "{ahead}");
            }
            assert_eq!(scene.failures(), 0);
        }
    }
}
