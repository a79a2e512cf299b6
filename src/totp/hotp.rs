//! The values of RFC 4226 (HOTP), of which RFC 6238 is the case whose counter is time.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroize;

use super::algorithm::Algorithm;
use super::secret::TotpSecret;
use super::secret_error::LONGEST;

/// HMAC with an expanded key: the key schedule is paid once, not per step. Wiped on drop (the
/// `zeroize` features of the hashes).
pub(super) enum Keyed {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl Keyed {
    /// Expands the key. HMAC pads keys with zeros to the block of the hash (RFC 2104 §2), which is
    /// never shorter than a secret. Padding here makes this infallible.
    pub(super) fn new(algorithm: Algorithm, secret: &TotpSecret) -> Self {
        let padded = secret.padded();
        match algorithm {
            Algorithm::Sha1 => Self::Sha1(Hmac::new(padded.into())),
            Algorithm::Sha256 => Self::Sha256(Hmac::new(padded.into())),
            Algorithm::Sha512 => {
                let mut block = [0; 2 * LONGEST];
                block[..LONGEST].copy_from_slice(padded);
                let keyed = Hmac::new((&block).into());
                block.zeroize();
                Self::Sha512(keyed)
            }
        }
    }

    /// Returns the code of a counter as an integer below 10^`digits` (RFC 4226 §5.3).
    pub(super) fn value(&self, counter: u64, digits: u8) -> u32 {
        let truncated = match self {
            Self::Sha1(keyed) => truncated(keyed, counter),
            Self::Sha256(keyed) => truncated(keyed, counter),
            Self::Sha512(keyed) => truncated(keyed, counter),
        };
        // By constants: a division by a variable can take longer for larger values.
        match digits {
            ..=6 => truncated % 1_000_000,
            7 => truncated % 10_000_000,
            8.. => truncated % 100_000_000,
        }
    }
}

fn truncated<M: Mac + Clone>(keyed: &M, counter: u64) -> u32 {
    let mut hash = keyed.clone().chain_update(counter.to_be_bytes()).finalize().into_bytes();
    let truncated = truncate(&hash);
    hash.as_mut_slice().zeroize();
    truncated
}

/// Truncates a hash of at least 20 bytes: 31 bits from the byte on that the hash's last four bits
/// name, which is at most the 16th (RFC 4226 §5.3; for the longer hashes, the reference
/// implementation in RFC 6238, Appendix A).
///
/// The place is as secret as the hash, and an index would reveal it through the processor's cache.
/// So the hash is shifted by 8, 4, 2 and 1 bytes, each if the place has that bit.
fn truncate(hash: &[u8]) -> u32 {
    let (words, rest) = hash.as_chunks::<8>();
    let (Some(&[first, second]), Some(last)) = (words.first_chunk(), hash.last()) else { return 0 };
    let (first, second) = (u64::from_be_bytes(first), u64::from_be_bytes(second));
    let third = match words.get(2) {
        Some(third) => u64::from_be_bytes(*third),
        // SHA-1: 20 bytes, of which at most the first 19 count.
        None => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)) << 32,
    };
    let bit = |place: u8| Choice::from(last >> place & 1);
    let mut window = u64::conditional_select(&first, &second, bit(3));
    let after = u64::conditional_select(&second, &third, bit(3));
    window.conditional_assign(&(window << 32 | after >> 32), bit(2));
    window.conditional_assign(&(window << 16), bit(1));
    window.conditional_assign(&(window << 8), bit(0));
    (window >> 32) as u32 & 0x7FFF_FFFF
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula of RFC 4226 §5.4, with an index.
    fn plain(hash: &[u8]) -> u32 {
        let place = usize::from(hash.last().unwrap() & 0xF);
        u32::from_be_bytes(hash[place..place + 4].try_into().unwrap()) & 0x7FFF_FFFF
    }

    #[test]
    fn truncates_at_every_place_of_every_hash() {
        for length in [20, 32, 64] {
            for place in 0..=255 {
                let mut hash: [u8; 64] = core::array::from_fn(|at| (at as u8).wrapping_mul(167) ^ place);
                hash[length - 1] = place;
                assert_eq!(truncate(&hash[..length]), plain(&hash[..length]), "{place} of {length}");
            }
        }
    }

    /// RFC 4226 §5.4.
    #[test]
    fn truncates_the_example_of_the_rfc() {
        let hash = 0x1f86_9869_0e02_ca16_6185_50ef_7f19_da8e_u128.to_be_bytes();
        let mut whole = [0; 20];
        whole[..16].copy_from_slice(&hash);
        whole[16..].copy_from_slice(&[0x94, 0x5b, 0x55, 0x5a]);
        assert_eq!(truncate(&whole), 0x50ef_7f19);
    }
}
