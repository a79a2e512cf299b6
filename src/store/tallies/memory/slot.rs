//! An entry with a part of its key, in 32 bytes.

use super::super::number::Fixed;
use super::super::{Change, Effect, Entry, KNOWN_FOR, NumberMemory, Sums};
use crate::store::TallyKey;
use crate::time::Timestamp;

pub(super) const SLOT_BYTES: usize = 32;

/// Zeros stand for an empty slot.
pub(super) type Slot = [u8; SLOT_BYTES];

pub(super) const EMPTY: Slot = [0; SLOT_BYTES];

/// What a table keeps.
pub(super) trait Kept: Copy + PartialEq {
    /// How many bytes of a key stand in a slot. The set that it lies in tells more.
    const KEY_BYTES: usize;
    const EMPTY: Self;

    fn put(&self, slot: &mut Slot);
    fn take(slot: &Slot) -> Self;
    fn apply(&mut self, change: &Change, now: Timestamp);
    fn expires_at(&self) -> Timestamp;
    /// Whether nothing is lost if the entry is.
    fn is_nothing(&self) -> bool;
    /// How much would be lost if the entry were evicted now.
    fn weight(&self, now: Timestamp) -> f64;
}

/// Whether the slot holds this key's entry.
pub(super) fn is_of<T: Kept>(slot: &Slot, key: &TallyKey) -> bool {
    slot[..T::KEY_BYTES] == key.as_bytes()[..T::KEY_BYTES] && *slot != EMPTY
}

/// The entry in its slot.
pub(super) fn slot<T: Kept>(key: &TallyKey, entry: &T) -> Slot {
    let mut slot = EMPTY;
    slot[..T::KEY_BYTES].copy_from_slice(&key.as_bytes()[..T::KEY_BYTES]);
    entry.put(&mut slot);
    slot
}

fn field<const N: usize>(slot: &Slot, from: usize) -> [u8; N] {
    slot.get(from..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

fn put(slot: &mut Slot, from: usize, field: &[u8]) {
    slot[from..from + field.len()].copy_from_slice(field);
}

fn time(slot: &Slot, from: usize) -> Timestamp {
    let [a, b, c, d, e, f] = field(slot, from);
    Timestamp::from_unix_millis(u64::from_le_bytes([a, b, c, d, e, f, 0, 0]))
}

fn put_time(slot: &mut Slot, from: usize, time: Timestamp) {
    put(slot, from, &time.unix_millis().to_le_bytes()[..6]);
}

/// 10 bytes of the key, the time, the two sums.
impl Kept for Sums {
    const KEY_BYTES: usize = 10;
    const EMPTY: Self = Self::EMPTY;

    fn put(&self, slot: &mut Slot) {
        put_time(slot, 10, self.at());
        put(slot, 16, &self.unanswered().to_le_bytes());
        put(slot, 24, &self.answered().to_le_bytes());
    }

    fn take(slot: &Slot) -> Self {
        let (unanswered, answered) =
            (f64::from_le_bytes(field(slot, 16)), f64::from_le_bytes(field(slot, 24)));
        Self::new(unanswered, answered, time(slot, 10)).unwrap_or_default()
    }

    fn apply(&mut self, change: &Change, now: Timestamp) {
        if let Effect::Sums { unanswered, answered } = change.effect() {
            self.add(unanswered, answered, now);
        }
    }

    fn expires_at(&self) -> Timestamp {
        Entry::Sums(*self).expires_at()
    }

    fn is_nothing(&self) -> bool {
        self.unanswered() <= 0.0 && self.answered() <= 0.0
    }

    fn weight(&self, now: Timestamp) -> f64 {
        let sums = self.decayed(now);
        sums.unanswered() + sums.answered()
    }
}

/// 6 bytes of the key, three times, and 8 bytes of counts: sends up to 15 in four bits each, for no
/// rule asks for more.
impl Kept for NumberMemory {
    const KEY_BYTES: usize = 6;
    const EMPTY: Self = Self::EMPTY;

    fn put(&self, slot: &mut Slot) {
        put_time(slot, 6, self.at);
        put_time(slot, 12, self.first);
        put_time(slot, 18, self.last);
        let [current, before] = self.sends.map(|sends| sends.min(15));
        put(slot, 24, &[self.unanswered, current << 4 | before]);
        let [sms, whatsapp] = self.owed;
        for (place, Fixed(count)) in [self.outstanding, sms, whatsapp].into_iter().enumerate() {
            put(slot, 26 + 2 * place, &count.to_le_bytes());
        }
    }

    fn take(slot: &Slot) -> Self {
        let [unanswered, sends] = field(slot, 24);
        let count = |place: usize| Fixed(u16::from_le_bytes(field(slot, 26 + 2 * place)));
        Self {
            at: time(slot, 6),
            first: time(slot, 12),
            last: time(slot, 18),
            unanswered,
            sends: [sends >> 4, sends & 15],
            outstanding: count(0),
            owed: [count(1), count(2)],
        }
    }

    fn apply(&mut self, change: &Change, now: Timestamp) {
        if let Effect::Number(change) = change.effect() {
            self.apply(change, now);
        }
    }

    fn expires_at(&self) -> Timestamp {
        self.expires_at()
    }

    fn is_nothing(&self) -> bool {
        *self == Self { at: self.at, ..Self::EMPTY }
    }

    /// Below 16 for those that were never verified, and from 1,000 on for the others.
    fn weight(&self, now: Timestamp) -> f64 {
        match self.last_verified() {
            Some(last) => 1_000.0 + (last + KNOWN_FOR).since(now).as_secs() as f64,
            None => self.as_of(now).outstanding(),
        }
    }
}
