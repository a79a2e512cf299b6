//! Budgets with their documented values: attempts, failures in a row, locks, cooldown, send quotas.
//! Each is refilled only by the events that are documented to do so.

use std::time::Duration;

use countersign::limits::Lock;
use countersign::number::Lenient;
use countersign::otp::CodeFormat;
use countersign::{
    Challenge, Channel, EmailAddress, Error, Issued, KeyId, Limits, MemoryStore, PhoneNumber, Purpose,
    Refusal, Region, Store, Timestamp, Verifier,
};
use countersign_tests::desk::{DAY, Desk, HOUR, MINUTE, SECOND, keys, number, refusal, wrong};

fn desk() -> Desk<MemoryStore> {
    Desk::new(MemoryStore::new())
}

/// A verifier without cooldown and quotas, for tests of failures.
fn eager() -> Desk<MemoryStore> {
    desk().with(|verifier| verifier.with_limits(eager_limits()))
}

fn eager_limits() -> Limits {
    Limits::default().with_cooldown(Duration::ZERO).unwrap().with_send_quotas(&[]).unwrap()
}

fn start<S: Store>(desk: &mut Desk<S>) -> Issued {
    desk.at().start(number(), Channel::Sms).unwrap()
}

fn time(at: u64) -> Timestamp {
    Timestamp::from_unix_millis(at)
}

#[test]
fn a_code_has_five_attempts() {
    let mut desk = eager();
    let issued = start(&mut desk);
    for tries_left in (0..5).rev() {
        let refused = desk.fail(&issued);
        assert_eq!(refused, Refusal::WrongCode { tries_left, lock: None });
    }
    let right = issued.code().as_str();
    assert_eq!(desk.refused(issued.handle(), right), Refusal::NoTriesLeft);
    assert_eq!(desk.failures(), 5, "a code that is not compared is not counted");
    let newer = desk.at().resend(number(), issued.handle()).unwrap();
    assert!(desk.at().check(number(), newer.handle(), newer.code().as_str()).is_ok());
    assert_eq!(desk.failures(), 0);
}

#[test]
fn every_tenth_failure_doubles_the_lock_and_the_hundredth_closes() {
    let mut desk = eager();
    for hours in [1, 2, 4, 8, 16, 24, 24, 24, 24] {
        for failure in 1..=10u8 {
            let issued = start(&mut desk);
            let lock = (failure == 10).then_some(Lock::Until(time(desk.now + hours * HOUR)));
            assert_eq!(desk.fail(&issued), Refusal::WrongCode { tries_left: 4, lock });
            if failure == 10 {
                let until = time(desk.now + hours * HOUR);
                desk.now += hours * HOUR - 1;
                assert_eq!(desk.fail(&issued), Refusal::Locked { until });
                assert_eq!(refusal(desk.at().start(number(), Channel::Sms)), Refusal::Locked { until });
                assert_eq!(refusal(desk.at().resend(number(), issued.handle())), Refusal::Locked { until });
                desk.now += 1;
                let right = issued.code().as_str();
                assert_eq!(
                    desk.refused(issued.handle(), right),
                    Refusal::UnknownHandle,
                    "the lock ended the challenge"
                );
            }
        }
    }
    for failure in 91..=100 {
        let issued = start(&mut desk);
        let lock = (failure == 100).then_some(Lock::Closed);
        assert_eq!(desk.fail(&issued), Refusal::WrongCode { tries_left: 4, lock });
    }
    desk.now += 1000 * DAY;
    assert_eq!(refusal(desk.at().start(number(), Channel::Sms)), Refusal::Closed);
    desk.at().unlock(number()).unwrap();
    let issued = start(&mut desk);
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

/// Ten failures, each after another way to circumvent the count: the tenth locks.
#[test]
fn only_success_clears_the_failure_count() {
    let store = MemoryStore::new();
    let (other, no_limits) = (Purpose::new("other").unwrap(), eager_limits());
    let mut desk = Desk::new(&store).with(|verifier| verifier.with_limits(no_limits));
    let first = start(&mut desk);
    desk.fail(&first);
    let resent = desk.at().resend(number(), first.handle()).unwrap();
    desk.fail(&resent);
    let new_handle = start(&mut desk);
    desk.fail(&new_handle);
    let by_whatsapp = desk.at().start(number(), Channel::WhatsApp).unwrap();
    desk.fail(&by_whatsapp);
    let other_purpose = Challenge::new(number()).with_purpose(other);
    let issued = desk.at().start(&other_purpose, Channel::Sms).unwrap();
    let entry = wrong(issued.code().as_str(), 3);
    refusal(desk.at().check(&other_purpose, issued.handle(), &entry));
    let longer = Challenge::new(number()).with_format(CodeFormat::digits(8).unwrap());
    let issued = desk.at().start(&longer, Channel::Sms).unwrap();
    desk.fail(&issued);
    desk.at().cancel(number(), issued.handle()).unwrap();
    let expired = start(&mut desk);
    desk.fail(&expired);
    desk.now += 30 * DAY - 1;
    // A store drops expired records during other writes.
    for other in 0..500 {
        let other: PhoneNumber = format!("+1212555{other:04}").parse().unwrap();
        let _ = desk.at().start(other, Channel::Sms).unwrap();
    }
    assert_eq!(desk.failures(), 7, "a month later");
    let spelled = Lenient::new().with_region(Region::US).parse("(202) 555-0162").unwrap();
    assert_eq!(desk.at().status(spelled).unwrap().failures_in_a_row, 7, "another spelling");

    let rotated = keys().accept(KeyId::new(1), [8; 32]).unwrap().tag_with(KeyId::new(1)).unwrap();
    let verifier = Verifier::new(rotated, &store).with_limits(no_limits);
    let mut desk = Desk { verifier, ..desk };
    let newer_key = start(&mut desk);
    desk.fail(&newer_key);
    let mut desk = desk.with(|verifier| verifier.with_epoch(1));
    let epoch = start(&mut desk);
    desk.fail(&epoch);
    let last = start(&mut desk);
    let lock = Some(Lock::Until(time(desk.now + HOUR)));
    assert_eq!(desk.fail(&last), Refusal::WrongCode { tries_left: 4, lock });
}

#[test]
fn spellings_of_an_address_share_one_record() {
    let mut desk = desk();
    let address = |text: &str| text.parse::<EmailAddress>().unwrap();
    let issued = desk.at().start(address("ada@example.com"), Channel::Email).unwrap();
    let retry_at = time(desk.now + 30 * SECOND);
    let again = desk.at().start(address("Ada@EXAMPLE.com"), Channel::Email);
    assert_eq!(refusal(again), Refusal::CoolingDown { retry_at });
    let code = issued.code().as_str();
    let verified = desk.at().check(address("ADA@example.com"), issued.handle(), code).unwrap();
    assert_eq!(verified.recipient(), &address("ada@example.com").into());
}

type Way = fn(&mut Desk<MemoryStore>) -> Result<(), Error>;

#[test]
fn success_unlock_and_forget_clear_failures() {
    let mut desk = eager();
    let ways: [Way; 3] = [
        |desk| {
            let issued = start(desk);
            desk.at().check(number(), issued.handle(), issued.code().as_str()).map(drop)
        },
        |desk| desk.at().unlock(number()),
        |desk| desk.at().forget(number()),
    ];
    for clear in ways {
        let issued = start(&mut desk);
        (0..5).for_each(|_| _ = desk.fail(&issued));
        assert_eq!(desk.failures(), 5);
        clear(&mut desk).unwrap();
        assert_eq!(desk.failures(), 0);
    }
}

#[test]
fn refused_start_names_the_retry_time_and_keeps_the_code() {
    let mut desk = desk();
    let issued = start(&mut desk);
    let retry_at = time(desk.now + 30 * SECOND);
    for wait in [0, 15 * SECOND, 15 * SECOND - 1] {
        desk.now += wait;
        let refused = refusal(desk.at().start(number(), Channel::WhatsApp));
        assert_eq!((refused, refused.retry_at()), (Refusal::CoolingDown { retry_at }, Some(retry_at)));
        assert_eq!(refusal(desk.at().resend(number(), issued.handle())), Refusal::CoolingDown { retry_at });
    }
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
    desk.now += 1;
    let _ = start(&mut desk);
}

#[test]
fn last_two_replaced_codes_are_reported_as_superseded() {
    let mut desk = eager();
    let mut issued = vec![start(&mut desk)];
    for _ in 0..3 {
        issued.push(desk.at().resend(number(), issued[0].handle()).unwrap());
    }
    let handle = issued[0].handle();
    for (tries_left, old, superseded) in [(4, 2, true), (3, 1, true), (2, 0, false)] {
        let expected = match superseded {
            true => Refusal::Superseded { tries_left, lock: None },
            false => Refusal::WrongCode { tries_left, lock: None },
        };
        assert_eq!(desk.refused(handle, issued[old].code().as_str()), expected);
    }
    assert_eq!(desk.failures(), 3, "each counts as a failure");
    assert!(desk.at().check(number(), handle, issued[3].code().as_str()).is_ok());
}

/// Sends as soon as allowed, by starts and resends in turn, for three days.
#[test]
fn no_window_exceeds_its_send_quota() {
    let mut desk = desk();
    let end = desk.now + 3 * DAY;
    let mut sends: Vec<u64> = Vec::new();
    let (mut handle, mut promised) = (None, false);
    while desk.now < end {
        let result = match handle {
            Some(handle) if sends.len() % 2 == 1 => desk.at().resend(number(), handle),
            _ => desk.at().start(number(), Channel::Sms),
        };
        match result {
            Ok(issued) => {
                (handle, promised) = (Some(issued.handle()), false);
                sends.push(desk.now);
                let within = |window: u64| sends.iter().filter(|&&send| desk.now < send + window).count();
                assert!(within(10 * MINUTE) <= 5 && within(DAY) <= 20);
            }
            Err(error) => {
                let retry_at = error.retry_at().unwrap().unix_millis();
                assert!(!promised && desk.now < retry_at, "a send at the announced retry time was refused");
                desk.now = retry_at - 1;
                let too_early = desk.at().start(number(), Channel::Sms).unwrap_err();
                assert_eq!(too_early.retry_at(), error.retry_at());
                (promised, desk.now) = (true, retry_at);
            }
        }
    }
    assert_eq!(sends.len(), 3 * 20, "the quota is fully usable");
}

/// With five sends in a window, the last of them late, the cooldown ends after the window has room.
#[test]
fn retry_time_is_the_later_of_cooldown_and_quota() {
    let mut desk = desk();
    for wait in [0, 60, 60, 60, 415] {
        desk.now += wait * SECOND;
        let _ = start(&mut desk);
    }
    let retry_at = time(desk.now + 30 * SECOND);
    assert_eq!(refusal(desk.at().start(number(), Channel::Sms)), Refusal::CoolingDown { retry_at });
    desk.now += 30 * SECOND;
    let _ = start(&mut desk);
}

#[test]
fn undelivered_ends_only_the_cooldown() {
    let mut desk = desk();
    let issued = start(&mut desk);
    desk.fail(&issued);
    desk.at().undelivered(number(), issued.handle()).unwrap();
    let mut resent = desk.at().resend(number(), issued.handle()).unwrap();
    assert_eq!(desk.failures(), 1);
    for _ in 0..3 {
        desk.at().undelivered(number(), issued.handle()).unwrap();
        resent = desk.at().resend(number(), issued.handle()).unwrap();
    }
    desk.at().undelivered(number(), issued.handle()).unwrap();
    let retry_at = time(desk.now + 10 * MINUTE);
    let refused = refusal(desk.at().resend(number(), issued.handle()));
    assert_eq!(refused, Refusal::QuotaExceeded { retry_at }, "undelivered sends still count");
    let delivered_after_all = desk.at().check(number(), resent.handle(), resent.code().as_str());
    assert!(delivered_after_all.is_ok());
}

#[test]
fn resend_does_not_extend_the_deadline() {
    let mut desk = desk();
    let deadline = desk.now + 5 * MINUTE;
    let challenge = Challenge::new(number()).with_deadline(time(deadline));
    let mut issued = desk.at().start(&challenge, Channel::Sms).unwrap();
    for _ in 0..3 {
        desk.now += 90 * SECOND;
        issued = desk.at().resend(number(), issued.handle()).unwrap();
        assert_eq!(issued.expires_at().unix_millis(), deadline.min(desk.now + 2 * MINUTE));
    }
    desk.now = deadline;
    let right = issued.code().as_str();
    assert_eq!(desk.refused(issued.handle(), right), Refusal::Expired);
    assert_eq!(refusal(desk.at().resend(number(), issued.handle())), Refusal::DeadlinePassed);
    assert_eq!(refusal(desk.at().start(&challenge, Channel::Sms)), Refusal::DeadlinePassed);
}

#[test]
fn code_expires_to_the_millisecond() {
    for (before, lives) in [(1, true), (0, false)] {
        let mut desk = desk();
        let issued = start(&mut desk);
        assert_eq!(issued.expires_at(), time(desk.now + 2 * MINUTE));
        desk.now += 2 * MINUTE - before;
        let checked = desk.at().check(number(), issued.handle(), issued.code().as_str());
        assert_eq!(checked.is_ok(), lives);
        assert!(lives || matches!(checked, Err(Error::Refused(Refusal::Expired))));
    }
}
