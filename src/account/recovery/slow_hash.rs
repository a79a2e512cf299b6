//! The slow hash of a recovery code.

use hmac::Hmac;
use sha2::Sha256;

/// Length of the salt, which all codes of a set share.
pub(super) const SALT: usize = 16;

/// Rounds of PBKDF2. The codes are random and of 62 bits or more, so that the hash need not be
/// slower: NIST SP 800-63B-4 §3.1.2.2 asks for a salted password hash below 112 bits.
const ROUNDS: u32 = 1000;

/// Writes PBKDF2-HMAC-SHA256 (RFC 8018 §5.2) of a code without dashes. The result is a secret.
pub(super) fn slow_hash(symbols: &[u8], salt: &[u8; SALT], hash: &mut [u8; 32]) {
    // HMAC takes a key of any length, so this cannot fail. If it did, no code would match.
    let _ = pbkdf2::pbkdf2::<Hmac<Sha256>>(symbols, salt, ROUNDS, hash);
}
