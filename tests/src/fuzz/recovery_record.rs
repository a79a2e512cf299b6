//! Records of recovery codes as bytes: any bytes; records made by calls, then damaged; and any
//! fields under a valid MAC, which calls then read.

use std::sync::LazyLock;

use countersign::account::{RecoveryFormat, RecoveryRecord};
use countersign::error::RecordError;
use countersign::store::{RECORD_BYTES, RecordKey};
use countersign::totp::{TotpSecret, TotpSettings};
use countersign::{Account, Error, Keys, Refusal, Timestamp, Verifier};

use super::bytes::Bytes;
use crate::faulty::Faulty;
use crate::mac::{RECOVERY_CODES, ROOT, with_mac_of};
use crate::rng::Seeded;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::from_secret(ROOT).unwrap());

/// The record of an account with an authenticator, and codes that were issued with it.
static ISSUED: LazyLock<Issued> = LazyLock::new(Issued::new);

struct Issued {
    account: (RecordKey, Vec<u8>),
    record: (RecordKey, Vec<u8>),
    codes: [&'static str; 3],
}

/// The first byte selects one of the four.
pub fn run(data: &[u8]) {
    let Some((what, data)) = data.split_first() else { return };
    match what % 4 {
        0 => anything(data),
        1 => made_and_damaged(data),
        2 => any_fields(data),
        _ => made_and_changed(data),
    }
}

impl Issued {
    fn new() -> Self {
        let (store, account, mut rng) = (Faulty::default(), account(), Seeded(1));
        let verifier = Verifier::new(KEYS.clone(), &store).with_instance(1);
        let at = verifier.at(NOW, &mut rng);
        let calls = at.account(&account);
        let secret = TotpSecret::from_bytes(&[5; 20]).unwrap();
        calls.import_totp(secret, TotpSettings::DEFAULT).unwrap();
        let (key, record) = store.only();
        let format = RecoveryFormat::DEFAULT.with_codes(3).unwrap();
        let codes = calls.issue_recovery_codes(&calls.may_enrol_by_own_session(), format).unwrap();
        let other = store.other_than(&key);
        Self {
            account: (key, record),
            record: (other, store.bytes(&other).unwrap()),
            codes: core::array::from_fn(|place| &*codes.iter().nth(place).unwrap().to_owned().leak()),
        }
    }
}

fn account() -> Account {
    Account::new("user-test-7").unwrap()
}

fn decode(bytes: &[u8]) -> Result<RecoveryRecord, RecordError> {
    RecoveryRecord::decode(bytes, &ISSUED.record.0, &KEYS)
}

fn encode(record: &RecoveryRecord) -> Vec<u8> {
    record.encode(&ISSUED.record.0, &KEYS).unwrap().as_slice().to_vec()
}

fn with_mac(fields: &[u8]) -> Vec<u8> {
    with_mac_of(RECOVERY_CODES, ISSUED.record.0.as_bytes(), fields)
}

/// Accepted bytes have a valid MAC, which cannot be made without the keys.
fn anything(data: &[u8]) {
    if decode(data).is_ok() && !data.is_empty() {
        let (fields, _) = data.split_at(data.len() - 16);
        assert_eq!(data, with_mac(fields), "a forged MAC");
    }
}

/// A record made by calls round-trips to the byte. A damaged one is rejected.
fn made_and_damaged(data: &[u8]) {
    let (mut bytes, sound) = (Bytes(data), &ISSUED.record.1);
    assert_eq!(&encode(&decode(sound).unwrap()), sound, "decoding and encoding round-trips");
    let mut damaged = sound.clone();
    damaged.truncate(sound.len() - bytes.below(256).min(sound.len()));
    while !bytes.is_empty() && !damaged.is_empty() {
        let at = bytes.below(damaged.len());
        damaged[at] ^= bytes.byte();
    }
    let expected = damaged == *sound || damaged.is_empty();
    assert_eq!(decode(&damaged).is_ok(), expected);
}

/// Fields that only a holder of the keys could write: valid or not, nothing panics, and what is
/// accepted has one encoding.
fn any_fields(data: &[u8]) {
    let bytes = with_mac(&data[..data.len().min(RECORD_BYTES - 16)]);
    match decode(&bytes) {
        Ok(record) => {
            assert_eq!(encode(&record), bytes, "decoding and encoding round-trips");
            let _ = record.keep().ttl();
            calls(&bytes);
        }
        Err(error) => {
            let named = matches!(error, RecordError::UnknownVersion { .. } | RecordError::Malformed);
            assert!(named, "{error}");
        }
    }
}

/// A record made by calls, of which some bytes are replaced: its codes are mostly of the account's
/// enrolment.
fn made_and_changed(data: &[u8]) {
    let mut bytes = Bytes(data);
    let (fields, _) = ISSUED.record.1.split_at(ISSUED.record.1.len() - 16);
    let mut fields = fields.to_vec();
    while !bytes.is_empty() {
        let at = bytes.below(fields.len());
        let end = fields.len().min(at + 1 + bytes.below(8));
        fields[at..end].iter_mut().for_each(|byte| *byte = bytes.byte());
    }
    any_fields(&fields);
}

/// Enters codes. A success uses one code.
fn calls(record: &[u8]) {
    let (store, account, mut rng) = (Faulty::default(), account(), Seeded(2));
    store.put(ISSUED.account.0, &ISSUED.account.1);
    store.put(ISSUED.record.0, record);
    let verifier = Verifier::new(KEYS.clone(), &store).with_instance(1);
    let at = verifier.at(NOW, &mut rng);
    let calls = at.account(&account);
    let before = calls.recovery_codes_left().unwrap();
    let mut left = before;
    let [first, second, _] = ISSUED.codes;
    let mut succeeded = Vec::new();
    for code in [first, second, first, "aaaa-aaaa-aaaa", ""] {
        match calls.check_recovery_code(code) {
            Ok(verified) => {
                // Equal tags, which operations never write, are used together.
                assert!(verified.left() < left && !succeeded.contains(&code));
                left = verified.left();
                succeeded.push(code);
            }
            Err(Error::Refused(
                Refusal::NotEnrolled
                | Refusal::MalformedCode
                | Refusal::AlreadyUsed
                | Refusal::WrongCode { .. },
            )) => {}
            Err(error) => panic!("{error}"),
        }
        assert_eq!(calls.recovery_codes_left().unwrap(), left);
    }
    assert!(before <= 12);
}
