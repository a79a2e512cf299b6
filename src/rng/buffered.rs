//! A buffer over another random number generator.

use core::fmt;

use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroize;

/// Draws blocks from another generator and hands them out in pieces, wiping each piece from the
/// buffer.
///
/// A call of the operating system's generator costs as much as the rest of a check. This buffer
/// makes one call for dozens of operations. Use one per thread, because its methods take
/// `&mut self`.
///
/// With the feature `std`, it detects a `fork` and drops the rest of the block, which the other
/// process hands out too. In two cases, two copies still hand out the same bytes and so issue the
/// same codes and handles: a virtual machine that is resumed twice from one snapshot, and a `fork`
/// without `std`. A server to which either can happen should use the system's generator directly.
///
/// ```
/// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
/// use countersign::rng::{BufferedRng, SystemRng};
///
/// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
/// let mut rng = BufferedRng::new(SystemRng);
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let issued = verifier.at(Timestamp::now(), &mut rng).start(number, Channel::Sms)?;
/// # let _ = issued;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BufferedRng<R> {
    rng: R,
    block: [u8; BLOCK],
    used: usize,
    /// The id of the process that drew the block.
    #[cfg(feature = "std")]
    process: u32,
}

/// The size of a block in bytes. On systems where a read of more than 256 bytes can be interrupted,
/// a block is still drawn in one call.
const BLOCK: usize = 256;

impl<R: TryCryptoRng> BufferedRng<R> {
    /// Creates a buffer over `rng`, which is not called until bytes are needed.
    pub const fn new(rng: R) -> Self {
        Self {
            rng,
            block: [0; BLOCK],
            used: BLOCK,
            #[cfg(feature = "std")]
            process: 0,
        }
    }

    /// Hands out as many of the buffered bytes as fit, and refills the buffer first if it is empty.
    fn some(&mut self, wanted: &mut [u8]) -> Result<usize, R::Error> {
        self.drop_after_fork();
        if self.used == BLOCK {
            self.rng.try_fill_bytes(&mut self.block)?;
            self.used = 0;
        }
        let left = &mut self.block[self.used..];
        let taken = left.len().min(wanted.len());
        wanted[..taken].copy_from_slice(&left[..taken]);
        left[..taken].zeroize();
        self.used += taken;
        Ok(taken)
    }
}

impl<R> BufferedRng<R> {
    /// Drops bytes that were drawn before a fork, because the other process hands out the same
    /// bytes.
    #[cfg(feature = "std")]
    fn drop_after_fork(&mut self) {
        let process = std::process::id();
        if self.process != process {
            self.block.zeroize();
            self.used = BLOCK;
            self.process = process;
        }
    }

    #[cfg(not(feature = "std"))]
    fn drop_after_fork(&mut self) {}
}

impl<R: TryCryptoRng> TryRng for BufferedRng<R> {
    type Error = R::Error;

    fn try_next_u32(&mut self) -> Result<u32, R::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, R::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, mut bytes: &mut [u8]) -> Result<(), R::Error> {
        while !bytes.is_empty() {
            let taken = self.some(bytes)?;
            bytes = &mut bytes[taken..];
        }
        Ok(())
    }
}

impl<R: TryCryptoRng> TryCryptoRng for BufferedRng<R> {}

impl<R> Drop for BufferedRng<R> {
    fn drop(&mut self) {
        self.block.zeroize();
    }
}

impl<R> fmt::Debug for BufferedRng<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BufferedRng({} bytes left)", BLOCK - self.used)
    }
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::{format, vec::Vec};

    /// Returns increasing bytes, counts its calls, and fails on request.
    #[derive(Default)]
    struct Counter {
        next: u8,
        calls: usize,
        fails: bool,
    }

    impl TryRng for Counter {
        type Error = fmt::Error;

        fn try_next_u32(&mut self) -> Result<u32, fmt::Error> {
            Err(fmt::Error)
        }

        fn try_next_u64(&mut self) -> Result<u64, fmt::Error> {
            Err(fmt::Error)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), fmt::Error> {
            self.calls += 1;
            for byte in bytes {
                self.next = self.next.wrapping_add(1);
                *byte = self.next;
            }
            if self.fails { Err(fmt::Error) } else { Ok(()) }
        }
    }

    impl TryCryptoRng for Counter {}

    #[test]
    fn hands_out_every_byte_once_in_order_and_wipes_it() {
        let mut rng = BufferedRng::new(Counter::default());
        let mut seen = Vec::new();
        for length in [0, 1, 3, 250, 5, 600, 17] {
            let mut bytes = alloc::vec![0; length];
            rng.try_fill_bytes(&mut bytes).unwrap();
            seen.extend(bytes);
            assert!(rng.block[..rng.used % BLOCK].iter().all(|byte| *byte == 0), "wiped");
        }
        seen.extend(rng.try_next_u32().unwrap().to_le_bytes());
        seen.extend(rng.try_next_u64().unwrap().to_le_bytes());
        let counted: Vec<u8> = (0..seen.len()).map(|place| (place + 1) as u8).collect();
        assert_eq!(seen, counted);
        assert_eq!(rng.rng.calls, seen.len().div_ceil(BLOCK));
    }

    #[test]
    fn a_failed_draw_is_an_error_and_its_bytes_are_discarded() {
        let mut rng = BufferedRng::new(Counter { fails: true, ..Counter::default() });
        assert!(rng.try_next_u64().is_err());
        rng.rng.fails = false;
        assert_eq!(rng.try_next_u32(), Ok(0x0403_0201), "a new block, 256 later");
    }

    #[test]
    fn debug_shows_the_remaining_length_but_no_bytes() {
        let mut rng = BufferedRng::new(Counter::default());
        let _ = rng.try_next_u64();
        assert_eq!(format!("{rng:?}"), "BufferedRng(248 bytes left)");
    }
}
