//! The lanes of a recipient, each with a record of its own.

use core::fmt;

/// The id of a device that has proved a recipient before: 128 random bits, drawn with its first token and kept by
/// those that renew it. No secret: without a token it opens nothing. A host keeps it to list a person's devices and to revoke one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId([u8; 16]);

impl DeviceId {
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

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceId(")?;
        crate::hex::write(f, &self.0)?;
        f.write_str(")")
    }
}

/// A recipient's lane. Strangers and new devices share the common one; a device that has proved the recipient before
/// runs in its own, where no stranger's starts and failures reach it (OWASP, "device cookies").
///
/// A 1 and the device's id, or zeros. Not an enum: what it leaves unwritten would carry whatever the stack had there before,
/// keys included, to wherever a handle is kept.
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
