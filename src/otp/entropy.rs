//! Draws from the caller's generator, with checks for a broken one.

use core::fmt;

use rand_core::TryCryptoRng;
use zeroize::Zeroize;

use super::handle::Handle;
use crate::error::EntropyError;
use crate::rng::Fill;

/// Length of the draw of a call that issues a code, in bytes. Drawn at once: one call of an
/// operating system's generator costs as much as three HMACs.
const BLOCK: usize = 64;

/// The random bytes of one call that issues a code or enrols an authenticator: for its operation id,
/// its handle and the code, or for the id of the enrolment and a nonce. Wiped on drop.
pub struct Drawn([u8; BLOCK]);

impl Drawn {
    /// Draws the bytes.
    ///
    /// # Errors
    ///
    /// [`EntropyError::Failed`] or [`EntropyError::Stuck`] if the generator fails or repeats
    /// itself.
    pub fn new<R: TryCryptoRng>(rng: &mut R) -> Result<Self, EntropyError> {
        Self::from_fill(rng)
    }

    /// Draws the bytes. A block of equal words comes from a stuck generator: by chance it occurs
    /// once in 2^448.
    pub(crate) fn from_fill(rng: &mut dyn Fill) -> Result<Self, EntropyError> {
        let mut drawn = Self([0; BLOCK]);
        rng.fill(&mut drawn.0)?;
        let (words, _) = drawn.0.as_chunks::<8>();
        if words.iter().all(|word| *word == words[0]) {
            return Err(EntropyError::Stuck);
        }
        Ok(drawn)
    }

    /// Returns the random part of the operation's id.
    pub(crate) fn operation(&self) -> u64 {
        u64::from_le_bytes(core::array::from_fn(|place| self.0[place]))
    }

    pub(crate) fn handle(&self) -> Handle {
        Handle::from_bytes(core::array::from_fn(|place| self.0[8 + place]))
    }

    /// Returns the id of a new enrolment.
    #[cfg(feature = "totp")]
    pub(crate) fn enrolment(&self) -> [u8; 8] {
        core::array::from_fn(|place| self.0[8 + place])
    }

    /// Returns the random bytes that the nonce of a sealed secret is made of.
    #[cfg(feature = "totp")]
    pub(crate) fn nonce(&self) -> [u8; 24] {
        core::array::from_fn(|place| self.0[24 + place])
    }

    /// Returns the bytes from which the code is made.
    pub(super) fn code(&self) -> &[u8] {
        &self.0[24..]
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drawn(..)")
    }
}

/// Draws two words for a call that issues no code, and returns one as its operation id. Two equal
/// words come from a stuck generator: by chance they occur once in 2^64.
pub(crate) fn operation(rng: &mut dyn Fill) -> Result<u64, EntropyError> {
    let mut words = [0; 16];
    rng.fill(&mut words)?;
    let words = u128::from_le_bytes(words);
    let (name, other) = (words as u64, (words >> 64) as u64);
    if name == other { Err(EntropyError::Stuck) } else { Ok(name) }
}

/// Draws the id of a device, with the same check.
pub(super) fn device(rng: &mut dyn Fill) -> Result<[u8; 16], EntropyError> {
    let mut id = [0; 16];
    rng.fill(&mut id)?;
    let (words, _) = id.as_chunks::<8>();
    if words[0] == words[1] { Err(EntropyError::Stuck) } else { Ok(id) }
}

#[cfg(test)]
pub(crate) mod testing {
    use core::fmt;
    use rand_core::{TryCryptoRng, TryRng};

    /// A generator with scripted output.
    pub(crate) enum Script {
        Repeating { bytes: [u8; 8], len: usize, next: usize },
        Failing,
    }

    impl Script {
        /// Repeats these bytes, except for every 13th, which keeps the blocks from being equal.
        pub(crate) fn repeating(bytes: &[u8]) -> Self {
            let mut held = [0; 8];
            held[..bytes.len()].copy_from_slice(bytes);
            Self::Repeating { bytes: held, len: bytes.len(), next: 0 }
        }

        fn byte(&mut self) -> Result<u8, Broken> {
            match self {
                Self::Repeating { bytes, len, next } => {
                    *next += 1;
                    // Out of range of every alphabet.
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
    extern crate alloc;
    use super::testing::Script;
    use super::*;

    #[test]
    fn reports_a_failing_generator() {
        assert_eq!(Drawn::new(&mut Script::Failing).map(drop), Err(EntropyError::Failed));
        assert_eq!(operation(&mut Script::Failing), Err(EntropyError::Failed));
        assert_eq!(device(&mut Script::Failing), Err(EntropyError::Failed));
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
    fn reports_a_stuck_generator() {
        assert_eq!(Drawn::new(&mut Stuck).map(drop), Err(EntropyError::Stuck));
        assert_eq!(operation(&mut Stuck), Err(EntropyError::Stuck));
        assert_eq!(device(&mut Stuck), Err(EntropyError::Stuck));
    }

    #[test]
    fn debug_hides_the_draw() {
        let drawn = Drawn::new(&mut Script::repeating(&[1, 2, 3])).unwrap();
        assert_eq!(alloc::format!("{drawn:?}"), "Drawn(..)");
    }
}
