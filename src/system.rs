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
