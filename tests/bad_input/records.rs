//! Damaged and foreign bytes as records.

use std::time::Duration;

use countersign::error::{Fault, RecordError};
use countersign::store::{RECORD_BYTES, RecordKey, StoreErrorKind};
use countersign::{Channel, Error, Handle, Issued, Keys, Limits, PhoneNumber, SendQuota, Verifier};
use countersign_tests::desk::{Desk, number};
use countersign_tests::faulty::Faulty;
use countersign_tests::rng::Seeded;

use super::calls;

type OverFaulty<'a> = Desk<&'a Faulty>;

/// Creates a record, and returns the handle and code that were valid for it last.
type History = fn(&mut OverFaulty<'_>) -> (Handle, String);

fn shown(issued: &Issued) -> (Handle, String) {
    (issued.handle(), issued.code().as_str().to_owned())
}

/// Records with every kind of content.
const HISTORIES: [History; 5] = [
    |desk| shown(&desk.at().start(number(), Channel::Sms).unwrap()),
    |desk| {
        let issued = desk.at().start(number(), Channel::WhatsApp).unwrap();
        desk.fail(&issued);
        for _ in 0..22 {
            desk.now += 30_000;
            let _ = desk.at().resend(number(), issued.handle()).unwrap();
        }
        desk.now += 30_000;
        shown(&desk.at().resend(number(), issued.handle()).unwrap())
    },
    |desk| {
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        drop(desk.at().check(number(), issued.handle(), issued.code().as_str()).unwrap());
        shown(&issued)
    },
    |desk| {
        for _ in 0..10 {
            let issued = desk.at().start(number(), Channel::Sms).unwrap();
            desk.fail(&issued);
            desk.now += 30_000;
        }
        (Handle::from_bytes([0; 16]), "000000".to_owned())
    },
    |desk| {
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        desk.at().cancel(number(), issued.handle()).unwrap();
        shown(&issued)
    },
];

fn desk(store: &Faulty) -> OverFaulty<'_> {
    let day = SendQuota::new(24, Duration::from_secs(86_400)).unwrap();
    let limits = Limits::default().with_send_quotas(&[day]).unwrap();
    Desk::new(store).with(|verifier| verifier.with_limits(limits))
}

/// Runs a test on the record of each history.
fn each(mut law: impl FnMut(&mut OverFaulty<'_>, &Faulty, Handle, &str)) {
    for history in HISTORIES {
        let store = Faulty::default();
        let mut desk = desk(&store);
        let (handle, code) = history(&mut desk);
        law(&mut desk, &store, handle, &code);
    }
}

/// Replaces the record by damaged bytes: every call reports the error and leaves them alone, and
/// `forget` removes them.
#[track_caller]
fn is_refused(
    desk: &mut OverFaulty<'_>,
    store: &Faulty,
    shown: (Handle, &str),
    damaged: &[u8],
    expected: RecordError,
) {
    let (key, sound) = store.only();
    store.put(key, damaged);
    for (name, call) in calls::all::<_, Seeded>() {
        let error = call(&mut desk.at(), shown.0, shown.1).unwrap_err();
        assert!(matches!(error, Error::Fault(Fault::Record(found)) if found == expected), "{name}: {error}");
        assert_eq!(error.wire_name(), "internal_server_error");
    }
    assert_eq!(store.bytes(&key).unwrap(), damaged, "unreadable bytes are not changed");
    forgets(desk, store, &key);
    store.put(key, &sound);
}

/// A forgotten record is replaced by version, state, operation, time and MAC.
fn forgets(desk: &mut Desk<&Faulty>, store: &Faulty, key: &RecordKey) {
    desk.at().forget(number()).unwrap();
    let left = store.bytes(key).unwrap();
    assert_eq!((left.len(), left[1]), (1 + 1 + 8 + 6 + 16, 0));
}

#[test]
fn rejects_truncated_records() {
    each(|desk, store, handle, code| {
        let (_, sound) = store.only();
        for length in 1..sound.len() {
            let expected = match length {
                ..16 => RecordError::Truncated { bytes: length },
                _ => RecordError::WrongMac,
            };
            is_refused(desk, store, (handle, code), &sound[..length], expected);
        }
    });
}

#[test]
fn rejects_records_with_a_flipped_bit() {
    each(|desk, store, handle, code| {
        let (_, sound) = store.only();
        for bit in 0..8 * sound.len() {
            let mut damaged = sound.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let expected = match bit {
                ..8 => RecordError::UnknownVersion { version: damaged[0] },
                _ => RecordError::WrongMac,
            };
            is_refused(desk, store, (handle, code), &damaged, expected);
        }
    });
}

#[test]
fn rejects_extended_records_and_other_versions() {
    each(|desk, store, handle, code| {
        let (_, sound) = store.only();
        let longer = [&sound[..], &[0]].concat();
        is_refused(desk, store, (handle, code), &longer, RecordError::WrongMac);
        is_refused(
            desk,
            store,
            (handle, code),
            &[sound.clone(), sound.clone()].concat()[..RECORD_BYTES.min(2 * sound.len())],
            RecordError::WrongMac,
        );
        for version in (0..=255).filter(|version| *version != sound[0]) {
            let mut other = sound.clone();
            other[0] = version;
            let expected =
                if version == 1 { RecordError::WrongMac } else { RecordError::UnknownVersion { version } };
            is_refused(desk, store, (handle, code), &other, expected);
        }
    });
}

#[test]
fn rejects_a_record_moved_to_another_key() {
    each(|desk, store, handle, code| {
        let (ours, bytes) = store.only();
        let elsewhere: PhoneNumber = "+12025550163".parse().unwrap();
        let _ = desk.at().start(elsewhere, Channel::Sms).unwrap();
        let theirs = store.other_than(&ours);
        store.put(theirs, &bytes);
        let error = desk.at().check(elsewhere, handle, code).unwrap_err();
        assert!(matches!(error, Error::Fault(Fault::Record(RecordError::WrongMac))), "{error}");
        assert_eq!(store.bytes(&theirs).unwrap(), bytes);
    });
}

#[test]
fn rejects_a_record_of_another_secret() {
    each(|desk, store, handle, code| {
        let (ours, bytes) = store.only();
        let secret = Keys::from_secret([8; 32]).unwrap();
        let mut other = Desk { verifier: Verifier::new(secret, store), rng: Seeded(2), now: desk.now };
        let _ = other.at().start(number(), Channel::Sms).unwrap();
        let theirs = store.other_than(&ours);
        store.put(theirs, &bytes);
        let error = other.at().check(number(), handle, code).unwrap_err();
        assert!(matches!(error, Error::Fault(Fault::Record(RecordError::WrongMac))), "{error}");
        other.at().forget(number()).unwrap();
        assert_eq!(store.bytes(&ours).unwrap(), bytes);
        assert_ne!(store.bytes(&theirs).unwrap(), bytes);
    });
}

#[test]
fn rejects_oversized_records() {
    each(|desk, store, handle, code| {
        let (key, sound) = store.only();
        for length in [RECORD_BYTES + 1, 1000, 1 << 20] {
            let mut longer = sound.clone();
            longer.resize(length, 0);
            store.put(key, &longer);
            for (name, call) in calls::all::<_, Seeded>() {
                let error = call(&mut desk.at(), handle, code).unwrap_err();
                let expected =
                    matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::NotARecord);
                assert!(expected, "{name}: {error}");
            }
            assert_eq!(store.bytes(&key).unwrap(), longer);
            forgets(desk, store, &key);
            store.put(key, &sound);
        }
    });
}

/// Empty bytes are an absent record: nothing is remembered, and nothing passes.
#[test]
fn empty_bytes_are_an_absent_record() {
    each(|desk, store, handle, code| {
        let (key, _) = store.only();
        store.put(key, &[]);
        let error = desk.at().check(number(), handle, code).unwrap_err();
        assert_eq!(error.refusal(), Some(countersign::Refusal::UnknownHandle));
    });
}
