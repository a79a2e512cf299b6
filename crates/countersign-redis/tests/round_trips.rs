//! The number of round trips per call: two if it writes, one if it does not; one for tallies.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::array;
use std::fmt::Debug;
use std::net::IpAddr;

use countersign::guard::{Guard, HostKey};
use countersign::keys::DeviceId;
use countersign::store::{
    BATCH_RECORDS, Change, EntryKind, NumberChange, RecordKey, TALLIES_PER_CALL, Tallies, TallyKey,
};
use countersign::testing::{Awaited, BlockOn};
use countersign::{
    Challenge, Channel, Error, Issued, Keys, Limits, PhoneNumber, Refusal, Timestamp, Verifier,
};
use countersign_engines::{Proxied, Redis, TIMEOUT, Tokio, eventually};
use countersign_redis::{BlockingRedisStore, RedisStore, Timeouts};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

/// Counts the round trips of calls, and records them for a table.
struct Counted {
    proxied: Proxied<Redis>,
    rows: Vec<(&'static str, u64)>,
}

impl Counted {
    fn new() -> (Self, String) {
        let redis = Redis::start().unwrap();
        let port = redis.port();
        let proxied = Proxied::new(redis, port).unwrap();
        let url = format!("redis://127.0.0.1:{}/", proxied.port());
        (Self { proxied, rows: Vec::new() }, url)
    }

    /// Returns the call's result, and checks its number of round trips.
    fn call<T>(&mut self, name: &'static str, expected: u64, call: impl FnOnce() -> T) -> T {
        let before = self.proxied.round_trips();
        let given = call();
        let took = self.proxied.round_trips() - before;
        self.rows.push((name, took));
        assert_eq!(took, expected, "{name}");
        given
    }

    fn table(&self, store: &str) {
        println!("{store}: round trips per call");
        for (name, took) in &self.rows {
            println!("{name:<48} {took}");
        }
    }
}

fn refused<T: Debug>(given: Result<T, Error>) -> Option<Refusal> {
    match given.unwrap_err() {
        Error::Refused(refusal) => Some(refusal),
        _ => None,
    }
}

fn wrong(issued: &Issued) -> String {
    let code = issued.code().as_str();
    let other = if code.starts_with('0') { "1" } else { "0" };
    format!("{other}{}", &code[1..])
}

/// Makes every call on an open connection, to a server that has the script cached.
fn every_call(counted: &mut Counted, store: &(impl Tallies + Sync)) {
    let verifier = |limits| Verifier::new(Keys::from_secret([7; 32]).unwrap(), store).with_limits(limits);
    let patient = verifier(Limits::default());
    let verifier = verifier(Limits::default().with_cooldown(std::time::Duration::ZERO).unwrap());
    let [number, other]: [PhoneNumber; 2] =
        ["+12025550162", "+12025550163"].map(|number| number.parse().unwrap());
    drop(verifier.start("+12025550199".parse::<PhoneNumber>().unwrap(), Channel::Sms).unwrap());

    let first = counted.call("start, no record yet", 2, || verifier.start(number, Channel::Sms)).unwrap();
    let again = counted.call("start, in place of a challenge", 2, || verifier.start(number, Channel::Sms));
    let issued = again.unwrap();
    let cooling = counted.call("start, refused: cooling down", 1, || patient.start(number, Channel::Sms));
    assert!(matches!(refused(cooling), Some(Refusal::CoolingDown { .. })));
    let denied = || verifier.start("+33612345678".parse::<PhoneNumber>().unwrap(), Channel::Sms);
    assert!(matches!(counted.call("start, denied by the policy", 0, denied), Err(Error::Denied(_))));
    let resent = counted.call("resend", 2, || verifier.resend(number, issued.handle())).unwrap();
    let unknown =
        counted.call("resend, refused: unknown handle", 1, || verifier.resend(number, first.handle()));
    assert_eq!(refused(unknown), Some(Refusal::UnknownHandle));

    let status = counted.call("status", 1, || verifier.status(number)).unwrap();
    assert!(status.challenge.is_some());
    let guess = wrong(&resent);
    let failed = counted.call("check, wrong code", 2, || verifier.check(number, resent.handle(), &guess));
    assert!(matches!(refused(failed), Some(Refusal::WrongCode { .. })));
    let malformed =
        counted.call("check, malformed code", 1, || verifier.check(number, resent.handle(), "12x"));
    assert_eq!(refused(malformed), Some(Refusal::MalformedCode));
    let code = resent.code().as_str();
    let right = counted.call("check, right code", 2, || verifier.check(number, resent.handle(), code));
    drop(right.unwrap());
    let used = counted.call("check, used code", 1, || verifier.check(number, resent.handle(), code));
    assert_eq!(refused(used), Some(Refusal::AlreadyUsed));

    let issued = verifier.start(other, Channel::Sms).unwrap();
    counted.call("undelivered", 2, || verifier.undelivered(other, issued.handle())).unwrap();
    let without = || verifier.check_without_handle(other, &wrong(&issued));
    assert!(matches!(
        refused(counted.call("check_without_handle", 2, without)),
        Some(Refusal::WrongCode { .. })
    ));
    counted.call("cancel", 2, || verifier.cancel(other, issued.handle())).unwrap();
    counted.call("unlock", 2, || verifier.unlock(other)).unwrap();
    let device = Challenge::new(other).on_device(DeviceId::from_bytes([9; 16]));
    let status = counted.call("status, of a device", 1, || verifier.status(&device)).unwrap();
    assert!(status.challenge.is_none());
    counted.call("forget", 2, || verifier.forget(other)).unwrap();

    let keys = [1, 2, 3].map(|byte| RecordKey::from_bytes([byte; 16]));
    let batch = counted.call("load_all, three records", 1, || store.load_all(&keys)).unwrap();
    assert_eq!(batch.as_slice().len(), BATCH_RECORDS);
    let batch = counted.call("load_all, none", 0, || store.load_all(&[])).unwrap();
    assert!(batch.as_slice().is_empty());
    every_call_about_tallies(counted, store, &keys);
    guarded_calls(counted, store);
}

/// Tallies are read with the record, before the decision, and changed once the swap is confirmed.
fn guarded_calls(counted: &mut Counted, store: &(impl Tallies + Sync)) {
    let keys = Keys::from_secret([7; 32]).unwrap();
    let verifier = Verifier::new(keys, store).with_guard(Guard::default());
    let number: PhoneNumber = "+12025550164".parse().unwrap();
    let challenge = Challenge::new(number).with_key(HostKey::ip(IpAddr::from([192, 0, 2, 7])));
    let issued = counted.call("guarded start", 3, || verifier.start(&challenge, Channel::Sms)).unwrap();
    let again = counted.call("guarded start, refused", 1, || verifier.start(&challenge, Channel::Sms));
    assert!(matches!(refused(again), Some(Refusal::CoolingDown { .. })));
    let code = issued.code().as_str();
    let check = || verifier.check(number, issued.handle(), code);
    drop(counted.call("guarded check", 3, check).unwrap());
}

fn every_call_about_tallies(counted: &mut Counted, store: &impl Tallies, records: &[RecordKey]) {
    let now = Timestamp::from_unix_seconds(1_800_000_000);
    let keys: [TallyKey; TALLIES_PER_CALL] = array::from_fn(|byte| TallyKey::from_bytes([byte as u8; 16]));
    let changes = keys.map(|key| match key.kind() {
        EntryKind::Sums => Change::sums(key, 1.0, 0.0),
        EntryKind::Number => Change::number(key, NumberChange::sent([1, 0])),
    });
    counted.call("add, by a server without the script", 2, || store.add(&changes[..1], now)).unwrap();
    counted.call("add, 24 tallies", 1, || store.add(&changes, now)).unwrap();
    counted.call("add, none", 0, || store.add(&[], now)).unwrap();
    let read = counted.call("read, 24 tallies", 1, || store.read(&keys, now)).unwrap();
    assert_eq!(read.as_slice().len(), TALLIES_PER_CALL);
    counted.call("read, none", 0, || store.read(&[], now)).unwrap();
    let both = || store.load_with_tallies(records, &keys, now);
    let both = counted.call("guarded read: 3 records, 24 tallies", 1, both);
    assert_eq!(both.records.unwrap().as_slice().len(), BATCH_RECORDS);
    assert_eq!(both.tallies.unwrap().as_slice().len(), TALLIES_PER_CALL);
    counted.call("guarded read, none", 0, || store.load_with_tallies(&[], &[], now).tallies).unwrap();
}

#[test]
fn blocking_store_makes_two_round_trips_per_write() {
    let (mut counted, url) = Counted::new();
    let store = eventually(|| BlockingRedisStore::connect(&*url, LONG_TIMEOUTS)).unwrap();
    every_call(&mut counted, &store);
    counted.table("BlockingRedisStore");
}

#[test]
fn async_store_makes_two_round_trips_per_write() {
    let (mut counted, url) = Counted::new();
    let tokio = Tokio::start().unwrap();
    let store = eventually(|| tokio.block_on(RedisStore::connect(&*url, LONG_TIMEOUTS))).unwrap();
    every_call(&mut counted, &Awaited::new(store, tokio));
    counted.table("RedisStore");
}
