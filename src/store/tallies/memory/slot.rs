//! An entry with a part of its key, in 32 bytes.

use super::super::number::Fixed;
use super::super::{Change, Effect, Entry, KNOWN_FOR, NumberMemory, Sums};
use crate::store::TallyKey;
use crate::time::Timestamp;

/// Four words of 64 bits. Zeros mark an empty slot.
pub(super) type Slot = [u64; 4];

pub(super) const EMPTY: Slot = [0; 4];

/// The bits of a time in a word. The other 16 hold something else.
const TIME: u32 = 48;

/// An entry that a table keeps.
pub(super) trait Kept: Copy + PartialEq {
    /// The bits of each word that hold a part of the key. The place of the set tells the rest.
    const KEY: Slot;
    const EMPTY: Self;

    /// The words of the entry, with zeros in place of the key.
    fn words(&self) -> Slot;
    fn of_words(words: &Slot) -> Self;
    fn apply(&mut self, change: &Change, now: Timestamp);
    fn expires_at(&self) -> Timestamp;
    /// Whether the entry is as good as an absent one.
    fn is_nothing(&self) -> bool;
    /// How much would be lost if the entry were evicted now.
    fn weight(&self, now: Timestamp) -> f64;
}

/// The part of a key that is kept in a slot.
pub(super) fn key_part<T: Kept>(key: &TallyKey) -> Slot {
    let key = u128::from_le_bytes(*key.as_bytes());
    let (low, high) = (key as u64, (key >> 64) as u64);
    [low & T::KEY[0], high & T::KEY[1], 0, 0]
}

/// Whether the slot holds this key's entry.
pub(super) fn is_of<T: Kept>(slot: &Slot, key: &Slot) -> bool {
    slot[0] & T::KEY[0] == key[0] && slot[1] & T::KEY[1] == key[1] && *slot != EMPTY
}

/// The slot of an entry.
pub(super) fn slot<T: Kept>(key: &TallyKey, entry: &T) -> Slot {
    let ([a, b, c, d], key) = (entry.words(), key_part::<T>(key));
    [a | key[0], b | key[1], c, d]
}

/// A word with a time, and the low 16 bits of something else.
fn with_time(low: u32, time: Timestamp) -> u64 {
    u64::from(low) & 0xFFFF | time.unix_millis() << (u64::BITS - TIME)
}

fn time(word: u64) -> Timestamp {
    Timestamp::from_unix_millis(word >> (u64::BITS - TIME))
}

/// 10 bytes of the key, the time, the two sums.
impl Kept for Sums {
    const KEY: Slot = [u64::MAX, 0xFFFF, 0, 0];
    const EMPTY: Self = Self::EMPTY;

    fn words(&self) -> Slot {
        [0, with_time(0, self.at()), self.unanswered().to_bits(), self.answered().to_bits()]
    }

    fn of_words(&[_, at, unanswered, answered]: &Slot) -> Self {
        let (unanswered, answered) = (f64::from_bits(unanswered), f64::from_bits(answered));
        Self::new(unanswered, answered, time(at)).unwrap_or_default()
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

/// 33 bits of the key, three times, and the counts. Sends have four bits each: no rule counts past
/// 15. Of a decayed count, the low 16 bits share a word with a time; the high 5 bits of the three
/// follow the key.
impl Kept for NumberMemory {
    const KEY: Slot = [u64::MAX >> 31, 0, 0, 0];
    const EMPTY: Self = Self::EMPTY;

    fn words(&self) -> Slot {
        let [current, before] = self.sends.map(|sends| sends.min(15));
        let counts = u16::from_le_bytes([self.unanswered, current << 4 | before]);
        let [sms, whatsapp] = self.owed;
        let [outstanding, sms, whatsapp] = [self.outstanding, sms, whatsapp].map(Fixed::steps);
        let high = |steps: u32, place: u32| u64::from(steps >> 16) << (33 + 5 * place);
        [
            u64::from(counts) << 48 | high(outstanding, 0) | high(sms, 1) | high(whatsapp, 2),
            with_time(outstanding, self.at),
            with_time(sms, self.first),
            with_time(whatsapp, self.last),
        ]
    }

    fn of_words(&[counts, at, first, last]: &Slot) -> Self {
        let [.., unanswered, sends] = counts.to_le_bytes();
        let steps = |low: u64, place: u32| (counts >> (33 + 5 * place) & 31) << 16 | low & 0xFFFF;
        let count = |low, place| Fixed::of_steps(steps(low, place) as u32).unwrap_or_default();
        Self {
            at: time(at),
            first: time(first),
            last: time(last),
            unanswered,
            sends: [sends >> 4, sends & 15],
            outstanding: count(at, 0),
            owed: [count(first, 1), count(last, 2)],
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

    /// Below 8 for numbers that were never verified, and at least 1,000 for the others.
    fn weight(&self, now: Timestamp) -> f64 {
        match self.last_verified() {
            Some(last) => 1_000.0 + (last + KNOWN_FOR).since(now).as_secs() as f64,
            None => self.as_of(now).outstanding(),
        }
    }
}
