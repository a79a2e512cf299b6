//! The secret that an authenticator and its verifier share.

use core::fmt;
use core::str::FromStr;

use rand_core::TryCryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::algorithm::Algorithm;
use super::base32;
use super::secret_error::{LONGEST, SHORTEST, SecretError, SecretErrorKind};
use super::text::SecretText;
use crate::error::EntropyError;
use crate::rng::Fill;

/// A secret of 16 to 64 bytes. `Debug` hides it, comparison takes constant time, and it is wiped on
/// drop.
///
/// Parsing accepts Base32 (RFC 4648 §6) in any case, with spaces, dashes and padding on the right,
/// as people copy it from a page. Bits that remain after the last whole byte are ignored.
///
/// ```
/// use countersign::totp::{SecretErrorKind, TotpSecret};
///
/// let secret: TotpSecret = "gezd gnbv gy3t qojq - GEZD GNBV GY3T QOJQ".parse()?;
/// assert_eq!(secret, TotpSecret::from_bytes(b"12345678901234567890")?);
/// assert_eq!(secret.to_base32().as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
///
/// let error = "GEZDGNBVGY3TQOJ0".parse::<TotpSecret>().unwrap_err();
/// assert_eq!((error.kind(), error.position()), (SecretErrorKind::Character, 15));
/// # Ok::<(), countersign::totp::SecretError>(())
/// ```
#[derive(Clone)]
pub struct TotpSecret {
    /// The secret, followed by zeros.
    padded: [u8; LONGEST],
    length: u8,
}

impl TotpSecret {
    /// Creates a secret from random bytes.
    ///
    /// # Errors
    ///
    /// [`SecretErrorKind::TooShort`] or [`SecretErrorKind::TooLong`] if there are not 16 to 64
    /// bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        if bytes.len() < SHORTEST {
            return Err(SecretError::new(SecretErrorKind::TooShort, bytes.len()));
        }
        let mut secret = Self { padded: [0; LONGEST], length: 0 };
        let Some(place) = secret.padded.get_mut(..bytes.len()) else {
            return Err(SecretError::new(SecretErrorKind::TooLong, LONGEST));
        };
        place.copy_from_slice(bytes);
        secret.length = bytes.len() as u8;
        Ok(secret)
    }

    /// Draws a secret of 20 bytes, which every app accepts (RFC 4226 §4, R6 recommends 160 bits).
    ///
    /// # Errors
    ///
    /// [`EntropyError::Failed`] or [`EntropyError::Stuck`] if the generator fails or repeats
    /// itself.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use countersign::rng::SystemRng;
    /// use countersign::totp::TotpSecret;
    ///
    /// let secret = TotpSecret::generate(&mut SystemRng)?;
    /// assert_eq!(secret.to_base32().as_str().len(), 32);
    /// assert_eq!(format!("{secret:?}"), "TotpSecret(20 bytes)");
    /// # }
    /// # Ok::<(), countersign::error::EntropyError>(())
    /// ```
    pub fn generate<R: TryCryptoRng>(rng: &mut R) -> Result<Self, EntropyError> {
        Self::drawn(rng, 20)
    }

    /// Draws a secret as long as the hash of `algorithm`: 20, 32 or 64 bytes (RFC 6238 §5.1).
    ///
    /// # Errors
    ///
    /// As for [`generate`](Self::generate).
    pub fn generate_for<R: TryCryptoRng>(algorithm: Algorithm, rng: &mut R) -> Result<Self, EntropyError> {
        Self::drawn(rng, algorithm.output_length())
    }

    /// Draws `length` bytes, 16 to 64. Equal words come from a stuck generator: by chance they
    /// occur once in 2^64.
    pub(crate) fn drawn(rng: &mut dyn Fill, length: usize) -> Result<Self, EntropyError> {
        let length = length.clamp(SHORTEST, LONGEST);
        let mut secret = Self { padded: [0; LONGEST], length: length as u8 };
        let bytes = &mut secret.padded[..length];
        rng.fill(bytes)?;
        let (words, _) = bytes.as_chunks::<8>();
        if words.iter().all(|word| *word == words[0]) { Err(EntropyError::Stuck) } else { Ok(secret) }
    }

    /// Returns the secret in Base32, in upper case and without padding.
    #[must_use]
    pub fn to_base32(&self) -> SecretText {
        base32::encode(self.as_bytes())
    }

    /// Returns the bytes of the secret.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.padded.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Returns the length of the secret, and the secret followed by zeros.
    pub(crate) const fn to_padded(&self) -> (u8, &[u8; LONGEST]) {
        (self.length, &self.padded)
    }

    /// Creates a secret of this length from one that is followed by zeros. In contrast to
    /// [`from_bytes`](Self::from_bytes), its time does not depend on the length.
    pub(crate) fn from_padded(length: u8, padded: &[u8; LONGEST]) -> Option<Self> {
        let secret = Self { padded: *padded, length };
        (SHORTEST..=LONGEST).contains(&usize::from(length)).then_some(secret)
    }

    /// Returns the secret, followed by zeros.
    pub(super) const fn padded(&self) -> &[u8; LONGEST] {
        &self.padded
    }
}

impl FromStr for TotpSecret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let (bytes, length) = base32::decode(text)?;
        Self::from_bytes(&bytes[..length]).map_err(|error| SecretError::new(error.kind(), text.len()))
    }
}

impl PartialEq for TotpSecret {
    fn eq(&self, other: &Self) -> bool {
        (self.padded.ct_eq(&other.padded) & self.length.ct_eq(&other.length)).into()
    }
}

impl Eq for TotpSecret {}

impl Drop for TotpSecret {
    fn drop(&mut self) {
        self.padded.zeroize();
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TotpSecret({} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(Result<u8, ()>);

    impl Fill for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
            let start = self.0.map_err(|()| EntropyError::Failed)?;
            bytes.iter_mut().zip(0..).for_each(|(byte, at)| *byte = start * at);
            Ok(())
        }
    }

    #[test]
    fn draws_the_length_of_the_hash() {
        for algorithm in Algorithm::ALL {
            let secret = TotpSecret::drawn(&mut Fixed(Ok(1)), algorithm.output_length()).unwrap();
            assert!(secret.as_bytes().iter().copied().eq(0..algorithm.output_length() as u8));
        }
    }

    #[test]
    fn reports_failing_and_stuck_generators() {
        for length in [16, 20, 32, 64] {
            assert_eq!(TotpSecret::drawn(&mut Fixed(Err(())), length), Err(EntropyError::Failed));
            assert_eq!(TotpSecret::drawn(&mut Fixed(Ok(0)), length), Err(EntropyError::Stuck));
        }
    }

    #[test]
    fn secrets_are_equal_only_with_their_length() {
        let secret = |length| TotpSecret::from_bytes(&[0; 64][..length]).unwrap();
        assert_eq!(secret(16), secret(16));
        assert_ne!(secret(16), secret(17), "the same bytes with padding");
    }

    #[test]
    fn lengths_are_16_to_64_bytes() {
        for length in 0..200 {
            let secret = TotpSecret::from_bytes(&[7; 200][..length]);
            assert_eq!(secret.is_ok(), (16..=64).contains(&length), "{length}");
            assert!(secret.map_or(true, |secret| secret.as_bytes().len() == length));
        }
    }
}
