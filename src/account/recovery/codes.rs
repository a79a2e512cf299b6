//! Drawing recovery codes.

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, Zeroizing};

use super::entry::RecoveryEntry;
use super::format::{GROUP, MOST_CODES, MOST_GROUPS, RecoveryFormat};
use super::slow_hash::SALT;
use crate::error::EntropyError;
use crate::keys::{Keys, Tag};
use crate::rng::Fill;
use crate::store::RecordKey;

/// Length of the draw's first part: the random part of the operation's id, and the salt.
const HEAD: usize = 8 + SALT;

/// Bytes drawn beyond one for each character, because 4 of 256 are out of range. More than these
/// are needed once in 10^29.
const SPARE: usize = 48;

/// Length of the longest draw.
const LONGEST: usize = HEAD + MOST_CODES * MOST_GROUPS * GROUP + SPARE;

/// A set of recovery codes in clear text, to be shown to their owner once. `Debug` hides them, and
/// they are wiped on drop.
///
/// The codes are uniformly random. They cannot be read again: the record contains only hashes.
///
/// See [`RecoveryFormat`] for what they are in the terms of NIST SP 800-63B-4.
#[derive(Clone)]
pub struct RecoveryCodes {
    /// The codes with their dashes, one after the other.
    text: Box<[u8]>,
    format: RecoveryFormat,
}

impl RecoveryCodes {
    /// Returns the codes, such as `k3v9-x0pm-77ad`.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        let codes = self.text.chunks_exact(self.format.text());
        codes.map(|code| core::str::from_utf8(code).unwrap_or_default())
    }

    /// Returns the number of codes and their length.
    #[must_use]
    pub const fn format(&self) -> RecoveryFormat {
        self.format
    }

    /// Writes codes from random bytes. Each character is equally likely.
    fn from_random(format: RecoveryFormat, random: &[u8]) -> Result<Self, EntropyError> {
        let mut codes = Self { text: vec![b'-'; format.text() * usize::from(format.codes())].into(), format };
        let mut symbols = random.iter().filter_map(|random| symbol(*random));
        for code in codes.text.chunks_exact_mut(format.text()) {
            for group in code.chunks_mut(GROUP + 1) {
                for place in group.iter_mut().take(GROUP) {
                    *place = symbols.next().ok_or(EntropyError::Stuck)?;
                }
            }
        }
        // By chance two codes of a set are equal less than once in 10^16.
        if codes.has_equal() { Err(EntropyError::Stuck) } else { Ok(codes) }
    }

    fn has_equal(&self) -> bool {
        let code = || self.text.chunks_exact(self.format.text()).enumerate();
        let pairs = code().flat_map(|(place, one)| code().skip(place + 1).map(move |(_, two)| (one, two)));
        pairs.fold(Choice::from(0), |any, (one, two)| any | one.ct_eq(two)).into()
    }
}

/// Maps a random byte to a character. Bytes beyond the last full round of the alphabet are rejected
/// rather than folded, so that all characters are equally likely.
///
/// Computed rather than looked up: an index into a table would reveal the character through the
/// processor's cache.
fn symbol(random: u8) -> Option<u8> {
    let place = random % 36;
    let is_digit = u8::from(place >= 26);
    (random < 252).then_some(b'a' + place - is_digit * (b'a' + 26 - b'0'))
}

impl Drop for RecoveryCodes {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryCodes({})", self.format.codes())
    }
}

/// All randomness of a call that issues recovery codes, drawn at once.
pub(crate) struct DrawnCodes {
    operation: u64,
    pub(super) salt: [u8; SALT],
    pub(super) codes: RecoveryCodes,
    /// The tags of the codes, once they were computed.
    tags: [Tag; MOST_CODES],
    is_tagged: bool,
}

impl DrawnCodes {
    /// Draws codes.
    ///
    /// # Errors
    ///
    /// [`EntropyError::Failed`] or [`EntropyError::Stuck`] if the generator fails or repeats
    /// itself.
    pub(crate) fn new(format: RecoveryFormat, rng: &mut dyn Fill) -> Result<Self, EntropyError> {
        let mut drawn = Zeroizing::new([0; LONGEST]);
        let length = HEAD + format.symbols() * usize::from(format.codes()) + SPARE;
        let drawn = drawn.get_mut(..length).unwrap_or_default();
        rng.fill(drawn)?;
        // All lengths are multiples of four bytes; the rest of a word is not compared.
        let (words, _) = drawn.as_chunks::<8>();
        if words.iter().all(|word| *word == words[0]) {
            return Err(EntropyError::Stuck);
        }
        let (operation, rest) = drawn.split_first_chunk().ok_or(EntropyError::Stuck)?;
        let (salt, random) = rest.split_first_chunk().ok_or(EntropyError::Stuck)?;
        Ok(Self {
            operation: u64::from_le_bytes(*operation),
            salt: *salt,
            codes: RecoveryCodes::from_random(format, random)?,
            tags: [Tag::default(); MOST_CODES],
            is_tagged: false,
        })
    }

    /// Returns the random part of the operation's id.
    pub(crate) const fn operation(&self) -> u64 {
        self.operation
    }

    /// Returns the tags of the codes, for the record stored under `key`. They are computed once,
    /// because each takes a slow hash.
    pub(super) fn tags(&mut self, keys: &Keys, key: &RecordKey) -> &[Tag; MOST_CODES] {
        if !self.is_tagged {
            for (tag, code) in self.tags.iter_mut().zip(self.codes.iter()) {
                *tag = RecoveryEntry::new(code).tag(keys, key, &self.salt);
            }
            self.is_tagged = true;
        }
        &self.tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec::Vec;

    /// Repeats its bytes from one call to the next, or fails.
    struct Scripted<'a>(Option<&'a [u8]>);

    impl Fill for Scripted<'_> {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
            let script = self.0.ok_or(EntropyError::Failed)?;
            bytes.iter_mut().zip(script.iter().cycle()).for_each(|(byte, next)| *byte = *next);
            Ok(())
        }
    }

    fn drawn(format: RecoveryFormat, script: &[u8]) -> Result<DrawnCodes, EntropyError> {
        DrawnCodes::new(format, &mut Scripted(Some(script)))
    }

    #[test]
    fn all_symbols_are_equally_likely() {
        let mut count = [0; 256];
        (0..=255).filter_map(symbol).for_each(|symbol| count[usize::from(symbol)] += 1);
        for byte in 0..=255_u8 {
            let is_symbol = byte.is_ascii_lowercase() || byte.is_ascii_digit();
            assert_eq!(count[usize::from(byte)], if is_symbol { 7 } else { 0 }, "{byte}");
        }
        assert!((252..=255).all(|random| symbol(random).is_none()));
    }

    /// Bytes without a pattern, 1 of 64 out of range.
    fn noise() -> Vec<u8> {
        let next = |state: &u64| Some(state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1));
        core::iter::successors(Some(7), next).map(|state| (state >> 56) as u8).take(LONGEST).collect()
    }

    #[test]
    fn codes_are_the_bytes_in_range_in_their_order() {
        let script: Vec<u8> = (0..=251).collect();
        let three = RecoveryFormat::DEFAULT.with_codes(3).unwrap();
        // The first 24 bytes are the operation's id and the salt.
        let drawn = drawn(three, &script).unwrap();
        assert_eq!(drawn.operation(), u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7]));
        assert_eq!(drawn.salt, core::array::from_fn(|place| 8 + place as u8));
        assert!(drawn.codes.iter().eq(["yz01-2345-6789", "abcd-efgh-ijkl", "mnop-qrst-uvwx"]));
        let with_rejected: Vec<u8> = (0..24).chain([255, 252, 254, 253]).chain(24..=251).collect();
        let skipped = self::drawn(three, &with_rejected).unwrap();
        assert!(skipped.codes.iter().eq(drawn.codes.iter()));
    }

    #[test]
    fn every_format_has_its_number_of_codes_and_groups() {
        let noise = noise();
        let alphabet = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let in_range = || noise.iter().skip(24).filter(|random| **random < 252);
        assert!(in_range().count() < LONGEST - 24, "some are out of range");
        for (codes, groups) in (1..=12).flat_map(|codes| (3..=6).map(move |groups| (codes, groups))) {
            let format = RecoveryFormat::DEFAULT.with_codes(codes).unwrap().with_groups(groups).unwrap();
            let drawn = drawn(format, &noise).unwrap();
            assert_eq!(drawn.codes.iter().len(), usize::from(codes));
            let mut expected = in_range().map(|random| alphabet[usize::from(*random) % 36]);
            for code in drawn.codes.iter() {
                assert_eq!(code.split('-').count(), usize::from(groups), "{code}");
                for group in code.split('-') {
                    let expected: Vec<u8> = expected.by_ref().take(4).collect();
                    assert_eq!(group.as_bytes(), expected);
                }
                assert!(RecoveryEntry::new(code).is_of(format));
            }
        }
    }

    #[test]
    fn reports_failing_and_stuck_generators() {
        let format = RecoveryFormat::DEFAULT;
        let failed = DrawnCodes::new(format, &mut Scripted(None)).map(drop);
        assert_eq!(failed, Err(EntropyError::Failed));
        // All words are equal; all bytes are out of range but the first; two codes are equal.
        let out_of_range: Vec<u8> = [1].into_iter().chain([0xFF; 600]).collect();
        let twelve = [5, 17, 40, 33, 2, 9, 1, 0, 35, 11, 24, 99];
        for script in [&[7; 8][..], &out_of_range, &twelve] {
            assert_eq!(drawn(format, script).map(drop), Err(EntropyError::Stuck), "{script:?}");
        }
    }

    #[test]
    fn debug_hides_the_codes() {
        let drawn = drawn(RecoveryFormat::DEFAULT, &noise()).unwrap();
        assert_eq!(format!("{:?}", drawn.codes), "RecoveryCodes(10)");
    }
}
