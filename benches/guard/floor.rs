//! Compressions and loads, and nothing else.

use core::hint::black_box;
use core::{array, slice};

use sha2::block_api::compress256;

/// A table of 32-byte slots that is read at random places.
pub(crate) struct Floor {
    slots: Vec<[u64; 4]>,
    next: u64,
}

impl Floor {
    pub(crate) fn new(size: usize) -> Self {
        let slots: Vec<_> = (0..size as u64).map(|place| [place; 4]).collect();
        assert!(slots.last().is_some_and(|slot| slot[3] == size as u64 - 1));
        Self { slots, next: 0 }
    }

    /// Hashes `N` keys, then reads the slot that each selects.
    pub(crate) fn read<const N: usize>(&mut self) -> u64 {
        let blocks: [[u8; 64]; N] = array::from_fn(|_| {
            self.next += 1;
            let mut block = [0; 64];
            block[..8].copy_from_slice(&self.next.to_le_bytes());
            block
        });
        let places = black_box(blocks).each_ref().map(|block| {
            let mut state = [7; 8];
            compress256(&mut state, slice::from_ref(block));
            (u64::from(state[0]) * self.slots.len() as u64) >> 32
        });
        places.iter().fold(0, |sum, place| sum ^ self.slots[*place as usize][0])
    }
}
