//! Records as bytes: any bytes; records made by operations, then damaged; and any fields under a
//! valid MAC.

use std::sync::LazyLock;

use countersign::error::RecordError;
use countersign::otp::{Attempt, Context, Drawn, NewCode, Record, Step, Terms, Transition};
use countersign::store::{RECORD_BYTES, RecordKey, Swap};
use countersign::{Channel, Handle, Keys, Limits, Purpose, Timestamp};

use super::bytes::Bytes;
use crate::mac;
use crate::rng::Seeded;

const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
const NOW: u64 = 1_800_000_000_000;

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::from_secret(mac::ROOT).unwrap());
static LIMITS: LazyLock<Limits> = LazyLock::new(Limits::default);

/// The first byte selects one of the three.
pub fn run(data: &[u8]) {
    let Some((what, data)) = data.split_first() else { return };
    match what % 3 {
        0 => anything(data),
        1 => made_and_damaged(data),
        _ => any_fields(data),
    }
}

/// Accepted bytes have a valid MAC, which cannot be made without the keys.
fn anything(data: &[u8]) {
    if Record::decode(data, &KEY, &KEYS).is_ok() && !data.is_empty() {
        let (fields, _) = data.split_at(data.len() - 16);
        assert_eq!(data, mac::with_mac(KEY.as_bytes(), fields), "a forged MAC");
    }
}

/// A record made by operations round-trips to the byte. A damaged one is rejected.
fn made_and_damaged(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut story = Story { record: Record::fresh(), now: NOW, issued: None };
    for _ in 0..bytes.below(32) {
        story.step(&mut bytes);
    }
    let encoded = story.record.encode(&KEY, &KEYS).unwrap();
    let sound = encoded.as_slice();
    let decoded = Record::decode(sound, &KEY, &KEYS).unwrap();
    assert_eq!(decoded.encode(&KEY, &KEYS).unwrap().as_slice(), sound, "decoding and encoding round-trips");

    let mut damaged = sound.to_vec();
    damaged.truncate(sound.len() - bytes.below(256).min(sound.len()));
    while !bytes.is_empty() && !damaged.is_empty() {
        let at = bytes.below(damaged.len());
        damaged[at] ^= bytes.byte();
    }
    let expected = damaged == sound || damaged.is_empty();
    assert_eq!(Record::decode(&damaged, &KEY, &KEYS).is_ok(), expected);
}

/// Fields that only a holder of the keys could write: valid or not, nothing panics.
fn any_fields(data: &[u8]) {
    let fields = &data[..data.len().min(RECORD_BYTES - 16)];
    let record = match Record::decode(&mac::with_mac(KEY.as_bytes(), fields), &KEY, &KEYS) {
        Ok(record) => record,
        Err(error) => {
            let named = matches!(error, RecordError::UnknownVersion { .. } | RecordError::Malformed);
            assert!(named, "{error}");
            return;
        }
    };
    settles(&record);
    // Ages greater than the record's own age do not round-trip. Everything else does.
    let at = u64::from_le_bytes([&fields[10..16], &[0; 2]].concat().try_into().unwrap());
    let encoded = record.encode(&KEY, &KEYS).unwrap();
    let same = encoded.as_slice() == mac::with_mac(KEY.as_bytes(), fields);
    assert!(same || at < u32::MAX.into(), "decoding and encoding round-trips");
    let handle = handle(fields).map(Handle::from_bytes);
    // The operation may be any number, so it also serves as a time.
    let mut bytes = Bytes(&fields[2..10]);
    for now in [0, NOW, u64::MAX, bytes.wide(1 << 48)] {
        let context = context(NOW).with_now(Timestamp::from_unix_millis(now));
        let drawn = drawn(now);
        let attempt = Attempt::new(None, Purpose::LOGIN, "000000");
        check(record.start(&context, &Terms::new(Channel::Sms), &drawn));
        check(record.resend(&context, None, Purpose::LOGIN, &drawn));
        check(record.check(&context, &attempt));
        check(record.check(&context, &Attempt::new(handle.as_ref(), attempt.purpose, attempt.entry)));
        check(record.unlock(&context));
        if let Some(handle) = &handle {
            check(record.cancel(&context, handle, Purpose::LOGIN));
            check(record.undelivered(&context, handle, Purpose::LOGIN));
        }
        let _ = (record.status(&context), record.keep().ttl());
    }
}

/// Returns the handle of the challenge, if there is one: it follows the sends.
fn handle(fields: &[u8]) -> Option<[u8; 16]> {
    let kind = 20 + 8 * usize::from(fields.get(1)?.checked_sub(1)?);
    let has = |bit| usize::from(fields.get(kind).is_some_and(|has| has & bit != 0));
    let sends = kind + 1 + 9 * has(1) + 6 * has(2) + 6 * has(4) + 4;
    fields.get(sends + 1 + 4 * usize::from(*fields.get(sends)?)..)?.first_chunk().copied()
}

/// Checks that the result of a transition is a valid record.
fn check<T>(transition: Transition<T>) {
    if let Ok(Step::Write { next, .. }) = transition {
        settles(&next);
        let _ = next.keep();
    }
}

/// Checks that a record round-trips.
fn settles(record: &Record) {
    let encoded = record.encode(&KEY, &KEYS).unwrap();
    let decoded = Record::decode(encoded.as_slice(), &KEY, &KEYS).unwrap();
    assert_eq!(decoded.encode(&KEY, &KEYS).unwrap(), encoded);
}

fn drawn(seed: u64) -> Drawn {
    Drawn::new(&mut Seeded(seed)).unwrap()
}

fn context(now: u64) -> Context<'static> {
    let now = Timestamp::from_unix_millis(now);
    Context::new(&KEY, &KEYS, now, 1).with_limits(&LIMITS)
}

/// A record that operations are run on.
struct Story {
    record: Record,
    now: u64,
    issued: Option<NewCode>,
}

impl Story {
    fn step(&mut self, bytes: &mut Bytes<'_>) {
        let context = context(self.now).with_operation(bytes.byte().into());
        let drawn = drawn(bytes.byte().into());
        let issued = self.issued.clone();
        let (handle, code) =
            issued.as_ref().map_or((None, "000000"), |issue| (Some(&issue.handle), issue.code.as_str()));
        let unknown = Handle::from_bytes([0; 16]);
        let purpose = Purpose::LOGIN;
        match bytes.below(8) {
            0 => {
                let channel = Channel::ALL[bytes.below(3)];
                self.issued = self.take(self.record.start(&context, &Terms::new(channel), &drawn)).or(issued);
            }
            1 => self.issued = self.take(self.record.resend(&context, handle, purpose, &drawn)).or(issued),
            what @ 2..=3 => {
                let entry = if what == 2 { code } else { "999999" };
                let attempt = Attempt::new(handle, purpose, entry);
                _ = self.take(self.record.check(&context, &attempt));
            }
            4 => _ = self.take(self.record.cancel(&context, handle.unwrap_or(&unknown), purpose)),
            5 => _ = self.take(self.record.undelivered(&context, handle.unwrap_or(&unknown), purpose)),
            6 => _ = self.take(self.record.unlock(&context)),
            _ => self.now = self.now.saturating_add(bytes.wide(1 << 40)),
        }
    }

    /// Takes the next record, and returns the outcome.
    fn take<T>(&mut self, transition: Transition<T>) -> Option<T> {
        match transition.ok()? {
            Step::Answer(answer) => answer.ok(),
            Step::Write { next, withheld } => {
                self.record = next;
                withheld.confirm(Swap::Applied)?.ok()
            }
        }
    }
}
