//! Keys and MACs, computed as documented and independently of the library: keys by HKDF-SHA256 (RFC
//! 5869), built from HMAC only, and the MACs of records.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub const ROOT: [u8; 32] = [7; 32];

/// The domain bytes of the kinds of records.
pub const PASSCODES: u8 = 1;
pub const ACCOUNTS: u8 = 2;
pub const RECOVERY_CODES: u8 = 3;

/// Returns the passcode record followed by its MAC.
pub fn with_mac(key: &[u8; 16], record: &[u8]) -> Vec<u8> {
    with_mac_of(PASSCODES, key, record)
}

/// Returns the record of this kind followed by its MAC.
pub fn with_mac_of(kind: u8, key: &[u8; 16], record: &[u8]) -> Vec<u8> {
    let mac = hmac(&derived(&ROOT, b"record mac"), &[&[kind], key, record]);
    [record, &mac[..16]].concat()
}

/// Derives a key for one use.
pub fn derived(secret: &[u8], label: &[u8]) -> [u8; 32] {
    hkdf(b"countersign 1", secret, label)
}

/// HKDF-SHA256: extract (RFC 5869 §2.2), then expand (§2.3).
pub fn hkdf<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    let pseudorandom = hmac(salt, &[secret]);
    let (mut derived, mut block) = (Vec::new(), Vec::new());
    for counter in 1..=N.div_ceil(32) {
        block = hmac(&pseudorandom, &[&block, info, &[u8::try_from(counter).unwrap()]]).to_vec();
        derived.extend(&block);
    }
    *derived.first_chunk().unwrap()
}

/// Computes HMAC-SHA256.
pub fn hmac(key: &[u8], message: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    message.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
