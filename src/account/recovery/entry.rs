//! What a person typed as a recovery code.

use core::fmt;

use zeroize::Zeroize;

use super::format::{GROUP, MOST_GROUPS, RecoveryFormat};
use super::slow_hash::{SALT, slow_hash};
use crate::keys::{Keys, Tag};
use crate::store::RecordKey;

/// The largest number of characters of a code, without dashes.
const LONGEST: usize = GROUP * MOST_GROUPS;

/// A person's entry, held by the call that checks it, and its slow hash once it was needed. Wiped
/// on drop.
///
/// A call decides up to twice on the same entry, before and after it charges the account. The hash
/// is computed once for each set that it meets.
pub(crate) struct RecoveryEntry {
    /// The characters in lower case, followed by zeros.
    symbols: [u8; LONGEST],
    /// 0 if the entry cannot be a code of any format.
    length: u8,
    /// The salt with which the hash was computed.
    salt: [u8; SALT],
    hash: [u8; 32],
    is_hashed: bool,
}

impl RecoveryEntry {
    /// Parses an entry of the characters `a`–`z` and `0`–`9`. Case, spaces and dashes are ignored.
    pub(crate) fn new(entry: &str) -> Self {
        let mut parsed =
            Self { symbols: [0; LONGEST], length: 0, salt: [0; SALT], hash: [0; 32], is_hashed: false };
        parsed.length = parsed.fill(entry).unwrap_or_default();
        parsed
    }

    /// Returns the number of characters, or `None` if there is another one or too many.
    fn fill(&mut self, entry: &str) -> Option<u8> {
        let mut places = self.symbols.iter_mut();
        for byte in entry.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
            let symbol = byte.to_ascii_lowercase();
            (symbol.is_ascii_lowercase() || symbol.is_ascii_digit()).then_some(())?;
            *places.next()? = symbol;
        }
        Some((LONGEST - places.len()) as u8)
    }

    /// Returns whether the entry can be a code of this format.
    pub(super) const fn is_of(&self, format: RecoveryFormat) -> bool {
        self.length as usize == format.symbols()
    }

    /// Returns the tag that a set with this salt, stored under `key`, has for this code.
    pub(super) fn tag(&mut self, keys: &Keys, key: &RecordKey, salt: &[u8; SALT]) -> Tag {
        if !(self.is_hashed && self.salt == *salt) {
            let symbols = self.symbols.get(..usize::from(self.length)).unwrap_or_default();
            slow_hash(symbols, salt, &mut self.hash);
            self.salt = *salt;
            self.is_hashed = true;
        }
        keys.recovery_mac(key, salt, &self.hash)
    }
}

impl Drop for RecoveryEntry {
    fn drop(&mut self) {
        self.symbols.zeroize();
        self.hash.zeroize();
    }
}

impl fmt::Debug for RecoveryEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryEntry(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use subtle::ConstantTimeEq;

    fn typed(entry: &str) -> Option<[u8; LONGEST]> {
        let entry = RecoveryEntry::new(entry);
        (entry.length > 0).then_some(entry.symbols)
    }

    #[test]
    fn ignores_case_spaces_and_dashes() {
        let code = typed("ab3d-efgh-01z9").unwrap();
        assert_eq!(&code[..13], b"ab3defgh01z9\0");
        for entry in ["ab3defgh01z9", "AB3D EFGH 01Z9", " aB3d--eFgH 01z9- ", "a b 3 d e f g h 0 1 z 9"] {
            assert_eq!(typed(entry), Some(code), "{entry}");
        }
    }

    #[test]
    fn belongs_to_the_format_of_its_length() {
        for length in 0..40 {
            let entry = RecoveryEntry::new(&"a".repeat(length));
            for groups in 3..=6 {
                let format = RecoveryFormat::DEFAULT.with_groups(groups).unwrap();
                assert_eq!(entry.is_of(format), length == format.symbols(), "{length}");
            }
        }
    }

    #[test]
    fn rejects_other_characters_and_longer_texts() {
        for entry in [
            "",
            " - ",
            "ab3d-efgh-01z_",
            "ab3d\u{2013}efgh\u{2013}01z9",
            "ab3d\tefgh\t01z9",
            "ab3d\u{a0}efgh 01z9",
            "ａb3defgh01z9",
            "ab3defgh01z9\0",
            "ab3defgh01\u{e9}",
            "\u{212a}b3defgh01z9",
        ] {
            assert!(typed(entry).is_none(), "{entry:?}");
        }
        assert!(typed(&"a".repeat(24)).is_some() && typed(&"a".repeat(25)).is_none());
        assert!(typed(&"a".repeat(1 << 20)).is_none() && typed(&" ".repeat(1 << 20)).is_none());
    }

    #[test]
    fn the_hash_follows_the_salt() {
        let (keys, key) = (Keys::from_secret([7; 32]).unwrap(), RecordKey::from_bytes([3; 16]));
        let once = |salt| RecoveryEntry::new("ab3d-efgh-01z9").tag(&keys, &key, &[salt; SALT]);
        let mut kept = RecoveryEntry::new("AB3DEFGH01Z9");
        for salt in [0, 1, 1, 2, 0] {
            assert!(bool::from(kept.tag(&keys, &key, &[salt; SALT]).ct_eq(&once(salt))), "{salt}");
        }
        assert!(!bool::from(once(1).ct_eq(&once(2))));
    }

    #[test]
    fn debug_hides_the_entry() {
        assert_eq!(format!("{:?}", RecoveryEntry::new("ab3d-efgh-01z9")), "RecoveryEntry(..)");
    }
}
