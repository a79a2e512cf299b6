use core::time::Duration;

use super::*;
use crate::account::testing::{HOUR, Host, MS, NOW, STEP, code, rotated, secret, step, wrong};
use crate::account::{TotpStatus, TotpTerms};
use crate::error::Fault;
use crate::limits::Lock;
use crate::totp::{Algorithm, TotpSettings};
use crate::{KeyId, Keys};

#[test]
fn a_code_is_accepted_once() {
    let mut host = Host::enrolled();
    let passed = host.check(NOW, code(NOW).as_str()).unwrap();
    assert_eq!((passed.step, passed.drift, passed.at), (step(NOW), 0, NOW));
    assert!(!passed.confirmed_enrolment);
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::AlreadyUsed);
    assert_eq!(host.refused(NOW + STEP, code(NOW).as_str()), Refusal::AlreadyUsed);
    assert_eq!(host.refused(NOW, code(NOW - STEP).as_str()), Refusal::AlreadyUsed, "an older one too");
    let next = host.check(NOW, code(NOW + STEP).as_str()).unwrap();
    assert_eq!((next.step, next.drift), (step(NOW + STEP), 1));
    assert_eq!(host.record.value.budget.sum(), 0);
}

#[test]
fn the_first_code_confirms_and_counts_as_used() {
    let mut host = Host::new();
    host.enrol(NOW).unwrap();
    assert_eq!(host.record.active_enrolment(), None);
    let pending = host.record.any_enrolment(&host.context(NOW)).unwrap();
    let passed = host.check(NOW + STEP, code(NOW + STEP).as_str()).unwrap();
    assert!(passed.confirmed_enrolment);
    assert!(pending.is_some() && host.record.active_enrolment() == pending);
    assert_eq!(host.refused(NOW + STEP, code(NOW + STEP).as_str()), Refusal::AlreadyUsed);
    let status = host.record.status(&host.context(NOW), Group::Common).unwrap();
    assert_eq!(status.totp, TotpStatus::Active { since: NOW + STEP });
    let later = NOW + 100 * HOUR;
    assert!(!host.check(later, code(later).as_str()).unwrap().confirmed_enrolment, "and stays active");
}

#[test]
fn a_pending_enrolment_expires_to_the_millisecond() {
    let mut host = Host::new();
    let end = host.enrol(NOW).unwrap();
    assert_eq!(end, NOW + 24 * HOUR);
    assert_eq!(host.refused(end, code(end).as_str()), Refusal::NotEnrolled);
    assert_eq!(host.record.any_enrolment(&host.context(end)), Ok(None));
    assert!(host.check(end - MS, code(end - MS).as_str()).is_ok());
}

#[test]
fn nothing_is_enrolled_at_first() {
    assert_eq!(Host::new().refused(NOW, "123456"), Refusal::NotEnrolled);
}

#[test]
fn the_tenth_wrong_code_locks() {
    let mut host = Host::enrolled();
    for tries_left in (1..10).rev() {
        let wrong = host.check(NOW, &wrong(NOW));
        assert_eq!(wrong, Err(Refusal::WrongCode { tries_left, lock: None }));
    }
    let until = NOW + HOUR;
    let tenth = host.check(NOW, &wrong(NOW));
    assert_eq!(tenth, Err(Refusal::WrongCode { tries_left: 0, lock: Some(Lock::Until(until)) }));
    for entry in [code(NOW).as_str(), &wrong(NOW), "x"] {
        assert_eq!(host.refused(until - MS, entry), Refusal::Locked { until });
    }
    assert!(host.check(until, code(until).as_str()).is_ok());
    assert_eq!(host.record.value.budget.sum(), 0);
}

#[test]
fn a_hundred_failures_close_the_account() {
    let mut host = Host::enrolled();
    let mut now = NOW;
    for _ in 0..10 {
        host.fail(now, 10);
        now = now + 24 * HOUR;
    }
    for group in Group::ALL {
        host.group = group;
        assert_eq!(host.refused(now, code(now).as_str()), Refusal::Closed);
    }
}

#[test]
fn entries_that_are_no_code_are_not_compared() {
    let mut host = Host::enrolled();
    for entry in ["", "12345", "1234567", "12345a", "１２３４５６"] {
        assert_eq!(host.refused(NOW, entry), Refusal::MalformedCode, "{entry}");
    }
    let spaced = [" ", &code(NOW).as_str()[..3], "  ", &code(NOW).as_str()[3..]].concat();
    assert!(host.check(NOW, &spaced).is_ok());
}

#[test]
fn a_success_clears_only_this_factor_in_this_group() {
    let mut host = Host::enrolled();
    host.fail(NOW, 2);
    host.group = Group::Trusted;
    host.fail(NOW, 3);
    let charged = host.record.charge(&host.context(NOW), Group::Trusted, Factor::Passcode).unwrap();
    host.record = charged.next;
    host.check(NOW, code(NOW).as_str()).unwrap();
    assert_eq!(host.record.value.budget.sum(), 3, "two of strangers, and a passcode");
}

#[test]
fn strangers_do_not_lock_trusted_devices() {
    let mut host = Host::enrolled();
    host.fail(NOW, 10);
    host.group = Group::Trusted;
    assert!(host.check(NOW, code(NOW).as_str()).is_ok());
    host.group = Group::Common;
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::Locked { until: NOW + HOUR });
}

#[test]
fn the_window_is_as_wide_as_set_and_drift_is_not_followed() {
    let mut host = Host::enrolled();
    for (steps, window) in [(2, 1), (1, 0)] {
        host.window = Window::new(window).unwrap();
        let code = code(NOW + steps * STEP);
        assert!(matches!(host.check(NOW, code.as_str()), Err(Refusal::WrongCode { .. })), "{steps}");
    }
    host.window = Window::new(10).unwrap();
    let passed = host.check(NOW, code(NOW + 10 * STEP).as_str()).unwrap();
    assert_eq!((passed.drift, passed.step), (10, step(NOW + 10 * STEP)));
    host.window = Window::DEFAULT;
    let later = NOW + 20 * STEP;
    assert!(matches!(host.check(later, code(later + 10 * STEP).as_str()), Err(Refusal::WrongCode { .. })));
}

#[test]
fn other_settings_give_other_codes() {
    let settings = TotpSettings::DEFAULT.with_algorithm(Algorithm::Sha512).with_digits(8).unwrap();
    let offer = TotpTerms::new().with_secret(secret()).with_settings(settings);
    let offer = offer.offer(&mut crate::account::testing::Counter(0)).unwrap();
    let mut host = Host::new();
    host.run(NOW, |record, context, drawn| record.enrol(context, &offer, drawn)).unwrap().unwrap();
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::MalformedCode);
    let code = settings.code(&secret(), settings.step(NOW));
    assert!(host.check(NOW, code.as_str()).is_ok());
}

#[test]
fn codes_go_by_the_clock_of_the_checking_server() {
    let mut host = Host::enrolled();
    let ahead = NOW + 2 * HOUR;
    host.fail(ahead, 1);
    assert_eq!(host.record.at(), ahead);
    assert!(host.check(NOW, code(NOW).as_str()).is_ok(), "not by record time");
    assert_eq!(host.record.at(), ahead);
}

#[test]
fn a_slow_clock_does_not_shorten_a_lock() {
    let mut host = Host::enrolled();
    host.fail(NOW, 10);
    let slow = NOW - 12 * HOUR;
    assert_eq!(host.refused(slow, code(slow).as_str()), Refusal::Locked { until: NOW + HOUR });
    host.record.value.budget.clear();
    host.fail(slow, 10);
    assert_eq!(host.refused(NOW, "123456"), Refusal::Locked { until: NOW + HOUR }, "by record time");
}

#[test]
fn wrong_clocks_are_faults() {
    let mut host = Host::new();
    host.enrol(NOW).unwrap();
    let by = Duration::from_millis(5001);
    let early = host.try_check(NOW - by, code(NOW).as_str());
    assert_eq!(early, Err(Fault::ClockWentBack { by }), "it would be pending for too long");
    for now in [Timestamp::EPOCH, Timestamp::MAX] {
        assert_eq!(host.try_check(now, "123456"), Err(Fault::ClockOutOfRange));
    }
    assert!(host.check(NOW - 5000 * MS, code(NOW - STEP).as_str()).is_ok(), "within the tolerance");
    let by = 24 * HOUR + MS;
    assert_eq!(host.try_check(NOW - by, "123456"), Err(Fault::ClockWentBack { by }));
    let behind = NOW - 24 * HOUR;
    assert!(matches!(host.try_check(behind, &wrong(behind)), Ok(Err(Refusal::WrongCode { .. }))));
}

#[test]
fn a_right_code_seals_the_secret_under_the_current_key() {
    let mut host = Host::enrolled();
    let sealed_under = |host: &Host| host.record.value.totp.as_ref().unwrap().sealed.key.number();
    host.keys = rotated(host.keys);
    host.fail(NOW, 1);
    assert_eq!(sealed_under(&host), 0, "a wrong code changes nothing");
    host.check(NOW, code(NOW).as_str()).unwrap();
    assert_eq!(sealed_under(&host), 1);
    host.keys = host.keys.retire(KeyId::new(0)).unwrap();
    assert!(host.check(NOW + STEP, code(NOW + STEP).as_str()).is_ok());
}

#[test]
fn a_secret_under_an_unknown_key_is_a_fault() {
    let mut host = Host::enrolled();
    let old = KeyId::new(0);
    host.keys = rotated(host.keys).retire(old).unwrap();
    assert_eq!(host.try_check(NOW, code(NOW).as_str()), Err(Fault::UnknownKey(old)));
    // Another secret under the same id.
    let mut host = Host::new();
    host.keys = rotated(host.keys);
    host.import(NOW, &secret()).unwrap();
    let root = Keys::from_secret([7; 32]).unwrap();
    host.keys = root.accept(KeyId::new(1), [9; 32]).and_then(|keys| keys.tag_with(KeyId::new(1))).unwrap();
    assert_eq!(host.try_check(NOW, code(NOW).as_str()), Err(Fault::UnknownKey(KeyId::new(1))));
}

#[test]
fn a_new_epoch_ends_a_pending_enrolment_only() {
    let mut host = Host::enrolled();
    host.fail(NOW, 1);
    host.epoch = 1;
    assert!(host.check(NOW, code(NOW).as_str()).is_ok());
    let mut host = Host::new();
    host.enrol(NOW).unwrap();
    host.epoch = 1;
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::NotEnrolled);
    host.enrol(NOW).unwrap();
    host.epoch = 0;
    assert!(host.check(NOW, code(NOW).as_str()).is_ok(), "on a server with the old epoch");
    assert_eq!(host.record.epoch, 1);
}
