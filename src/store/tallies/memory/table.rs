//! A table of sets of eight slots.

use alloc::boxed::Box;
use alloc::vec;
use core::cmp::Ordering;
use core::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::slot::{EMPTY, Kept, Slot, is_of, slot};
use crate::store::{Change, TallyKey};
use crate::time::Timestamp;

/// Slots of a set.
const WAYS: usize = 8;

/// Threads wait for each other only within a shard.
const SHARDS: usize = 64;

pub(super) struct Table<T> {
    shards: Box<[Mutex<Box<[Slot]>>]>,
    /// In all shards together.
    sets: usize,
    kept: PhantomData<fn() -> T>,
}

impl<T: Kept> Table<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let sets = capacity.div_ceil(WAYS).max(1);
        let shards = sets.min(SHARDS);
        // Zeros: the system maps such memory when it is first written.
        let shard =
            |shard: usize| Mutex::new(vec![EMPTY; WAYS * (sets - shard).div_ceil(shards)].into_boxed_slice());
        Self { shards: (0..shards).map(shard).collect(), sets, kept: PhantomData }
    }

    pub(super) fn capacity(&self) -> usize {
        self.sets * WAYS
    }

    /// The entry of a key; the empty one if there is none or it has expired.
    pub(super) fn read(&self, key: &TallyKey, now: Timestamp) -> T {
        let (shard, first) = self.place(key);
        let slots = lock(shard);
        let found = slots[first..first + WAYS].iter().find(|slot| is_of::<T>(slot, key)).map(T::take);
        found.filter(|entry| now <= entry.expires_at()).unwrap_or(T::EMPTY)
    }

    pub(super) fn change(&self, change: &Change, now: Timestamp) {
        let key = change.key();
        let (shard, first) = self.place(&key);
        let mut slots = lock(shard);
        let set = &mut slots[first..first + WAYS];
        let found = set.iter().position(|slot| is_of::<T>(slot, &key));
        let mut entry = found.map_or(T::EMPTY, |place| T::take(&set[place]));
        entry.apply(change, now);
        if let Some(place) = found {
            set[place] = slot(&key, &entry);
        } else if !entry.is_nothing() {
            set[least::<T>(set, now)] = slot(&key, &entry);
        }
    }

    /// The shard of a key, and the first slot of its set there.
    ///
    /// Keys are hashes under a secret, but some are padded with zeros: all bytes take part.
    fn place(&self, key: &TallyKey) -> (&Mutex<Box<[Slot]>>, usize) {
        let number = u128::from_le_bytes(*key.as_bytes());
        let mixed = (number as u64 ^ (number >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let set = ((u128::from(mixed) * self.sets as u128) >> 64) as usize;
        (&self.shards[set % self.shards.len()], set / self.shards.len() * WAYS)
    }
}

/// The slot to take: an empty one, an expired one, or the one with the least weight.
fn least<T: Kept>(set: &[Slot], now: Timestamp) -> usize {
    let weight = |slot: &Slot| {
        let entry = (*slot != EMPTY).then(|| T::take(slot)).filter(|entry| now <= entry.expires_at());
        entry.map_or(-1.0, |entry| entry.weight(now))
    };
    let by_weight =
        |one: &(usize, f64), two: &(usize, f64)| one.1.partial_cmp(&two.1).unwrap_or(Ordering::Equal);
    let weights = set.iter().map(weight).enumerate();
    weights.min_by(by_weight).map_or(0, |(place, _)| place)
}

/// A thread that panicked elsewhere left no set half-written: each change writes one slot.
fn lock(shard: &Mutex<Box<[Slot]>>) -> MutexGuard<'_, Box<[Slot]>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
