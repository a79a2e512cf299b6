//! Who learns of a lock: the holder of the locked challenge is told, a stranger with another handle
//! learns nothing, and no code from before the lock ever passes.

use std::time::Duration;

use countersign::{Challenge, Channel, DeviceToken, Error, Handle, Issued, Limits, MemoryStore, Refusal};
use countersign_tests::desk::{DAY, Desk, HOUR, MINUTE, SECOND, number, refusal, wrong};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases::cases;

fn host() -> Desk<MemoryStore> {
    let limits = Limits::default().with_cooldown(Duration::ZERO).unwrap().with_send_quotas(&[]).unwrap();
    Desk::new(MemoryStore::new()).with(|verifier| verifier.with_limits(limits))
}

fn start(desk: &mut Desk<MemoryStore>, token: Option<&DeviceToken>) -> Issued {
    let challenge = Challenge::new(number()).with_device(token.cloned());
    desk.at().start(&challenge, Channel::Sms).unwrap()
}

/// Locks the recipient, and returns all codes that were sent. The last is that of the challenge
/// that the lock ended.
fn lock(desk: &mut Desk<MemoryStore>, token: Option<&DeviceToken>) -> Vec<Issued> {
    let mut sent = Vec::new();
    for _ in 0..2 {
        let issued = start(desk, token);
        for _ in 0..4 {
            desk.fail(&issued);
        }
        sent.push(issued);
    }
    let issued = start(desk, token);
    (0..2).for_each(|_| _ = desk.fail(&issued));
    sent.push(issued);
    sent
}

fn is_locked<T>(result: Result<T, Error>) -> bool {
    matches!(refusal(result), Refusal::Locked { .. })
}

fn is_unknown<T>(result: Result<T, Error>) -> bool {
    refusal(result) == Refusal::UnknownHandle
}

fn token(desk: &mut Desk<MemoryStore>) -> DeviceToken {
    let issued = start(desk, None);
    let verified = desk.at().check(number(), issued.handle(), issued.code().as_str()).unwrap();
    desk.at().device_token(&verified).unwrap()
}

#[test]
fn only_the_holder_is_told_of_the_lock() {
    for of_device in [false, true] {
        let mut desk = host();
        let token = of_device.then(|| token(&mut desk));
        let sent = lock(&mut desk, token.as_ref());
        let [earlier @ .., held] = &sent[..] else { panic!("nothing was sent") };
        for wait in [0, MINUTE, HOUR - MINUTE - 1] {
            desk.now += wait;
            for entry in [held.code().as_str(), "000000", "malformed"] {
                assert!(is_locked(desk.at().check(number(), held.handle(), entry)), "{entry}");
            }
            assert!(is_locked(desk.at().resend(number(), held.handle())));
            let challenge = Challenge::new(number()).with_device(token.clone());
            assert!(is_locked(desk.at().start(&challenge, Channel::Sms)));
            if !of_device {
                assert!(is_locked(desk.at().check_without_handle(number(), "000000")));
            }
            let random: Handle = match held.handle().device() {
                None => Handle::from_bytes([9; 16]),
                Some(_) => format!("{:032x}{}", 9, &held.handle().to_string()[32..]).parse().unwrap(),
            };
            let strangers = earlier.iter().map(Issued::handle).chain([random]);
            for handle in strangers {
                for entry in [earlier[0].code().as_str(), "000000", "malformed"] {
                    assert!(is_unknown(desk.at().check(number(), handle, entry)), "{entry}");
                }
                assert!(is_unknown(desk.at().resend(number(), handle)));
            }
        }
    }
}

#[test]
fn the_holder_is_told_that_the_record_is_closed() {
    let mut desk = host();
    let mut last = start(&mut desk, None);
    for failure in 0..100 {
        if let Err(Error::Refused(Refusal::Locked { until })) = desk.at().start(number(), Channel::Sms) {
            desk.now = until.unix_millis();
        }
        last = start(&mut desk, None);
        assert!(matches!(desk.fail(&last), Refusal::WrongCode { .. }), "failure {failure}");
    }
    desk.now += 1000 * DAY;
    assert_eq!(desk.refused(last.handle(), last.code().as_str()), Refusal::Closed);
    assert_eq!(refusal(desk.at().resend(number(), last.handle())), Refusal::Closed);
    assert!(is_unknown(desk.at().check(number(), Handle::from_bytes([9; 16]), "000000")));
    desk.at().unlock(number()).unwrap();
    assert!(desk.at().check(number(), last.handle(), last.code().as_str()).is_err());
}

#[derive(Clone, Debug)]
enum Op {
    Start,
    Resend,
    Wrong,
    Unlock,
    Wait(u64),
}

proptest! {
    #![proptest_config(cases(300))]

    /// Neither during the lock nor after it, nor after an unlock.
    #[test]
    fn no_code_from_before_a_lock_ever_passes(ops in vec(op(), 1..60)) {
        let limits = Limits::default()
            .with_cooldown(Duration::ZERO)
            .and_then(|limits| limits.with_send_quotas(&[]))
            .and_then(|limits| limits.with_failures_before_lock(2))
            .and_then(|limits| limits.with_lock(Duration::from_secs(300)))
            .unwrap();
        let mut desk = Desk::new(MemoryStore::new()).with(|verifier| verifier.with_limits(limits));
        let (mut sent, mut old): (Vec<(Handle, String)>, usize) = (Vec::new(), 0);
        for op in &ops {
            let last = sent.last().cloned();
            match (op, last) {
                (Op::Start, _) => {
                    if let Ok(issued) = desk.at().start(number(), Channel::Sms) {
                        sent.push((issued.handle(), issued.code().as_str().to_owned()));
                    }
                }
                (Op::Resend, Some((handle, _))) => {
                    if let Ok(issued) = desk.at().resend(number(), handle) {
                        sent.push((handle, issued.code().as_str().to_owned()));
                    }
                }
                (Op::Wrong, Some((handle, code))) => {
                    let _ = desk.at().check(number(), handle, &wrong(&code, 0));
                }
                (Op::Unlock, _) => desk.at().unlock(number()).unwrap(),
                (Op::Wait(millis), _) => desk.now += millis,
                _ => {}
            }
            // A malformed entry costs nothing, and a lock is reported before the shape of an entry.
            let asked = sent.last().map(|(handle, _)| desk.at().check(number(), *handle, "malformed"));
            if let Some(Err(Error::Refused(Refusal::Locked { .. } | Refusal::Closed))) = asked {
                old = sent.len();
            }
            for (handle, code) in &sent[..old] {
                prop_assert!(desk.at().check(number(), *handle, code).is_err());
            }
            if old == sent.len() {
                for (_, code) in &sent[..old] {
                    prop_assert!(desk.at().check_without_handle(number(), code).is_err());
                }
            }
        }
    }
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::Start),
        2 => Just(Op::Resend),
        8 => Just(Op::Wrong),
        1 => Just(Op::Unlock),
        4 => prop_oneof![0..10 * SECOND, 0..10 * MINUTE, 0..2 * DAY].prop_map(Op::Wait),
    ]
}
