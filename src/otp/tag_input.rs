//! The input of a code's tag, which a record stores instead of the code.

use super::code::{Code, CodeFormat};
use super::handle::Handle;
use super::purpose::Purpose;
use crate::channel::Channel;
use crate::store::RecordKey;

/// The input of a code's tag. It binds the code to the recipient's record, the challenge, the
/// purpose and the channel, so that the tag proves nothing elsewhere.
pub(crate) struct TagInput<'a> {
    pub(crate) record: &'a RecordKey,
    pub(crate) handle: &'a Handle,
    pub(crate) purpose: Purpose,
    pub(crate) channel: Channel,
    pub(crate) format: CodeFormat,
    pub(crate) code: &'a Code,
}

impl TagInput<'_> {
    /// Encodes the fields at fixed widths, so that no two inputs have the same bytes. The code, the
    /// only secret, is last; it must be wiped after use ([`CODE`]).
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

/// The position of the code in the input.
pub(crate) const CODE: core::ops::RangeFrom<usize> = 45..;

/// At most 55 bytes, so that SHA-256 pads them into one block and an HMAC takes two compressions.
const INPUT_LEN: usize = 1 + 16 + 16 + Purpose::LEN + 1 + 1 + 10;
const _: () = assert!(INPUT_LEN <= 55);
