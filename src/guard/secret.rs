//! The secret under which tallies are kept.

use core::fmt;

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::level::Level;
use crate::keys::TenantId;
use crate::store::{EntryKind, TallyKey};

/// The longest input of one compression.
const ONE_BLOCK: usize = 55;

/// The initial state of SHA-256 (FIPS 180-4 §5.3.3).
const INITIAL: [u32; 8] =
    [0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19];

/// The secret under which tallies are kept: the same on every server, and never rotated, or all
/// tallies would be forgotten. Wiped when it is dropped.
#[derive(Clone)]
pub struct TallySecret([u8; 16]);

impl TallySecret {
    /// From 16 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The key of a tally: a hash of 42 bytes at a fixed width, which takes one compression.
    pub(super) fn key(&self, level: Level, channel: u8, tenant: Option<&TenantId>, prefix: u64) -> TallyKey {
        let hash = self.hash(level, channel, tenant, &prefix.to_le_bytes());
        TallyKey::new(level.kind(), hash)
    }

    /// The key of an address, which may be long.
    pub(super) fn address(&self, tenant: Option<&TenantId>, address: &[u8]) -> TallyKey {
        TallyKey::new(EntryKind::Number, self.hash(Level::Address, 0, tenant, address))
    }

    /// What comes before the value has a fixed width.
    pub(super) fn hash(
        &self,
        level: Level,
        channel: u8,
        tenant: Option<&TenantId>,
        value: &[u8],
    ) -> [u8; 16] {
        let mut input = [0; 64];
        input[..16].copy_from_slice(&self.0);
        input[16..18].copy_from_slice(&[level.number(), channel]);
        if let Some(tenant) = tenant {
            input[18..34].copy_from_slice(tenant.as_bytes());
        }
        let len = 34 + value.len();
        let mut cut = [0; 16];
        match input.get_mut(34..len).filter(|_| len <= ONE_BLOCK) {
            Some(place) => {
                place.copy_from_slice(value);
                // The padding of FIPS 180-4, by hand: the hasher's buffer costs as much as the
                // hash.
                input[len] = 0x80;
                input[56..].copy_from_slice(&(8 * len as u64).to_be_bytes());
                let mut state = INITIAL;
                compress256(&mut state, &[input]);
                for (place, word) in cut.chunks_exact_mut(4).zip(state) {
                    place.copy_from_slice(&word.to_be_bytes());
                }
            }
            None => {
                let hash = Sha256::new().chain_update(&input[..34]).chain_update(value).finalize();
                cut.copy_from_slice(&hash[..16]);
            }
        }
        input[..16].zeroize();
        cut
    }
}

impl Drop for TallySecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for TallySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TallySecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec::Vec;

    #[test]
    fn a_key_is_the_hash_of_secret_level_and_prefix() {
        let secret = TallySecret::new([7; 16]);
        let tenant = TenantId::from_bytes([9; 16]);
        let input = [&[7; 16][..], &[4, 1], &[9; 16], &44_770_090_u64.to_le_bytes()].concat();
        let mut expected = Vec::from(&Sha256::digest(input)[..16]);
        expected[15] &= !1;
        assert_eq!(secret.key(Level::Block10k, 1, Some(&tenant), 44_770_090).as_bytes()[..], expected);
    }

    #[test]
    fn long_values_are_hashed_with_the_same_bytes_before_them() {
        let secret = TallySecret::new([7; 16]);
        for len in [0, 20, 21, 22, 300] {
            let value = Vec::from_iter((0..len).map(|byte| byte as u8));
            let input = [&[7; 16][..], &[Level::Address.number(), 0], &[0; 16], &value].concat();
            assert_eq!(
                secret.hash(Level::Address, 0, None, &value)[..],
                Sha256::digest(input)[..16],
                "{len}"
            );
        }
    }

    #[test]
    fn the_secret_is_not_shown() {
        assert_eq!(format!("{:?}", TallySecret::new([7; 16])), "TallySecret(…)");
    }
}
