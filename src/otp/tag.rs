//! What a record holds instead of a code.

use subtle::{Choice, ConstantTimeEq};

use super::code::{Code, CodeFormat};
use super::handle::Handle;
use super::purpose::Purpose;
use crate::channel::Channel;
use crate::store::RecordKey;

/// 16 bytes of HMAC-SHA256. Compared in constant time, and in no other way.
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

/// What the tag of a code is computed from, so that it proves nothing anywhere else: another recipient's record,
/// another challenge, another purpose, another channel.
pub(crate) struct TagInput<'a> {
    pub(crate) record: &'a RecordKey,
    pub(crate) handle: &'a Handle,
    pub(crate) purpose: Purpose,
    pub(crate) channel: Channel,
    pub(crate) format: CodeFormat,
    pub(crate) code: &'a Code,
}

impl TagInput<'_> {
    /// Fields of fixed width, so that no two inputs are the same bytes. The code is last: of all of them it alone is a
    /// secret, and is to be wiped ([`CODE`]).
    #[inline]
    pub(crate) fn to_bytes(&self) -> [u8; INPUT_LEN] {
        const VERSION: u8 = 1;
        let mut bytes = [0; INPUT_LEN];
        bytes[0] = VERSION;
        bytes[1..17].copy_from_slice(self.record.as_bytes());
        bytes[17..33].copy_from_slice(self.handle.as_bytes());
        bytes[33..43].copy_from_slice(self.purpose.as_bytes());
        bytes[43] = self.channel.number();
        bytes[44] = self.format.number();
        bytes[CODE].copy_from_slice(self.code.padded());
        bytes
    }
}

/// Where the code stands.
pub(crate) const CODE: core::ops::RangeFrom<usize> = 45..;

/// At most 55 bytes, so that SHA-256 pads them into one block and an HMAC takes two compressions.
const INPUT_LEN: usize = 1 + 16 + 16 + Purpose::LEN + 1 + 1 + 10;
const _: () = assert!(INPUT_LEN <= 55);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_differ_by_any_bit() {
        let tag = Tag::from_bytes([0x5A; 16]);
        assert!(bool::from(tag.ct_eq(&Tag::from_bytes(tag.to_bytes()))));
        for bit in 0..128u32 {
            let other = u128::from_le_bytes(tag.to_bytes()) ^ 1 << bit;
            assert!(!bool::from(tag.ct_eq(&Tag::from_bytes(other.to_le_bytes()))), "bit {bit}");
        }
    }
}
