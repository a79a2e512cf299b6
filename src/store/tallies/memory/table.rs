//! A table of sets of eight slots.
//!
//! Writers lock their shard. Readers don't: locks would make them wait for memory once for each
//! key. They look for all keys of a call, so that these waits overlap, and then check by the
//! shard's version that nothing was written meanwhile.

use alloc::vec;
use alloc::vec::Vec;
use core::array;
use core::cmp::Ordering::Equal;
use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::sync::atomic::{AtomicU64, fence};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::slot::{EMPTY, Kept, Slot, is_of, key_part, slot};
use crate::store::{Change, TallyKey};
use crate::time::Timestamp;

/// Slots of a set.
const WAYS: usize = 8;

/// Words of a slot.
const SLOT: usize = EMPTY.len();

/// Writers wait for each other only within a shard.
const SHARDS: usize = 64;

/// Words of a cache line. No slot lies in two.
const LINE: usize = 8;

type Words = [AtomicU64; SLOT];

pub(super) struct Table<T> {
    words: Vec<AtomicU64>,
    /// Where the first set begins.
    begin: usize,
    sets: usize,
    shards: [Shard; SHARDS],
    kept: PhantomData<fn() -> T>,
}

#[derive(Default)]
#[repr(align(64))]
struct Shard {
    writer: Mutex<()>,
    /// Odd while a slot is being written.
    version: AtomicU64,
}

/// A slot whose first word matches a key, unless something was written since.
#[derive(Clone, Copy)]
pub(super) struct Found {
    set: usize,
    version: u64,
    /// The place in the set; [`WAYS`] if no slot matches.
    place: usize,
    slot: Slot,
}

impl Found {
    pub(super) const NOWHERE: Self = Self { set: 0, version: 0, place: WAYS, slot: EMPTY };
}

impl<T: Kept> Table<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let sets = capacity.div_ceil(WAYS).max(1);
        // Zeros from the system: it maps such memory when it is first written. Wrapping each word
        // in place is free.
        let words: Vec<_> =
            vec![0_u64; sets * WAYS * SLOT + LINE - 1].into_iter().map(AtomicU64::new).collect();
        let begin = words.as_ptr().align_offset(LINE * size_of::<u64>()).min(LINE - 1);
        Self { words, begin, sets, shards: array::from_fn(|_| Shard::default()), kept: PhantomData }
    }

    pub(super) fn capacity(&self) -> usize {
        self.sets * WAYS
    }

    /// Looks for a key, without branches: the processor would have to wait to know each.
    pub(super) fn find(&self, key: &TallyKey) -> Found {
        let set = self.set(key);
        let version = self.shard(set).version.load(Acquire);
        let [first, ..] = key_part::<T>(key);
        let slots = self.slots(set);
        let mut place = WAYS;
        for (slot, [word, ..]) in slots.iter().enumerate() {
            place = if word.load(Relaxed) & T::KEY[0] == first { slot } else { place };
        }
        Found { set, version, place, slot: load(&slots[place % WAYS]) }
    }

    /// The entry of a key that was looked for; the empty one if there is none or it has expired.
    pub(super) fn read(&self, key: &TallyKey, found: &Found, now: Timestamp) -> T {
        let shard = self.shard(found.set);
        fence(Acquire);
        let is_stable = found.version.is_multiple_of(2) && shard.version.load(Relaxed) == found.version;
        let slot = match found.place {
            WAYS if is_stable => None,
            _ if is_stable && is_of::<T>(&found.slot, &key_part::<T>(key)) => Some(found.slot),
            _ => {
                let _writer = shard.lock();
                self.search(found.set, key).map(|(_, slot)| slot)
            }
        };
        let entry = slot.map(|slot| T::of_words(&slot));
        entry.filter(|entry| now <= entry.expires_at()).unwrap_or(T::EMPTY)
    }

    pub(super) fn change(&self, change: &Change, now: Timestamp) {
        let key = change.key();
        let set = self.set(&key);
        let shard = self.shard(set);
        let _writer = shard.lock();
        let found = self.search(set, &key);
        let mut entry = found.map_or(T::EMPTY, |(_, slot)| T::of_words(&slot));
        entry.apply(change, now);
        if found.is_none() && entry.is_nothing() {
            return;
        }
        let place = found.map_or_else(|| self.least(set, now), |(place, _)| place);
        let (slot, version) = (slot(&key, &entry), shard.version.load(Relaxed));
        shard.version.store(version + 1, Relaxed);
        fence(Release);
        for (word, value) in self.slots(set)[place].iter().zip(slot) {
            word.store(value, Relaxed);
        }
        shard.version.store(version + 2, Release);
    }

    /// The slot of a key and its place in the set. Nothing may be written meanwhile.
    fn search(&self, set: usize, key: &TallyKey) -> Option<(usize, Slot)> {
        let part = key_part::<T>(key);
        let mut slots = self.slots(set).iter().map(load).enumerate();
        slots.find(|(_, slot)| is_of::<T>(slot, &part))
    }

    /// The slot of a set to take: an empty one, an expired one, or the one with the least weight.
    fn least(&self, set: usize, now: Timestamp) -> usize {
        let weight = |slot: &_| {
            let slot = load(slot);
            let entry = (slot != EMPTY).then(|| T::of_words(&slot)).filter(|entry| now <= entry.expires_at());
            entry.map_or(-1.0, |entry| entry.weight(now))
        };
        let weights = self.slots(set).iter().map(weight).enumerate();
        let least = weights.min_by(|(_, one), (_, two)| one.partial_cmp(two).unwrap_or(Equal));
        least.map_or(0, |(place, _)| place)
    }

    fn slots(&self, set: usize) -> &[Words; WAYS] {
        &self.words[self.begin..].as_chunks().0.as_chunks().0[set]
    }

    /// The set of a key.
    ///
    /// Keys are hashes under a secret, but some are padded with zeros: all bytes take part.
    fn set(&self, key: &TallyKey) -> usize {
        let number = u128::from_le_bytes(*key.as_bytes());
        let mixed = (number as u64 ^ (number >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((u128::from(mixed) * self.sets as u128) >> 64) as usize
    }

    fn shard(&self, set: usize) -> &Shard {
        &self.shards[set % SHARDS]
    }
}

fn load(slot: &Words) -> Slot {
    slot.each_ref().map(|word| word.load(Relaxed))
}

impl Shard {
    /// Waits for the writer. One that panicked left no slot half-written: it only stores words.
    fn lock(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
