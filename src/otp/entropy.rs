//! Drawing from the caller's generator, with an eye on it.

use core::fmt;

use rand_core::TryCryptoRng;
use zeroize::Zeroize;

/// One call of an operating system's generator costs as much as three HMACs, so bytes are drawn by the block.
const BLOCK: usize = 64;

/// Random bytes from a generator that may fail. What was drawn is wiped when it is dropped.
pub(crate) struct Draw<'a, R> {
    rng: &'a mut R,
    block: [u8; BLOCK],
    used: usize,
}

impl<'a, R: TryCryptoRng> Draw<'a, R> {
    pub(crate) fn new(rng: &'a mut R) -> Self {
        Self { rng, block: [0; BLOCK], used: BLOCK }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, EntropyError> {
        if self.used == BLOCK {
            self.refill()?;
        }
        self.used += 1;
        Ok(self.block[self.used - 1])
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], EntropyError> {
        let mut drawn = [0; N];
        for byte in &mut drawn {
            *byte = self.byte()?;
        }
        Ok(drawn)
    }

    /// A block of which all words are equal comes from a generator that is stuck: by chance it comes once in 2^448. So
    /// does the same block twice in a row. Blocks of different calls are not compared.
    fn refill(&mut self) -> Result<(), EntropyError> {
        let mut last = self.block;
        let filled = self.rng.try_fill_bytes(&mut self.block).map_err(|_| EntropyError::Failed);
        let repeats = self.block == last;
        last.zeroize();
        filled?;
        let (words, _) = self.block.as_chunks::<8>();
        if repeats || words.iter().all(|word| *word == words[0]) {
            return Err(EntropyError::Stuck);
        }
        self.used = 0;
        Ok(())
    }
}

impl<R> Drop for Draw<'_, R> {
    fn drop(&mut self) {
        self.block.zeroize();
    }
}

/// A number that names an operation. Two equal words in a row come from a generator that is stuck: by chance they come
/// once in 2^64.
pub(crate) fn operation<R: TryCryptoRng>(rng: &mut R) -> Result<u64, EntropyError> {
    let mut words = [0; 16];
    rng.try_fill_bytes(&mut words).map_err(|_| EntropyError::Failed)?;
    let words = u128::from_le_bytes(words);
    let (name, other) = (words as u64, (words >> 64) as u64);
    if name == other { Err(EntropyError::Stuck) } else { Ok(name) }
}

/// The generator of random numbers gave none that may be used. No code was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntropyError {
    /// It reported an error.
    Failed,
    /// It repeats itself in one of the ways that are seen: all eight-byte words of a block are equal, the
    /// same block came twice in a row within one call, or a start drew the handle of the challenge that
    /// the record holds. A generator that is predictable, or repeats itself in any other way, is not
    /// noticed.
    Stuck,
}

impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed => "the random number generator failed",
            Self::Stuck => "the random number generator repeats itself",
        })
    }
}

impl core::error::Error for EntropyError {}

#[cfg(test)]
pub(crate) mod testing {
    use core::fmt;
    use rand_core::{TryCryptoRng, TryRng};

    /// A generator that says what a test wants.
    pub(crate) enum Script {
        Repeating { bytes: [u8; 8], len: usize, next: usize },
        Failing,
    }

    impl Script {
        /// These bytes again and again, save for a ninth of another kind that keeps the blocks from being equal.
        pub(crate) fn repeating(bytes: &[u8]) -> Self {
            let mut held = [0; 8];
            held[..bytes.len()].copy_from_slice(bytes);
            Self::Repeating { bytes: held, len: bytes.len(), next: 0 }
        }

        fn byte(&mut self) -> Result<u8, Broken> {
            match self {
                Self::Repeating { bytes, len, next } => {
                    *next += 1;
                    // Every 13th byte is out of every alphabet.
                    Ok(if *next % 13 == 0 { 0xFF } else { bytes[(*next - 1) % *len] })
                }
                Self::Failing => Err(Broken),
            }
        }
    }

    #[derive(Debug)]
    pub(crate) struct Broken;

    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("broken")
        }
    }

    impl core::error::Error for Broken {}

    impl TryRng for Script {
        type Error = Broken;

        fn try_next_u32(&mut self) -> Result<u32, Broken> {
            let mut bytes = [0; 4];
            self.try_fill_bytes(&mut bytes)?;
            Ok(u32::from_le_bytes(bytes))
        }

        fn try_next_u64(&mut self) -> Result<u64, Broken> {
            let mut bytes = [0; 8];
            self.try_fill_bytes(&mut bytes)?;
            Ok(u64::from_le_bytes(bytes))
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Broken> {
            for byte in bytes {
                *byte = self.byte()?;
            }
            Ok(())
        }
    }

    impl TryCryptoRng for Script {}
}

#[cfg(test)]
mod tests {
    use super::testing::Script;
    use super::*;

    #[test]
    fn a_failing_generator_is_an_error() {
        let mut rng = Script::Failing;
        let mut draw = Draw::new(&mut rng);
        assert_eq!(draw.byte(), Err(EntropyError::Failed));
        assert_eq!(draw.byte(), Err(EntropyError::Failed), "and stays one");
        assert_eq!(operation(&mut Script::Failing), Err(EntropyError::Failed));
    }

    struct Stuck;

    impl rand_core::TryRng for Stuck {
        type Error = core::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(u32::MAX)
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(u64::MAX)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(0xFF);
            Ok(())
        }
    }

    impl TryCryptoRng for Stuck {}

    #[test]
    fn a_stuck_generator_is_an_error() {
        assert_eq!(Draw::new(&mut Stuck).byte(), Err(EntropyError::Stuck));
        assert_eq!(operation(&mut Stuck), Err(EntropyError::Stuck));
    }

    #[test]
    fn a_generator_that_repeats_its_blocks_is_an_error() {
        struct SameBlock;
        impl rand_core::TryRng for SameBlock {
            type Error = core::convert::Infallible;
            fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
                Ok(1)
            }
            fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
                Ok(1)
            }
            fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
                bytes.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n);
                Ok(())
            }
        }
        impl TryCryptoRng for SameBlock {}
        let mut rng = SameBlock;
        let mut draw = Draw::new(&mut rng);
        assert!(draw.bytes::<BLOCK>().is_ok());
        assert_eq!(draw.byte(), Err(EntropyError::Stuck));
    }
}
