//! Generators of any type.

use rand_core::TryCryptoRng;

use crate::error::EntropyError;

/// A caller's generator, with its type erased.
pub trait Fill {
    /// Fills the buffer with random bytes.
    ///
    /// # Errors
    ///
    /// [`EntropyError::Failed`] if the generator reports an error.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

impl<R: TryCryptoRng> Fill for R {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.try_fill_bytes(bytes).map_err(|_| EntropyError::Failed)
    }
}
