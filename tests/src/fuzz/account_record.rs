//! Account records as bytes: any bytes; records made by operations, then damaged; and any fields
//! under a valid MAC, alone or in place of some of a real record.

use std::sync::LazyLock;

use countersign::account::{AccountRecord, AccountState, Group, TotpAttempt, TotpTerms};
use countersign::error::RecordError;
use countersign::otp::{Context, Drawn, Step, Transition};
use countersign::store::{RECORD_BYTES, RecordKey, Swap};
use countersign::totp::{TotpSecret, TotpSettings, TypedTotp};
use countersign::{KeyId, Keys, Limits, Timestamp};

use super::bytes::Bytes;
use crate::mac::{ACCOUNTS, ROOT, with_mac_of};
use crate::rng::Seeded;

const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
const NOW: u64 = 1_800_000_000_000;

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::from_secret(ROOT).unwrap());
/// The same service, in the middle of a rotation.
static ROTATED: LazyLock<Keys> =
    LazyLock::new(|| KEYS.clone().accept(KeyId::new(1), [8; 32]).unwrap().tag_with(KeyId::new(1)).unwrap());
static LIMITS: LazyLock<Limits> = LazyLock::new(Limits::default);

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

fn decode(bytes: &[u8]) -> Result<AccountRecord, RecordError> {
    AccountRecord::decode(bytes, &KEY, &KEYS)
}

fn encode(record: &AccountRecord) -> Vec<u8> {
    record.encode(&KEY, &KEYS).unwrap().as_slice().to_vec()
}

fn with_mac(fields: &[u8]) -> Vec<u8> {
    with_mac_of(ACCOUNTS, KEY.as_bytes(), fields)
}

/// Accepted bytes have a valid MAC, which cannot be made without the keys.
fn anything(data: &[u8]) {
    if decode(data).is_ok() && !data.is_empty() {
        let (fields, _) = data.split_at(data.len() - 16);
        assert_eq!(data, with_mac(fields), "a forged MAC");
    }
}

/// A record made by operations round-trips to the byte. A damaged one is rejected.
fn made_and_damaged(data: &[u8]) {
    let mut bytes = Bytes(data);
    let sound = encode(&Story::run(&mut bytes).record);
    assert_eq!(encode(&decode(&sound).unwrap()), sound, "decoding and encoding round-trips");

    let mut damaged = sound.clone();
    damaged.truncate(sound.len() - bytes.below(256).min(sound.len()));
    while !bytes.is_empty() && !damaged.is_empty() {
        let at = usize::from(bytes.byte()) * 2 % damaged.len();
        damaged[at] ^= bytes.byte();
    }
    let expected = damaged == sound || damaged.is_empty();
    assert_eq!(decode(&damaged).is_ok(), expected);
}

/// Fields that only a holder of the keys could write: valid or not, nothing panics, and what is
/// accepted has one encoding.
fn any_fields(data: &[u8]) {
    let bytes = with_mac(&data[..data.len().min(RECORD_BYTES - 16)]);
    match decode(&bytes) {
        Ok(record) => {
            assert_eq!(encode(&record), bytes, "decoding and encoding round-trips");
            // The operation may be any number, so it also serves as a time.
            transitions(&record, Bytes(&data[2..10]).wide(1 << 48));
        }
        Err(error) => {
            let named = matches!(error, RecordError::UnknownVersion { .. } | RecordError::Malformed);
            assert!(named, "{error}");
        }
    }
}

/// A record made by operations, of which some bytes are replaced: its secret can mostly be opened.
fn made_and_changed(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut fields = encode(&Story::run(&mut bytes).record);
    fields.truncate(fields.len() - 16);
    while !bytes.is_empty() {
        let at = usize::from(bytes.byte()) * 2 % fields.len();
        let end = fields.len().min(at + 1 + bytes.below(8));
        fields[at..end].iter_mut().for_each(|byte| *byte = bytes.byte());
    }
    any_fields(&fields);
}

/// Runs all transitions, at any time and in any epoch. The next record is valid.
fn transitions(record: &AccountRecord, time: u64) {
    for (now, keys) in [(0, &KEYS), (NOW, &KEYS), (NOW, &ROTATED), (u64::MAX, &KEYS), (time, &ROTATED)] {
        let now = Timestamp::from_unix_millis(now);
        let context = Context::new(&KEY, keys, now, 1).with_limits(&LIMITS).with_epoch(time as u32 % 3);
        let drawn = Drawn::new(&mut Seeded(time)).unwrap();
        let offer = TotpTerms::new().offer(&mut Seeded(time)).unwrap();
        check(record.enrol(&context, &offer, &drawn));
        check(record.import(&context, &secret(), TotpSettings::DEFAULT, &drawn));
        check(record.remove(&context));
        check(record.reseal(&context, &drawn));
        check(record.unlock(&context));
        let entries = [shown(now.unix_millis()), "000000".to_owned(), "99999999".to_owned(), String::new()];
        for (entry, group) in entries.iter().flat_map(|entry| Group::ALL.map(|group| (entry, group))) {
            let typed = TypedTotp::parse(entry);
            check(record.check_totp(&context, &TotpAttempt::new(&typed).with_group(group), &drawn));
            let _ = record.status(&context, group);
        }
        let _ = (AccountRecord::forget(&context), record.keep().ttl());
    }
}

/// Checks that the result of a transition is a valid record.
fn check<T>(transition: Transition<T, AccountState>) {
    if let Ok(Step::Write { next, .. }) = transition {
        let encoded = encode(&next);
        assert_eq!(encode(&decode(&encoded).unwrap()), encoded);
        let _ = next.keep();
    }
}

fn secret() -> TotpSecret {
    TotpSecret::from_bytes(&[5; 20]).unwrap()
}

fn shown(now: u64) -> String {
    let settings = TotpSettings::DEFAULT;
    settings.code(&secret(), settings.step(Timestamp::from_unix_millis(now))).as_str().to_owned()
}

/// A record that operations are run on.
struct Story {
    record: AccountRecord,
    now: u64,
}

impl Story {
    fn run(bytes: &mut Bytes<'_>) -> Self {
        let mut story = Self { record: AccountRecord::fresh(), now: NOW };
        for _ in 0..bytes.below(32) {
            story.step(bytes);
        }
        story
    }

    fn step(&mut self, bytes: &mut Bytes<'_>) {
        let keys = if bytes.below(4) == 3 { &ROTATED } else { &KEYS };
        let now = Timestamp::from_unix_millis(self.now);
        let context = Context::new(&KEY, keys, now, bytes.byte().into()).with_limits(&LIMITS);
        let drawn = Drawn::new(&mut Seeded(bytes.byte().into())).unwrap();
        match bytes.below(8) {
            0 => {
                let terms = TotpTerms::new().with_secret(secret());
                let terms = terms.with_minutes(5 + bytes.wide(1436)).unwrap();
                self.take(self.record.enrol(&context, &terms.offer(&mut Seeded(1)).unwrap(), &drawn));
            }
            1 => self.take(self.record.import(&context, &secret(), TotpSettings::DEFAULT, &drawn)),
            what @ 2..=4 => {
                let entry = if what == 2 { shown(self.now) } else { "000000".to_owned() };
                let typed = TypedTotp::parse(&entry);
                let attempt = TotpAttempt::new(&typed).with_group(Group::ALL[bytes.below(2)]);
                self.take(self.record.check_totp(&context, &attempt, &drawn));
            }
            5 => self.take(self.record.remove(&context)),
            6 => self.take(self.record.unlock(&context)),
            _ => self.now = self.now.saturating_add(bytes.wide(1 << 40)),
        }
    }

    fn take<T>(&mut self, transition: Transition<T, AccountState>) {
        if let Ok(Step::Write { next, withheld }) = transition {
            self.record = next;
            let _ = withheld.confirm(Swap::Applied);
        }
    }
}
