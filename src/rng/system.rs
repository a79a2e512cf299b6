//! The operating system's random number generator.

use getrandom::SysRng;
use rand_core::{TryCryptoRng, TryRng};

/// The operating system's generator, which a [`Verifier`](crate::Verifier) uses by default.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl TryRng for SystemRng {
    type Error = getrandom::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        SysRng.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        SysRng.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        SysRng.try_fill_bytes(bytes)
    }
}

impl TryCryptoRng for SystemRng {}

#[cfg(test)]
mod tests {
    use super::*;

    /// By chance, two draws are equal once in 2^64.
    #[test]
    fn draws_differ() {
        let words: [_; 2] = core::array::from_fn(|_| SystemRng.try_next_u64().unwrap());
        assert_ne!(words[0], words[1]);
        let halves: [_; 4] = core::array::from_fn(|_| SystemRng.try_next_u32().unwrap());
        assert!(halves.iter().any(|half| *half != halves[0]));
        let mut bytes = [[0; 16]; 2];
        bytes.iter_mut().for_each(|bytes| SystemRng.try_fill_bytes(bytes).unwrap());
        assert!(bytes[0] != bytes[1] && bytes.iter().all(|bytes| *bytes != [0; 16]));
    }
}
