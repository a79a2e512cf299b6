use super::*;
use crate::account::testing::{Counter, HOUR, Host, KEY, MS, NOW, SECRET, STEP, code, offer, secret};
use crate::account::{Factor, Group};
use crate::totp::Window;

#[test]
fn a_secret_of_20_bytes_is_drawn_unless_it_is_set() {
    let drawn = TotpTerms::new().offer(&mut Counter(0)).unwrap();
    assert_eq!(drawn.secret.as_bytes().len(), 20);
    assert_ne!(drawn.secret, TotpTerms::default().offer(&mut Counter(1)).unwrap().secret);
    assert_eq!(offer().secret.as_bytes(), SECRET);
}

#[test]
fn an_enrolment_is_pending_for_5_to_1440_minutes() {
    for minutes in [0, 4, 1441, 65_536 + 5, u64::MAX] {
        let error = TotpTerms::new().with_minutes(minutes).unwrap_err();
        assert_eq!(alloc::format!("{error}"), "minutes of a pending enrolment: expected 5 to 1440");
    }
    let mut host = Host::new();
    for minutes in [5, 1440] {
        let terms = TotpTerms::new().with_minutes(minutes).unwrap();
        let offer = terms.offer(&mut Counter(0)).unwrap();
        let enrolled = host.run(NOW, |record, context, drawn| record.enrol(context, &offer, drawn));
        let expected = NOW + core::time::Duration::from_secs(60 * minutes);
        assert_eq!(enrolled.unwrap().unwrap().expires_at(), expected);
    }
}

#[test]
fn the_answer_contains_what_the_app_needs() {
    let mut host = Host::new();
    let enrolled = host.run(NOW, |record, context, drawn| record.enrol(context, &offer(), drawn));
    let enrolled = enrolled.unwrap().unwrap();
    assert_eq!((enrolled.secret(), enrolled.settings()), (&secret(), TotpSettings::DEFAULT));
    let uri = enrolled.key_uri(UriName::new("Acme").unwrap(), UriName::new("ada").unwrap());
    assert!(uri.to_text().as_str().starts_with("otpauth://totp/Acme:ada?secret=GEZDGNBVGY3TQOJQ"));
    let shown = alloc::format!("{enrolled:?} {:?} {:?}", offer(), TotpTerms::new().with_secret(secret()));
    assert!(shown.contains("TotpSecret(20 bytes)") && !shown.contains("GEZD") && !shown.contains("49, 50"));
}

#[test]
fn a_pending_enrolment_is_replaced() {
    let mut host = Host::new();
    host.enrol(NOW).unwrap();
    let first = host.record.any_enrolment(&host.context(NOW)).unwrap();
    let other = TotpTerms::new().offer(&mut Counter(0)).unwrap();
    host.run(NOW, |record, context, drawn| record.enrol(context, &other, drawn)).unwrap().unwrap();
    assert_ne!(host.record.any_enrolment(&host.context(NOW)).unwrap(), first, "with another id");
    assert!(matches!(host.check(NOW, code(NOW).as_str()), Err(Refusal::WrongCode { .. })));
    let right = other.settings.code(&other.secret, other.settings.step(NOW));
    assert!(host.check(NOW, right.as_str()).is_ok());
}

#[test]
fn an_active_enrolment_is_not_replaced() {
    let mut host = Host::enrolled();
    let before = host.record.active_enrolment();
    assert_eq!(host.enrol(NOW), Err(Refusal::AlreadyEnrolled));
    assert_eq!(host.import(NOW, &secret()), Err(Refusal::AlreadyEnrolled));
    assert_eq!(host.record.active_enrolment(), before);
    assert!(host.check(NOW, code(NOW).as_str()).is_ok());
}

#[test]
fn an_import_is_active_at_once_and_replaces_a_pending_enrolment() {
    let mut host = Host::new();
    let other = TotpTerms::new().offer(&mut Counter(0)).unwrap();
    host.run(NOW, |record, context, drawn| record.enrol(context, &other, drawn)).unwrap().unwrap();
    host.import(NOW, &secret()).unwrap();
    assert!(host.record.active_enrolment().is_some());
    assert!(!host.check(NOW, code(NOW).as_str()).unwrap().confirmed_enrolment);
}

#[test]
fn enrolling_anew_refills_no_budget() {
    let mut host = Host::new();
    host.enrol(NOW).unwrap();
    host.fail(NOW, 6);
    host.enrol(NOW).unwrap();
    host.fail(NOW, 3);
    let charged = host.record.charge(&host.context(NOW), Group::Common, Factor::Passcode).unwrap();
    host.record = charged.next;
    host.enrol(NOW).unwrap();
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::Locked { until: NOW + HOUR });
}

#[test]
fn codes_used_before_a_removal_stay_used() {
    let mut host = Host::enrolled();
    host.window = Window::new(10).unwrap();
    host.check(NOW, code(NOW + STEP).as_str()).unwrap();
    host.remove(NOW);
    let other = TotpTerms::new().offer(&mut Counter(0)).unwrap();
    host.run(NOW, |record, context, drawn| record.enrol(context, &other, drawn)).unwrap().unwrap();
    for is_import in [false, true] {
        let again = if is_import { host.import(NOW, &secret()) } else { host.enrol(NOW).map(drop) };
        again.unwrap();
        for steps in [0, 1] {
            let used = code(NOW + steps * STEP);
            assert_eq!(host.refused(NOW, used.as_str()), Refusal::AlreadyUsed);
        }
    }
    assert!(host.check(NOW, code(NOW + 2 * STEP).as_str()).is_ok());
}

#[test]
fn an_unused_authenticator_does_not_hide_a_used_one() {
    let mut host = Host::enrolled();
    host.check(NOW, code(NOW).as_str()).unwrap();
    host.remove(NOW);
    let other = TotpTerms::new().offer(&mut Counter(0)).unwrap();
    host.import(NOW, &other.secret).unwrap();
    host.remove(NOW);
    host.import(NOW, &secret()).unwrap();
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::AlreadyUsed);
}

#[test]
fn a_removed_secret_is_remembered_for_a_day() {
    let mut host = Host::enrolled();
    host.check(NOW, code(NOW).as_str()).unwrap();
    host.remove(NOW);
    let end = NOW + 24 * HOUR;
    host.enrol(end - MS).unwrap();
    assert_eq!(host.record.value.spent.len(), 1);
    host.enrol(end).unwrap();
    assert!(host.record.value.spent.is_empty());
}

#[test]
fn sealed_secrets_differ_and_are_not_in_the_record() {
    let (mut one, mut two) = (Host::enrolled(), Host::new());
    two.enrol(NOW).unwrap();
    two.import(NOW, &secret()).unwrap();
    let sealed = |host: &Host| host.record.value.totp.as_ref().unwrap().sealed.clone();
    assert_ne!(sealed(&one).nonce, sealed(&two).nonce);
    assert_ne!(sealed(&one).text, sealed(&two).text);
    one.check(NOW, code(NOW).as_str()).unwrap();
    one.remove(NOW);
    for host in [&one, &two] {
        let bytes = host.record.encode(&KEY, &host.keys).unwrap();
        assert!(!bytes.as_slice().windows(8).any(|window| SECRET.windows(8).any(|part| part == window)));
    }
}

#[test]
fn a_secret_opens_only_in_its_own_enrolment() {
    let (mut one, mut two) = (Host::enrolled(), Host::new());
    two.enrol(NOW).unwrap();
    two.import(NOW, &secret()).unwrap();
    let sealed = one.record.value.totp.as_ref().unwrap().sealed.clone();
    two.record.value.totp.as_mut().unwrap().sealed = sealed;
    assert!(two.try_check(NOW, code(NOW).as_str()).is_err(), "of another enrolment");
    let other = TotpSettings::DEFAULT.with_period(60).unwrap();
    one.record.value.totp.as_mut().unwrap().settings = other;
    assert!(one.try_check(NOW, "123456").is_err(), "with other settings");
    let moved = Host::enrolled();
    let elsewhere = crate::store::RecordKey::from_bytes([4; 16]);
    let enrolment = moved.record.value.totp.as_ref().unwrap();
    assert!(enrolment.secret(&KEY, &moved.keys).is_ok());
    assert!(enrolment.secret(&elsewhere, &moved.keys).is_err(), "of another account");
}

#[test]
fn four_removed_secrets_are_remembered() {
    let secrets = [1, 2, 3, 4, 5].map(|byte| TotpSecret::from_bytes(&[byte; 20]).unwrap());
    let code_of = |secret| TotpSettings::DEFAULT.code(secret, TotpSettings::DEFAULT.step(NOW));
    let mut host = Host::new();
    for secret in &secrets {
        host.import(NOW, secret).unwrap();
        host.check(NOW, code_of(secret).as_str()).unwrap();
        host.remove(NOW);
    }
    assert_eq!(host.record.value.spent.len(), 4);
    for secret in &secrets[1..] {
        host.import(NOW, secret).unwrap();
        assert_eq!(host.refused(NOW, code_of(secret).as_str()), Refusal::AlreadyUsed);
        host.record.value.totp = None;
    }
}

/// Removing and enrolling one secret again and again must not push the others out.
#[test]
fn a_removed_secret_is_remembered_once() {
    let mut host = Host::enrolled();
    host.check(NOW, code(NOW).as_str()).unwrap();
    host.remove(NOW);
    let other = TotpSecret::from_bytes(&[1; 20]).unwrap();
    host.import(NOW, &other).unwrap();
    let settings = TotpSettings::DEFAULT;
    host.check(NOW, settings.code(&other, settings.step(NOW)).as_str()).unwrap();
    for _ in 0..5 {
        host.remove(NOW);
        host.import(NOW, &other).unwrap();
    }
    host.remove(NOW);
    assert_eq!(host.record.value.spent.len(), 2);
    host.import(NOW, &secret()).unwrap();
    assert_eq!(host.refused(NOW, code(NOW).as_str()), Refusal::AlreadyUsed);
}
