//! The lanes of a recipient. Each has its own record.

use core::fmt;

/// The id of a device that has verified a recipient before: 128 random bits, drawn with its first
/// token and kept when the token is renewed.
///
/// The id is not a secret: without a token it gives no access. A host stores it to list a person's
/// devices and to revoke one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId([u8; 16]);

impl DeviceId {
    /// Creates an id from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the id's 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceId(")?;
        crate::hex::write(f, &self.0)?;
        f.write_str(")")
    }
}

/// A recipient's lane.
///
/// Strangers and new devices share the common lane. A device that has verified the recipient before
/// has its own, which strangers' starts and failures do not affect (OWASP, "device cookies").
///
/// The bytes are a 1 and the device's id, or zeros. It is not an enum: bytes left unwritten would
/// copy leftover stack contents, keys included, to wherever a handle is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lane([u8; 17]);

impl Lane {
    pub(crate) const COMMON: Self = Self([0; 17]);

    pub(crate) fn of(DeviceId(id): DeviceId) -> Self {
        let mut bytes = [1; 17];
        bytes[1..].copy_from_slice(&id);
        Self(bytes)
    }

    pub(crate) const fn device(&self) -> Option<DeviceId> {
        match self.0 {
            [0, ..] => None,
            [_, id @ ..] => Some(DeviceId(id)),
        }
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 17] {
        &self.0
    }
}
