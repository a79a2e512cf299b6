//! The secret in the keys of tallies.

use core::array;
use core::fmt;

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::level::Level;
use crate::keys::TenantId;
use crate::store::{EntryKind, TallyKey};

/// The bytes of the secret at the front of each input.
const SECRET: usize = 16;

/// The bytes before the value: secret, level, channel and tenant.
const BEFORE: usize = 34;

/// The longest input of one compression.
const ONE_BLOCK: usize = 55;

/// The initial state of SHA-256 (FIPS 180-4 §5.3.3).
const INITIAL: [u32; 8] =
    [0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19];

/// The secret in the keys of tallies. Every server must use the same one. A new secret forgets all
/// tallies. Wiped on drop.
#[derive(Clone)]
pub struct TallySecret([u8; 16]);

impl TallySecret {
    /// Creates a secret from 16 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the key of a tally: a hash of 42 bytes at fixed places, which takes one compression.
    pub(super) fn key(&self, level: Level, channel: u8, tenant: Option<&TenantId>, prefix: u64) -> TallyKey {
        let [key] = self.keys(tenant, [(level, channel, prefix)]);
        key
    }

    /// Returns the keys of tallies by level, channel and prefix.
    ///
    /// All blocks are written before the first is hashed, so that the processor can overlap the
    /// hashes. It could not if each waited for bytes that were just written.
    pub(super) fn keys<const N: usize>(
        &self,
        tenant: Option<&TenantId>,
        tallies: [(Level, u8, u64); N],
    ) -> [TallyKey; N] {
        let mut blocks = [[0; 64]; N];
        for (block, (level, channel, prefix)) in blocks.iter_mut().zip(tallies) {
            self.fill(block, level, channel, tenant, prefix.to_le_bytes());
        }
        let keys = array::from_fn(|place| TallyKey::new(tallies[place].0.kind(), compress(&blocks[place])));
        blocks.iter_mut().for_each(wipe);
        keys
    }

    /// Returns the hash of a short value, which takes one compression.
    pub(super) fn hash<const N: usize>(
        &self,
        level: Level,
        channel: u8,
        tenant: Option<&TenantId>,
        value: [u8; N],
    ) -> [u8; 16] {
        let mut block = [0; 64];
        self.fill(&mut block, level, channel, tenant, value);
        let hash = compress(&block);
        wipe(&mut block);
        hash
    }

    /// Returns the key of an address, which may be long.
    pub(super) fn address(&self, tenant: Option<&TenantId>, address: &[u8]) -> TallyKey {
        let mut block = [0; 64];
        self.fill(&mut block, Level::Address, 0, tenant, []);
        let hash = Sha256::new().chain_update(&block[..BEFORE]).chain_update(address).finalize();
        wipe(&mut block);
        TallyKey::new(EntryKind::Number, array::from_fn(|place| hash[place]))
    }

    /// Fills a block of zeros with the input of one compression, padded as FIPS 180-4 says. The
    /// hasher's own buffer costs as much as the hash.
    fn fill<const N: usize>(
        &self,
        block: &mut [u8; 64],
        level: Level,
        channel: u8,
        tenant: Option<&TenantId>,
        value: [u8; N],
    ) {
        const { assert!(BEFORE + N <= ONE_BLOCK) };
        block[..SECRET].copy_from_slice(&self.0);
        block[SECRET..18].copy_from_slice(&[level.number(), channel]);
        if let Some(tenant) = tenant {
            block[18..BEFORE].copy_from_slice(tenant.as_bytes());
        }
        let end = BEFORE + N;
        block[BEFORE..end].copy_from_slice(&value);
        block[end] = 0x80;
        block[56..].copy_from_slice(&(8 * end as u64).to_be_bytes());
    }
}

/// Returns the first 16 bytes of the hash of a padded block.
fn compress(block: &[u8; 64]) -> [u8; 16] {
    let mut state = INITIAL;
    compress256(&mut state, core::slice::from_ref(block));
    let [a, b, c, d, ..] = state.map(u32::to_be_bytes);
    let mut cut = [0; 16];
    for (place, word) in cut.chunks_exact_mut(4).zip([a, b, c, d]) {
        place.copy_from_slice(&word);
    }
    cut
}

/// Wipes the secret from a block.
fn wipe(block: &mut [u8; 64]) {
    block[..SECRET].zeroize();
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
    fn keys_are_hashes_of_secret_level_channel_tenant_and_prefix() {
        let secret = TallySecret::new([7; 16]);
        let tenant = TenantId::from_bytes([9; 16]);
        let expected = |level: u8, prefix: u64| {
            let input = [&[7; 16][..], &[level, 1], &[9; 16], &prefix.to_le_bytes()].concat();
            let mut hash = Vec::from(&Sha256::digest(input)[..16]);
            hash[15] &= !1;
            hash
        };
        let keys =
            secret.keys(Some(&tenant), [(Level::Block10k, 1, 44_770_090), (Level::Block1M, 1, 447_700)]);
        assert_eq!(keys[0].as_bytes()[..], expected(4, 44_770_090));
        assert_eq!(keys[1].as_bytes()[..], expected(6, 447_700));
        assert_eq!(secret.key(Level::Block10k, 1, Some(&tenant), 44_770_090), keys[0]);
    }

    #[test]
    fn values_of_any_length_follow_the_same_bytes() {
        let secret = TallySecret::new([7; 16]);
        let hash = |level: Level, value: &[u8]| {
            let input = [&[7; 16][..], &[level.number(), 0], &[0; 16], value].concat();
            Vec::from(&Sha256::digest(input)[..16])
        };
        assert_eq!(secret.hash(Level::Host(0), 0, None, [5; 0])[..], hash(Level::Host(0), &[]));
        assert_eq!(secret.hash(Level::Host(0), 0, None, [5; 17])[..], hash(Level::Host(0), &[5; 17]));
        assert_eq!(secret.hash(Level::Host(0), 0, None, [5; 21])[..], hash(Level::Host(0), &[5; 21]));
        for len in [0, 20, 21, 22, 300] {
            let value = Vec::from_iter((0..len).map(|byte| byte as u8));
            let mut expected = hash(Level::Address, &value);
            expected[15] |= 1;
            assert_eq!(secret.address(None, &value).as_bytes()[..], expected, "{len}");
        }
    }

    #[test]
    fn debug_hides_the_secret() {
        assert_eq!(format!("{:?}", TallySecret::new([7; 16])), "TallySecret(…)");
    }
}
