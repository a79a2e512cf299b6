//! The work of every request allocates nothing on the heap: the path from a string to a decision,
//! and the state machine's part of a check.
//!
//! This program has a counting allocator. It counts per thread, so the tests do not disturb each
//! other.

#![cfg(feature = "std")]

use allocation_counter::{AllocationInfo, measure};
use countersign::message::{AppHash, AppName, Domain, Locale, PasscodeMessage};
use countersign::otp::{Attempt, Context, Drawn, Record, Step, Terms};
use countersign::policy::Decision;
use countersign::rng::SystemRng;
use countersign::store::{RecordKey, Swap};
use countersign::{Channel, Keys, Limits, MemoryStore, PhoneNumber, Policy, Purpose, Timestamp, Verifier};

/// 10,000 valid numbers from all over the world; see `benches/corpus/README.md`.
const NUMBERS: &str = include_str!("../benches/corpus/numbers.txt");

/// Returns the number of allocations.
fn allocations(run: impl FnOnce()) -> u64 {
    let AllocationInfo { count_total, .. } = measure(run);
    count_total
}

/// A counter that never counts would prove nothing.
#[test]
fn counter_counts_allocations() {
    assert_eq!(allocations(|| drop(core::hint::black_box(Box::new(7)))), 1);
}

/// What the tool that made the corpus says about it.
#[allow(dead_code, reason = "benches use the rest")]
mod expected {
    include!("../benches/corpus/expected.rs");
}

#[test]
fn string_to_decision_does_not_allocate() {
    let policy = Policy::default();
    let mut allowed = 0;
    let taken = allocations(|| {
        for text in NUMBERS.lines() {
            let decision = text.parse::<PhoneNumber>().map(|number| policy.decide(number, Channel::Sms));
            allowed += u64::from(decision == Ok(Decision::Allow));
        }
    });
    assert_eq!(taken, 0);
    let expected = expected::ALLOWED_BY_DEFAULT;
    assert_eq!(allowed, expected, "numbers of the US and Canada in the corpus that may be texted");
}

/// Formats and text fields have buffers of their own.
#[cfg(feature = "format")]
#[test]
fn formats_and_text_fields_do_not_allocate() {
    use countersign::Region;
    use countersign::format::Input;

    let mut bytes = 0;
    let taken = allocations(|| {
        for text in NUMBERS.lines().step_by(10) {
            let Ok(number) = text.parse::<PhoneNumber>() else { return };
            for format in [number.international(), number.national(), number.rfc3966(), number.masked(2)] {
                bytes += format.as_str().len();
            }
            let mut input = Input::new(Region::US);
            text.chars().for_each(|c| bytes += input.push(c).len());
            bytes += input.pop().len() + usize::from(input.number().is_ok());
        }
    });
    assert_eq!(taken, 0);
    assert!(bytes > 100_000);
}

#[test]
fn decisions_for_many_texts_do_not_allocate() {
    let (policy, texts) = (Policy::default(), NUMBERS.lines().collect::<Vec<_>>());
    let mut allowed = 0;
    let taken = allocations(|| {
        let answers = policy.decide_many(&texts, Channel::Sms);
        allowed = answers.filter(|answer| answer.is_ok_and(|(_, decision)| decision.is_allowed())).count();
    });
    assert_eq!((taken, allowed as u64), (0, expected::ALLOWED_BY_DEFAULT));
}

/// Errors too: otherwise hostile input could cost more than honest input.
#[test]
fn parse_errors_do_not_allocate() {
    let hostile = "+44".to_owned() + &"-1".repeat(5_000);
    let texts = ["", "+", "12025550162", "+1 202 555 0162", "+9991234567", "+12025550162;ext=1", &hostile];
    let mut refused = 0;
    let taken = allocations(|| {
        for text in texts {
            refused += usize::from(text.parse::<PhoneNumber>().is_err());
        }
    });
    assert_eq!((taken, refused), (0, texts.len()));
}

#[test]
fn check_of_a_record_does_not_allocate() {
    let (key, keys, limits) =
        (RecordKey::from_bytes([3; 16]), Keys::from_secret([7; 32]).unwrap(), Limits::DEFAULT);
    let now = Timestamp::from_unix_seconds(1_800_000_000);
    let context = Context::new(&key, &keys, now, 1).with_limits(&limits);
    let mut passed = false;
    let taken = allocations(|| {
        let Ok(drawn) = Drawn::new(&mut SystemRng) else { return };
        let started = Record::fresh().start(&context, &Terms::new(Channel::Sms), &drawn);
        let Ok(Step::Write { next, withheld }) = started else { return };
        let stored = next.encode(&key, &keys).unwrap();
        let Some(Ok(issue)) = withheld.confirm(Swap::Applied) else { return };

        let Ok(record) = Record::decode(stored.as_slice(), &key, &keys) else { return };
        let attempt = Attempt::new(Some(&issue.handle), Purpose::LOGIN, issue.code.as_str());
        let Ok(Step::Write { next, withheld }) = record.check(&context, &attempt) else { return };
        let _ = next.encode(&key, &keys).unwrap();
        passed = withheld.confirm(Swap::Applied).is_some_and(|outcome| outcome.is_ok());
    });
    assert!(passed);
    assert_eq!(taken, 0);
}

/// A message is written directly to the host's destination. Only `to_wiped` allocates, once.
#[test]
fn messages_do_not_allocate_except_for_the_copy() {
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), MemoryStore::new());
    let number: PhoneNumber = "+12025550162".parse().unwrap();
    let issued = verifier.start(number, Channel::Sms).unwrap();
    let mut segments = 0;
    let taken = allocations(|| {
        let (Ok(app), Ok(domain)) = (AppName::new("Acme"), Domain::new("example.com")) else { return };
        let Ok(hash) = AppHash::new("FA+9qCX9VSu") else { return };
        let message = PasscodeMessage::new(app, Locale::Fr).with_web_otp(domain).with_sms_retriever(hash);
        let Ok(text) = message.render(&issued, Timestamp::now()) else { return };
        segments = text.sms_size().segments();
    });
    assert_eq!((taken, segments), (0, 1));
    let message = PasscodeMessage::new(AppName::new("Acme").unwrap(), Locale::Fr);
    assert_eq!(allocations(|| drop(message.render(&issued, Timestamp::now()).unwrap().to_wiped())), 1);
}
