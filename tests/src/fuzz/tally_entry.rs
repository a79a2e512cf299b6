//! Entries of tallies as bytes: any bytes, and sequences of changes to what they decode to.

use countersign::Timestamp;
use countersign::store::{Effect, Entry, EntryKind, NumberChange, Sums};

use super::bytes::Bytes;

/// The encoding has 48 bits for a time.
const END: u64 = 1 << 48;

/// The first byte selects the kind of entry and whether the bytes begin with one.
pub fn run(data: &[u8]) {
    let Some((what, data)) = data.split_first() else { return };
    let kind = if what & 1 == 0 { EntryKind::Sums } else { EntryKind::Number };
    let len = if kind == EntryKind::Sums { 24 } else { 29 };
    let (mut entry, changes) = match data.split_at_checked(len).filter(|_| what & 2 == 0) {
        Some((encoded, rest)) => match Entry::from_bytes(kind, encoded) {
            Ok(entry) => {
                assert_eq!(entry.to_bytes().as_slice(), encoded, "decoding lost something");
                (entry, rest)
            }
            Err(_) => return,
        },
        None => (Entry::empty(kind), data),
    };
    assert_sound(&entry);
    let mut changes = Bytes(changes);
    while !changes.is_empty() {
        let (now, effect) = (time(&mut changes), effect(&mut changes, kind));
        // An entry of the other kind is damage: a change replaces it.
        let at = if effect.kind() == entry.kind() { entry.at().max(now) } else { now };
        entry.apply(effect, now);
        assert_eq!(entry.at(), at, "time moves forward only");
        assert_sound(&entry);
    }
}

/// The entry round-trips, and all of its counts are numbers from 0 on, at any time.
fn assert_sound(entry: &Entry) {
    let decoded = Entry::from_bytes(entry.kind(), entry.to_bytes().as_slice());
    assert_eq!(decoded.as_ref(), Ok(entry), "a sound entry is encoded");
    for now in [0, entry.at().unix_millis() + 1, entry.expires_at().unix_millis(), END, u64::MAX] {
        let now = Timestamp::from_unix_millis(now);
        let counts = match entry {
            Entry::Sums(sums) => {
                let sums = sums.decayed(now);
                [sums.unanswered(), sums.answered(), 0.0, 0.0]
            }
            Entry::Number(memory) => {
                let [sms, whatsapp] = memory.as_of(now).owed();
                assert!(memory.first_verified() <= memory.last_verified());
                [memory.as_of(now).outstanding(), sms, whatsapp, memory.sends_in_24h(now)]
            }
        };
        assert!(counts.iter().all(|count| (0.0..=Sums::MOST).contains(count)), "{counts:?}");
    }
}

fn time(bytes: &mut Bytes<'_>) -> Timestamp {
    Timestamp::from_unix_millis(bytes.wide(END))
}

/// A change, now and then of the other kind.
fn effect(bytes: &mut Bytes<'_>, kind: EntryKind) -> Effect {
    let is_sums = (kind == EntryKind::Sums) == (bytes.below(16) != 0);
    if is_sums {
        return Effect::Sums { unanswered: amount(bytes), answered: amount(bytes) };
    }
    let verified_since = bytes.below(4) == 0;
    Effect::Number(NumberChange {
        sends: bytes.byte(),
        unanswered: bytes.byte() as i8,
        owed: [bytes.byte() as i8, bytes.byte() as i8],
        verified_since: verified_since.then(|| time(bytes)),
    })
}

/// Small amounts, large ones, and what is not a number.
fn amount(bytes: &mut Bytes<'_>) -> f64 {
    const ODD: [f64; 8] =
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, Sums::MOST, -0.0, 1e-320];
    let byte = bytes.byte();
    match byte {
        0..=7 => ODD[usize::from(byte)],
        _ => (f64::from(byte) - 132.0) / 8.0,
    }
}
