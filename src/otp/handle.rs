//! Handles: the client's reference to a challenge.

use core::fmt;
use core::str::FromStr;

use subtle::ConstantTimeEq;

use crate::hex;
use crate::keys::{DeviceId, Lane};

/// The handle of a challenge: 128 random bits, and the lane that the challenge runs in. The client
/// that started the challenge receives it, and presents it with the code.
///
/// The handle keeps strangers away from a running challenge, so `Debug` hides it. `Display` and
/// `FromStr` use hexadecimal digits: 32, followed by the 32 of the device's id if the challenge
/// runs in a [device's lane](crate::DeviceToken).
///
/// ```
/// use countersign::Handle;
///
/// let handle: Handle = "000102030405060708090a0b0c0d0e0f".parse()?;
/// assert_eq!(handle.to_string(), "000102030405060708090a0b0c0d0e0f");
/// # Ok::<(), countersign::otp::HandleError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Handle {
    random: [u8; 16],
    lane: Lane,
}

impl Handle {
    /// Creates a handle in the common lane from its 16 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { random: bytes, lane: Lane::COMMON }
    }

    /// Returns the handle's 16 random bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.random
    }

    /// Returns the device in whose lane the challenge runs, or `None` for the common lane.
    #[must_use]
    pub const fn device(&self) -> Option<DeviceId> {
        self.lane.device()
    }

    pub(crate) const fn lane(&self) -> Lane {
        self.lane
    }

    /// Sets the lane. A record does not contain its lane, so the handle in it has none.
    pub(crate) const fn in_lane(self, lane: Lane) -> Self {
        Self { lane, ..self }
    }

    /// Returns whether both handles name the same challenge of one record, in constant time. All
    /// differing bits are compared with zero as one number; byte by byte it would take a fifteenth
    /// of the HMAC of a check.
    #[inline]
    pub(crate) fn is_same_in_record(&self, other: &Self) -> bool {
        let differing = u128::from_ne_bytes(self.random) ^ u128::from_ne_bytes(other.random);
        (differing as u64 | (differing >> 64) as u64).ct_eq(&0).into()
    }
}

/// Constant-time, except for the lane, which is not a secret.
impl PartialEq for Handle {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.is_same_in_record(other) && self.lane == other.lane
    }
}

impl Eq for Handle {}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.random)?;
        self.lane.device().map_or(Ok(()), |id| hex::write(f, id.as_bytes()))
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
        let (random, device) = text.split_at_checked(32).ok_or(HandleError)?;
        let lane = match device {
            "" => Lane::COMMON,
            device => Lane::of(DeviceId::from_bytes(hex::read(device).ok_or(HandleError)?)),
        };
        Ok(Self { random: hex::read(random).ok_or(HandleError)?, lane })
    }
}

/// The text is not a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandleError;

impl HandleError {
    /// The error's name in the APIs of hosted passcode providers.
    pub const WIRE_NAME: &'static str = "invalid_method_id";
}

impl fmt::Display for HandleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a handle: expected 32 or 64 hexadecimal digits")
    }
}

impl core::error::Error for HandleError {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::{format, string::ToString};

    #[test]
    fn handle_text_round_trips_and_rejects_other_text() {
        let handle = Handle::from_bytes([0xA5; 16]);
        let of_device = handle.in_lane(Lane::of(DeviceId::from_bytes([0; 16])));
        for handle in [handle, of_device] {
            assert_eq!(handle.to_string().parse(), Ok(handle));
            assert_eq!(handle.to_string().to_uppercase().parse(), Ok(handle));
            assert_eq!(format!("{handle:?}"), "Handle(..)");
        }
        assert_eq!(of_device.device(), Some(DeviceId::from_bytes([0; 16])));
        for length in (0..80).filter(|length| ![32, 64].contains(length)) {
            assert_eq!("0".repeat(length).parse::<Handle>(), Err(HandleError), "{length} digits");
        }
        for start in ["+", "g", "-"] {
            for text in
                [format!("{start}{}", "0".repeat(31)), format!("{}{start}{}", "0".repeat(32), "0".repeat(31))]
            {
                assert_eq!(text.parse::<Handle>(), Err(HandleError), "{text}");
            }
        }
        assert_eq!("é".repeat(32).parse::<Handle>(), Err(HandleError));
        assert_eq!(("a".repeat(31) + "é").parse::<Handle>(), Err(HandleError));
    }

    #[test]
    fn handles_differ_by_any_bit_and_by_lane() {
        let zero = Handle::from_bytes([0; 16]);
        for bit in 0..128u32 {
            let other = (1u128 << bit).to_be_bytes();
            assert_ne!(Handle::from_bytes(other), zero);
            assert!(!Handle::from_bytes(other).is_same_in_record(&zero));
        }
        let of_device = zero.in_lane(Lane::of(DeviceId::from_bytes([0; 16])));
        assert!(of_device != zero && of_device.is_same_in_record(&zero));
    }
}
