//! Message authentication codes, truncated to 16 bytes.

use subtle::{Choice, ConstantTimeEq};

/// The first 16 bytes of an HMAC-SHA256. Can only be compared in constant time.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tag([u64; 2]);

impl Tag {
    pub(crate) const LEN: usize = 16;

    pub(crate) fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let number = u128::from_le_bytes(bytes);
        Self([number as u64, (number >> 64) as u64])
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        (u128::from(self.0[0]) | u128::from(self.0[1]) << 64).to_le_bytes()
    }
}

impl ConstantTimeEq for Tag {
    #[inline]
    fn ct_eq(&self, other: &Self) -> Choice {
        ((self.0[0] ^ other.0[0]) | (self.0[1] ^ other.0[1])).ct_eq(&0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_differ_in_one_bit_are_unequal() {
        let tag = Tag::from_bytes([0x5A; 16]);
        assert!(bool::from(tag.ct_eq(&Tag::from_bytes(tag.to_bytes()))));
        for bit in 0..128u32 {
            let other = u128::from_le_bytes(tag.to_bytes()) ^ 1 << bit;
            assert!(!bool::from(tag.ct_eq(&Tag::from_bytes(other.to_le_bytes()))), "bit {bit}");
        }
    }
}
