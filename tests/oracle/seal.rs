//! The seal of a record, computed as its documentation says and apart from the library: HMAC-SHA256 over the record's key
//! and its bytes, cut to 16, under a key that is derived from the root secret by a label.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub const ROOT: [u8; 32] = [7; 32];

/// The record with its seal behind it.
pub fn sealed(key: &[u8; 16], record: &[u8]) -> Vec<u8> {
    let seal = mac(&derived(&ROOT, b"seal"), &[key, record]);
    [record, &seal[..16]].concat()
}

/// A key for one use.
pub fn derived(secret: &[u8], label: &[u8]) -> [u8; 32] {
    mac(secret, &[b"countersign 1 ", label])
}

/// HMAC-SHA256.
pub fn mac(key: &[u8], message: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    message.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
