use alloc::collections::BTreeSet;
use core::time::Duration;

use super::*;
use crate::KeyId;
use crate::account::testing::{Counter, HOUR, Host, KEY, MS, NOW, STEP, code, rotated, secret, wrong};
use crate::error::Refusal;
use crate::rng::Fill;

fn status(host: &Host, now: Timestamp, group: Group) -> AccountStatus {
    host.record.status(&host.context(now), group).unwrap()
}

#[test]
fn removing_leaves_the_failures() {
    let mut host = Host::enrolled();
    host.fail(NOW, 9);
    host.remove(NOW);
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::NotEnrolled);
    host.import(NOW, &secret()).unwrap();
    host.fail(NOW, 1);
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::Locked { until: NOW + HOUR });
}

#[test]
fn removing_is_idempotent_and_ends_a_pending_enrolment() {
    let mut host = Host::new();
    host.remove(NOW);
    assert_eq!(host.record.operation(), 0, "nothing to write");
    host.enrol(NOW).unwrap();
    host.remove(NOW);
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::NotEnrolled);
}

#[test]
fn removing_needs_no_seal_key() {
    let mut host = Host::enrolled();
    host.check(NOW, code(NOW).as_str()).unwrap();
    host.keys = rotated(host.keys).retire(KeyId::new(0)).unwrap();
    host.remove(NOW);
    assert_eq!(status(&host, NOW, Group::Common).totp, TotpStatus::None);
}

#[test]
fn unlocking_clears_all_failures_and_keeps_the_authenticator() {
    let mut host = Host::enrolled();
    let mut now = NOW;
    for _ in 0..10 {
        host.fail(now, 10);
        now = now + 24 * HOUR;
    }
    assert_eq!(status(&host, now, Group::Trusted).lock, Some(Lock::Closed));
    host.run(now, |record, context, _| record.unlock(context)).unwrap().unwrap();
    let cleared = AccountStatus { failures: 0, lock: None, totp: TotpStatus::Active { since: NOW } };
    assert_eq!(status(&host, now, Group::Common), cleared);
    assert!(host.check(now, code(now).as_str()).is_ok());
}

#[test]
fn unlocking_sets_record_time_to_this_clock() {
    let mut host = Host::new();
    let ahead = NOW + 1000 * HOUR;
    host.enrol(ahead).unwrap();
    host.fail(ahead, 1);
    let by = 1000 * HOUR;
    assert_eq!(host.try_check(NOW, "123456"), Err(Fault::ClockWentBack { by }));
    host.run(NOW, |record, context, _| record.unlock(context)).unwrap().unwrap();
    assert_eq!((host.record.at(), status(&host, NOW, Group::Common).failures), (NOW, 0));
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::NotEnrolled, "it was started in the future");
    let mut host = Host::new();
    host.import(ahead, &secret()).unwrap();
    host.check(ahead, code(ahead).as_str()).unwrap();
    host.remove(ahead);
    host.run(NOW, |record, context, _| record.unlock(context)).unwrap().unwrap();
    assert_eq!(host.record.value.spent[0].at, NOW);
}

#[test]
fn forgetting_leaves_only_a_marker() {
    let mut host = Host::enrolled();
    host.fail(NOW, 10);
    let marker = AccountRecord::forget(&host.context(NOW)).unwrap();
    let bytes = marker.encode(&KEY, &host.keys).unwrap();
    assert_eq!(bytes.as_slice().len(), 1 + 1 + 8 + 6 + 16);
    host.record = AccountRecord::decode(bytes.as_slice(), &KEY, &host.keys).unwrap();
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::NotEnrolled);
    host.enrol(NOW).unwrap();
    assert!(!host.record.is_forgotten);
    for now in [Timestamp::EPOCH, Timestamp::MAX] {
        let fault = AccountRecord::forget(&host.context(now)).map(drop);
        assert_eq!(fault, Err(Fault::ClockOutOfRange));
    }
}

#[test]
fn status_shows_failures_the_groups_lock_and_the_authenticator() {
    let mut host = Host::new();
    assert_eq!(
        status(&host, NOW, Group::Common),
        AccountStatus { failures: 0, lock: None, totp: TotpStatus::None }
    );
    let until = host.enrol(NOW).unwrap();
    assert_eq!(status(&host, until - MS, Group::Common).totp, TotpStatus::Pending { until });
    assert_eq!(status(&host, until, Group::Common).totp, TotpStatus::None);
    host.fail(NOW, 10);
    let locked = status(&host, NOW, Group::Common);
    assert_eq!((locked.failures, locked.lock), (10, Some(Lock::Until(NOW + HOUR))));
    assert_eq!(status(&host, NOW, Group::Trusted).lock, None);
    let forgotten = NOW + HOUR + 30 * 24 * HOUR;
    assert_eq!(status(&host, forgotten, Group::Common).failures, 0);
    let error = host.record.status(&host.context(Timestamp::MAX), Group::Common);
    assert_eq!(error, Err(Fault::ClockOutOfRange));
}

/// Random calls at random times: no panic, every record round-trips, and no code passes twice.
#[test]
fn random_calls_accept_no_code_twice() {
    let mut random = Counter(0);
    let mut passed = 0;
    for account in 0..60 {
        let mut host = Host::new();
        let (mut now, mut accepted) = (NOW, BTreeSet::new());
        for _ in 0..80 {
            let mut bytes = [0; 3];
            random.fill(&mut bytes).unwrap();
            let [what, steps, pause] = bytes;
            match what % 16 {
                0..8 => {
                    let at = now + u32::from(steps % 3) * STEP;
                    if let Ok(found) = host.check(now, code(at).as_str()) {
                        assert!(accepted.insert(found.step), "account {account}: {:?} twice", found.step);
                        passed += 1;
                    }
                }
                8 | 9 => drop(host.check(now, &wrong(now))),
                10 | 11 => drop(host.enrol(now)),
                12 => drop(host.import(now, &secret())),
                13 => host.remove(now),
                14 if pause < 8 => {
                    host.run(now, |record, context, _| record.unlock(context)).unwrap().unwrap();
                }
                _ => now = now + u32::from(pause) * Duration::from_secs(1),
            }
        }
    }
    assert!(passed > 200, "{passed}");
}
