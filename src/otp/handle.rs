//! The handle of a challenge: who has it may check and resend.

use core::fmt;
use core::str::FromStr;

use subtle::ConstantTimeEq;

/// 128 random bits that name a challenge. The client that started it gets them, and shows them with the code.
///
/// It keeps strangers away from a running challenge, so `Debug` hides it. `Display` and `FromStr` have it as 32
/// hexadecimal digits, to be sent to the client and back.
///
/// ```
/// use countersign::Handle;
///
/// let handle: Handle = "000102030405060708090a0b0c0d0e0f".parse()?;
/// assert_eq!(handle.to_string(), "000102030405060708090a0b0c0d0e0f");
/// # Ok::<(), countersign::HandleError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Handle([u8; 16]);

impl Handle {
    /// From its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// In constant time: all bits that differ, as one number that is compared with zero. Byte by byte it would take a
/// fifteenth of the HMAC of a check.
impl PartialEq for Handle {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let differing = u128::from_ne_bytes(self.0) ^ u128::from_ne_bytes(other.0);
        (differing as u64 | (differing >> 64) as u64).ct_eq(&0).into()
    }
}

impl Eq for Handle {}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(..)")
    }
}

impl FromStr for Handle {
    type Err = HandleError;

    fn from_str(text: &str) -> Result<Self, HandleError> {
        let hexadecimal = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| hexadecimal).ok_or(HandleError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

/// A text that is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandleError;

impl HandleError {
    /// The name that clients of passcode APIs know this error by.
    pub const WIRE_NAME: &'static str = "invalid_method_id";
}

impl fmt::Display for HandleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a handle: expected 32 hexadecimal digits")
    }
}

impl core::error::Error for HandleError {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::{format, string::ToString};

    #[test]
    fn text_comes_back_and_what_is_not_a_handle_is_an_error() {
        let handle = Handle::from_bytes([0xA5; 16]);
        assert_eq!(handle.to_string().parse(), Ok(handle));
        assert_eq!(handle.to_string().to_uppercase().parse(), Ok(handle));
        let long = "0".repeat(33);
        for text in ["", "a5", &long, "+0000000000000000000000000000000", "g0000000000000000000000000000000"]
        {
            assert_eq!(text.parse::<Handle>(), Err(HandleError), "{text}");
        }
        assert_eq!(format!("{handle:?}"), "Handle(..)");
    }

    #[test]
    fn one_bit_makes_another_handle() {
        for bit in 0..128u32 {
            let other = Handle::from_bytes((1u128 << bit).to_be_bytes());
            assert_ne!(other, Handle::from_bytes([0; 16]));
        }
    }
}
