//! Events: each call is reported once, by name, with region, channel and kind, and never with a
//! number, a code, a handle or an address.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::error::Fault;
use countersign::events::{Call, Event, Outcome};
use countersign::kernel::{Reply, Request};
use countersign::store::{Loaded, StoreErrorKind, Swap};
use countersign::{
    Challenge, Channel, EmailAddress, Error, Handle, Issued, Kind, Limits, PhoneNumber, Purpose, Reason,
    Refusal, Region, SendQuota, Timestamp, Verifier,
};
use countersign_tests::desk::{Desk, MINUTE, keys, number, wrong};
use countersign_tests::faulty::{Faulty, StoreFault};
use countersign_tests::rng::Seeded;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// All events of a verifier, and the secrets that they must not contain.
#[derive(Clone, Default)]
struct Log {
    events: Arc<Mutex<Vec<Event>>>,
    secrets: Arc<Mutex<Vec<String>>>,
}

impl Log {
    /// Returns the one event of a call, and checks that its `Debug` output contains no secret.
    #[track_caller]
    fn only(&self) -> Event {
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        let [event] = events[..] else { panic!("expected one event for one call: {events:?}") };
        let shown = format!("{event:?} {event:#?} {} {:?}", event.name(), event.reason());
        let number = number().to_e164();
        for secret in self.secrets.lock().unwrap().iter().map(String::as_str).chain([number.digits()]) {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(!shown.contains("2025550162"), "{shown}");
        event
    }

    fn hides(&self, issued: &Issued) {
        let handle = issued.handle();
        let list = format!("{:?}", handle.as_bytes());
        let secrets = [issued.code().as_str().to_owned(), handle.to_string(), list];
        self.secrets.lock().unwrap().extend(secrets);
    }
}

/// Returns a desk whose events are recorded.
fn watched(store: &Faulty) -> (Desk<&Faulty>, Log) {
    let log = Log::default();
    let events = Arc::clone(&log.events);
    let desk = Desk::new(store)
        .with(|verifier| verifier.with_events(move |event| events.lock().unwrap().push(*event)));
    (desk, log)
}

/// Checks the name, the reason, the channel and the number of swaps.
#[track_caller]
fn is(log: &Log, expected: (&str, Option<&str>, Option<Channel>, u32)) -> Event {
    let event = log.only();
    assert_eq!((event.name(), event.reason(), event.channel, event.swaps), expected, "{event:?}");
    assert_eq!((event.region, event.kind), (Some(Region::US), number().kind()), "{event:?}");
    event
}

const SMS: Option<Channel> = Some(Channel::Sms);

#[test]
fn reports_each_successful_call_once() {
    let store = Faulty::default();
    let (mut desk, log) = watched(&store);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    log.hides(&issued);
    assert_eq!(is(&log, ("issued", None, SMS, 1)).call, Call::Start);
    desk.at().undelivered(number(), issued.handle()).unwrap();
    assert_eq!(log.only().name(), "undelivered");
    let resent = desk.at().resend(number(), issued.handle()).unwrap();
    log.hides(&resent);
    assert_eq!(is(&log, ("resent", None, SMS, 1)).call, Call::Resend);
    let _ = desk.at().status(number()).unwrap();
    let status = log.only();
    assert_eq!((status.call, status.name(), status.swaps), (Call::Status, "status", 0));
    let verified = desk.at().check(number(), resent.handle(), resent.code().as_str()).unwrap();
    assert_eq!(is(&log, ("verified", None, SMS, 1)).call, Call::Check);
    // These are not calls about a challenge: nothing is reported.
    let token = desk.at().device_token(&verified).unwrap();
    assert!(desk.at().known_device(number(), &token).is_some());
    assert!(log.events.lock().unwrap().is_empty());

    desk.now += MINUTE;
    let issued = desk.at().start(number(), Channel::WhatsApp).unwrap();
    is(&log, ("issued", None, Some(Channel::WhatsApp), 1));
    desk.at().cancel(number(), issued.handle()).unwrap();
    assert_eq!(log.only().name(), "cancelled");
    desk.at().unlock(number()).unwrap();
    assert_eq!(log.only().name(), "unlocked");
    desk.at().forget(number()).unwrap();
    assert_eq!(log.only().name(), "forgotten");
    desk.at().forget(number()).unwrap();
    assert_eq!(log.only().name(), "forgotten");
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    is(&log, ("issued", None, SMS, 1));
    let _ = desk.at().check_without_handle(number(), issued.code().as_str()).unwrap();
    is(&log, ("verified", None, SMS, 1));
}

/// The channel is `None` where it cannot be known.
#[test]
fn reports_each_refusal_once_with_its_reason() {
    let store = Faulty::default();
    let (desk, log) = watched(&store);
    let quota = SendQuota::new(3, Duration::from_secs(86_400)).unwrap();
    let limits = Limits::default()
        .with_tries_per_code(2)
        .and_then(|limits| limits.with_failures_before_lock(4)?.with_send_quotas(&[quota]))
        .unwrap();
    let mut desk = desk.with(|verifier| verifier.with_limits(limits));
    let mut seen = BTreeSet::new();
    let mut refused = |event: Event| {
        assert!(matches!(event.outcome, Outcome::Refused(_)));
        seen.insert(event.reason().unwrap());
    };
    let deadline = NOW + Duration::from_secs(3600);
    let challenge = Challenge::new(number()).with_deadline(deadline);
    let issued = desk.at().start(&challenge, Channel::Sms).unwrap();
    let (handle, code) = (issued.handle(), issued.code().as_str());
    is(&log, ("issued", None, SMS, 1));

    assert!(desk.at().start(number(), Channel::Sms).is_err());
    refused(is(&log, ("refused", Some("cooling_down"), SMS, 0)));
    assert!(desk.at().check(number(), handle, "12345").is_err());
    refused(is(&log, ("refused", Some("malformed_code"), SMS, 0)));
    assert!(desk.at().check(number(), Handle::from_bytes([9; 16]), code).is_err());
    refused(is(&log, ("refused", Some("unknown_handle"), None, 0)));
    assert!(desk.at().resend(number(), Handle::from_bytes([9; 16])).is_err());
    refused(is(&log, ("refused", Some("unknown_handle"), None, 0)));
    let other = Purpose::new("other").unwrap();
    assert!(desk.at().cancel(Challenge::new(number()).with_purpose(other), handle).is_err());
    assert_eq!(log.only().reason(), Some("unknown_handle"));
    for _ in 0..2 {
        assert!(desk.at().check(number(), handle, &wrong(code, 0)).is_err());
        refused(is(&log, ("refused", Some("wrong_code"), SMS, 1)));
    }
    assert!(desk.at().check(number(), handle, code).is_err());
    refused(is(&log, ("refused", Some("no_tries_left"), SMS, 0)));

    desk.now += MINUTE;
    let resent = desk.at().resend(number(), handle).unwrap();
    is(&log, ("resent", None, SMS, 1));
    assert!(desk.at().check(number(), handle, code).is_err());
    refused(is(&log, ("superseded", Some("superseded"), SMS, 1)));
    desk.now += 3 * MINUTE;
    assert!(desk.at().check(number(), handle, resent.code().as_str()).is_err());
    refused(is(&log, ("refused", Some("expired"), SMS, 0)));
    desk.now += 60 * MINUTE;
    assert!(desk.at().resend(number(), handle).is_err());
    refused(is(&log, ("refused", Some("deadline_passed"), SMS, 0)));

    let last = desk.at().start(number(), Channel::Sms).unwrap();
    is(&log, ("issued", None, SMS, 1));
    desk.now += MINUTE;
    assert!(desk.at().start(number(), Channel::Sms).is_err());
    refused(is(&log, ("refused", Some("quota_exceeded"), SMS, 0)));
    // The fourth failure in a row.
    let locking = desk.at().check(number(), last.handle(), &wrong(last.code().as_str(), 1));
    assert!(matches!(locking, Err(Error::Refused(Refusal::WrongCode { lock: Some(_), .. }))));
    refused(is(&log, ("locked", Some("wrong_code"), SMS, 1)));
    assert!(desk.at().start(number(), Channel::Sms).is_err());
    refused(is(&log, ("refused", Some("locked"), SMS, 0)));

    desk.at().unlock(number()).unwrap();
    let _ = log.only();
    desk.now += 24 * 60 * MINUTE;
    let used = desk.at().start(number(), Channel::Sms).unwrap();
    is(&log, ("issued", None, SMS, 1));
    let _ = desk.at().check(number(), used.handle(), used.code().as_str()).unwrap();
    is(&log, ("verified", None, SMS, 1));
    assert!(desk.at().check(number(), used.handle(), used.code().as_str()).is_err());
    refused(is(&log, ("refused", Some("already_used"), SMS, 0)));

    let expected = [
        "already_used",
        "cooling_down",
        "deadline_passed",
        "expired",
        "locked",
        "malformed_code",
        "no_tries_left",
        "quota_exceeded",
        "superseded",
        "unknown_handle",
        "wrong_code",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
}

/// A hundred failures: the last one closes the record.
#[test]
fn reports_locks_and_closed_records() {
    let store = Faulty::default();
    let (desk, log) = watched(&store);
    let limits = Limits::default()
        .with_tries_per_code(100)
        .and_then(|limits| {
            limits.with_failures_before_lock(100)?.with_cooldown(Duration::ZERO)?.with_send_quotas(&[])
        })
        .unwrap();
    let mut desk = desk.with(|verifier| verifier.with_limits(limits));
    let first = desk.at().start(number(), Channel::Sms).unwrap();
    is(&log, ("issued", None, SMS, 1));
    for _ in 1..99 {
        desk.fail(&first);
        is(&log, ("refused", Some("wrong_code"), SMS, 1));
    }
    let _ = desk.at().resend(number(), first.handle()).unwrap();
    is(&log, ("resent", None, SMS, 1));
    desk.refused(first.handle(), &wrong(first.code().as_str(), 1));
    is(&log, ("refused", Some("wrong_code"), SMS, 1));
    // A superseded code is a failure too.
    assert!(matches!(
        desk.refused(first.handle(), first.code().as_str()),
        Refusal::Superseded { lock: Some(_), .. }
    ));
    is(&log, ("locked", Some("superseded"), SMS, 1));
    assert!(desk.at().start(number(), Channel::Sms).is_err());
    is(&log, ("refused", Some("closed"), SMS, 0));
}

#[test]
fn reports_denials_with_reason_region_and_kind() {
    let store = Faulty::default();
    let (mut desk, log) = watched(&store);
    for (text, reason, region) in [
        ("+447400123456", Reason::CountryNotAllowed, Some(Region::GB)),
        ("+12010000000", Reason::Unallocated, Some(Region::US)),
        ("+881612345678", Reason::NoCountry, None),
    ] {
        let number: PhoneNumber = text.parse().unwrap();
        let denied = desk.at().start(number, Channel::Sms);
        assert!(matches!(denied, Err(Error::Denied(found)) if found == reason), "{text}: {denied:?}");
        let event = log.only();
        let found = (event.call, event.name(), event.reason(), event.channel, event.region);
        assert_eq!(found, (Call::Start, "denied", Some(reason.as_str()), SMS, region), "{text}");
        assert_eq!((event.kind, event.swaps), (number.kind(), 0), "{text}");
        assert!(!format!("{event:?}").contains(&text[4..]), "{event:?}");
    }

    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    is(&log, ("issued", None, SMS, 1));
    desk.now += MINUTE;
    let strict = countersign::Policy::default().deny(Channel::Sms, [Region::US]).unwrap();
    let strict = Challenge::new(number()).with_policy(&strict);
    assert!(matches!(desk.at().resend(&strict, issued.handle()), Err(Error::Denied(_))));
    let event = is(&log, ("denied", Some("country_denied"), SMS, 0));
    assert_eq!(event.call, Call::Resend);
}

#[test]
fn reports_no_region_or_kind_for_an_address() {
    let store = Faulty::default();
    let (mut desk, log) = watched(&store);
    let address: EmailAddress = "ada.lovelace@example.com".parse().unwrap();
    let issued = desk.at().start(address.clone(), Channel::Email).unwrap();
    log.hides(&issued);
    let event = log.only();
    assert_eq!((event.name(), event.channel), ("issued", Some(Channel::Email)));
    assert_eq!((event.region, event.kind), (None, None::<Kind>));
    assert!(!format!("{event:?}").contains("ada"), "{event:?}");
    let _ = desk.at().check(address, issued.handle(), issued.code().as_str()).unwrap();
    assert_eq!(log.only().channel, Some(Channel::Email));
}

#[test]
fn reports_each_fault_once() {
    let store = Faulty::default();
    let (mut desk, log) = watched(&store);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    let _ = log.only();

    let there = std::mem::replace(&mut desk.now, 0);
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_err());
    let event = log.only();
    assert_eq!((event.name(), event.outcome), ("fault", Outcome::Fault(Fault::ClockOutOfRange)));
    desk.now = there;

    let mut stuck = Stuck;
    let now = Timestamp::from_unix_millis(desk.now);
    for call in [Call::Start, Call::Check] {
        let failed = match call {
            Call::Start => desk.verifier.at(now, &mut stuck).start(number(), Channel::Sms).map(drop),
            _ => desk.verifier.at(now, &mut stuck).check(number(), issued.handle(), "000000").map(drop),
        };
        assert!(matches!(failed, Err(Error::Fault(Fault::Entropy(_)))));
        let event = log.only();
        assert_eq!((event.name(), event.call, event.swaps), ("fault", call, 0));
    }

    let (key, bytes) = store.only();
    store.put(key, &bytes[1..]);
    assert!(desk.at().status(number()).is_err());
    let event = log.only();
    assert!(matches!(event.outcome, Outcome::Fault(Fault::Record(_))), "{event:?}");
    assert_eq!((event.name(), event.reason(), event.region), ("fault", None, Some(Region::US)));
}

/// A generator that returns the same bytes for ever.
struct Stuck;

impl rand_core::TryRng for Stuck {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(7)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(7)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(7);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Stuck {}

#[test]
fn reports_store_failures_by_name_and_contention_by_swaps() {
    let store = Faulty::default();
    let (mut desk, log) = watched(&store);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    let entry = wrong(issued.code().as_str(), 0);
    let _ = log.only();

    store.scripted.borrow_mut().push_back(StoreFault::LoadFails);
    assert!(desk.at().check(number(), issued.handle(), &entry).is_err());
    let event = is(&log, ("store_fault", None, None, 0));
    assert_eq!(event.outcome, Outcome::Store(StoreErrorKind::Unavailable));
    store.scripted.borrow_mut().push_back(StoreFault::SwapFails);
    assert!(desk.at().check(number(), issued.handle(), &entry).is_err());
    is(&log, ("store_fault", None, SMS, 1));

    for (fault, swaps) in [
        (StoreFault::Conflict, 2),
        (StoreFault::LostBefore, 2),
        (StoreFault::LostAfter, 1),
        (StoreFault::Late, 2),
    ] {
        store.scripted.borrow_mut().push_back(fault);
        assert!(desk.at().check(number(), issued.handle(), &entry).is_err());
        is(&log, ("refused", Some("wrong_code"), SMS, swaps));
    }

    store.always.set(Some(StoreFault::Conflict));
    let contended = desk.at().check(number(), issued.handle(), &entry);
    assert!(matches!(contended, Err(Error::Contended)));
    assert_eq!(is(&log, ("contended", None, SMS, 32)).outcome, Outcome::Contended);
}

#[test]
fn reports_asynchronous_and_stepwise_calls_once_at_their_end() {
    let log = Log::default();
    let events = Arc::clone(&log.events);
    let verifier = Verifier::new(keys(), countersign::MemoryStore::new())
        .with_events(move |event| events.lock().unwrap().push(*event));
    let mut rng = Seeded(1);
    {
        let awaiting = verifier.asynchronously();
        drop(awaiting.start(number(), Channel::Sms));
        assert!(log.events.lock().unwrap().is_empty(), "a call that was never polled was reported");
        let mut call = awaiting.start(number(), Channel::Sms);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(issued) = call.as_mut().poll(&mut context) else {
            panic!("the call is pending")
        };
        log.hides(&issued.unwrap());
        is(&log, ("issued", None, SMS, 1));
    }

    let other: PhoneNumber = "+12025550163".parse().unwrap();
    let mut operation = verifier.at(NOW, &mut rng).in_steps().start(other, Channel::Sms).unwrap();
    assert!(operation.answer(&verifier, Reply::Read(Ok(&[Loaded::ABSENT]))).is_continue());
    assert!(matches!(operation.request(), Request::Swap { .. }));
    assert!(log.events.lock().unwrap().is_empty(), "reported before its end");
    assert!(operation.answer(&verifier, Reply::Swapped(Ok(Swap::Applied))).is_break());
    is(&log, ("issued", None, SMS, 1));
    // The call has ended: it is not reported again.
    assert!(operation.answer(&verifier, Reply::Swapped(Ok(Swap::Applied))).is_break());
    assert!(log.events.lock().unwrap().is_empty(), "reported again after its end");

    let dropped = verifier.at(NOW, &mut rng).in_steps().start(other, Channel::Sms).unwrap();
    drop(dropped);
    assert!(log.events.lock().unwrap().is_empty());

    let mut operation = verifier.at(NOW, &mut rng).in_steps().start(other, Channel::Sms).unwrap();
    assert!(operation.answer(&verifier, Reply::Swapped(Ok(Swap::Applied))).is_break());
    assert_eq!(log.only().outcome, Outcome::Fault(Fault::OutOfTurn));
}

#[test]
fn reports_the_test_number_and_clones_to_the_same_hook() {
    let log = Log::default();
    let events = Arc::clone(&log.events);
    let verifier = Verifier::new(keys(), Arc::new(countersign::MemoryStore::new()))
        .with_events(move |event| events.lock().unwrap().push(*event));
    let sandbox = verifier.clone().with_sandbox_for_tests();
    let tests: PhoneNumber = "+10000000000".parse().unwrap();
    let issued = sandbox.start(tests, Channel::Sms).unwrap();
    let event = log.only();
    assert_eq!((event.name(), event.channel, event.swaps), ("issued", SMS, 0));
    assert!(sandbox.check(tests, issued.handle(), "000000").is_ok());
    assert_eq!(log.only().name(), "verified");
    assert!(sandbox.check(tests, issued.handle(), "000001").is_err());
    let event = log.only();
    assert_eq!((event.name(), event.reason()), ("refused", Some("wrong_code")));
    let _ = verifier.clone().start(number(), Channel::Sms).unwrap();
    is(&log, ("issued", None, SMS, 1));
}
