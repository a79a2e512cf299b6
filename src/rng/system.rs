//! The operating system's generator of random numbers.

use getrandom::SysRng;
use rand_core::{TryCryptoRng, TryRng};

/// The operating system's generator. It is what a [`Verifier`](crate::Verifier) uses unless it is told otherwise.
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

    /// Each is another by chance, but for once in 2^64.
    #[test]
    fn what_it_draws_is_never_the_same_twice() {
        let words: [_; 2] = core::array::from_fn(|_| SystemRng.try_next_u64().unwrap());
        assert_ne!(words[0], words[1]);
        let halves: [_; 4] = core::array::from_fn(|_| SystemRng.try_next_u32().unwrap());
        assert!(halves.iter().any(|half| *half != halves[0]));
        let mut bytes = [[0; 16]; 2];
        bytes.iter_mut().for_each(|bytes| SystemRng.try_fill_bytes(bytes).unwrap());
        assert!(bytes[0] != bytes[1] && bytes.iter().all(|bytes| *bytes != [0; 16]));
    }
}
